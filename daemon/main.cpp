// SPDX-License-Identifier: Apache-2.0
#include "daemon/cli.hpp"

#include <cstdio>
#include <exception>

int main(int argc, char** argv) {
    try {
        return kefu::run_command_line(argc, argv);
    } catch (std::exception const& error) {
        std::fprintf(stderr, "kefud: %s\n", error.what());
        return 3;
    }
}
