// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/support/source_dir.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace kefu {

/// The folder with specs/ and data/ (KEFUD_TEST_DATA, else ../shared beside the tree); empty in a plain clone.
inline std::filesystem::path shared_data() {
    char const* given = std::getenv("KEFUD_TEST_DATA");
    std::filesystem::path folder = given != nullptr ? std::filesystem::path{given} : source_dir() / ".." / "shared";
    return std::filesystem::exists(folder / "specs") ? folder : std::filesystem::path{};
}

inline std::string read_text(std::filesystem::path const& path) {
    std::ifstream in{path, std::ios::binary};
    std::ostringstream text;
    text << in.rdbuf();
    return std::move(text).str();
}

inline std::vector<boost::json::object> json_lines(std::filesystem::path const& path) {
    std::vector<boost::json::object> lines;
    std::istringstream in{read_text(path)};
    for (std::string line; std::getline(in, line);)
        if (!line.empty()) lines.push_back(boost::json::parse(line).as_object());
    return lines;
}

}  // namespace kefu

/// Skips the test and says why when the shared samples are not there.
#define KEFUD_NEEDS_SHARED_DATA() \
    if (kefu::shared_data().empty()) GTEST_SKIP() << "set KEFUD_TEST_DATA to the folder with specs/ to run this"
