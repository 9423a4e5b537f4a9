// SPDX-License-Identifier: Apache-2.0
#include "daemon/embedded.hpp"

#include "externs.inc"

namespace kefu {

namespace {

struct Entry {
    char const* name;
    char const* begin;
    char const* end;
};

Entry const entries[] = {
#include "files.inc"
};

}  // namespace

std::vector<EmbeddedFile> const& embedded_files() {
    static std::vector<EmbeddedFile> const files = [] {
        std::vector<EmbeddedFile> list;
        for (auto const& entry : entries) list.push_back({entry.name, {entry.begin, static_cast<std::size_t>(entry.end - entry.begin)}});
        return list;
    }();
    return files;
}

}  // namespace kefu
