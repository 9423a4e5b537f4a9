// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"

#include <memory>
#include <string_view>
#include <utility>

/// The text of a YAML file, before and beside yaml-cpp. Only yaml_parse.cpp includes this.
namespace kefu::yaml {

/// Turns offsets and yaml-cpp's marks into places as editors show them.
class Places {
  public:
    Places(std::string_view text, std::string file);

    std::shared_ptr<std::string const> file() const { return file_; }

    /// The byte that yaml-cpp means: it counts from 0 and columns in bytes. Its "nowhere" (-1, -1) is the beginning.
    std::size_t offset(int line, int column) const;

    /// Line and column, from 1, of a byte; the column in code points.
    std::pair<int, int> at_offset(std::size_t offset);

    Error error(std::pair<int, int> place, std::string message) const;

  private:
    std::string_view text_;
    std::shared_ptr<std::string const> file_;
    std::vector<std::size_t> line_starts_;
    std::size_t counted_to_ = 0;
    int characters_ = 0;
};

/// What yaml-cpp lets pass: bytes that are not UTF-8, control characters (U+0004 ends the file for it), tabs that indent, directives.
std::optional<Error> check_characters(std::string_view text, Places& places);

/// Where the quoted text that begins at `at` ends, behind the closing quote; nothing when it is not closed.
std::optional<std::size_t> end_of_quoted(std::string_view text, std::size_t at);

/// The first byte from `at` on that is not white space.
std::size_t skip_spaces(std::string_view text, std::size_t at);

}  // namespace kefu::yaml
