// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Checked reading of the YAML that operators write. Every error has file:line:column, says what was expected, and reading
/// goes on, so that one run reports everything. Closes yaml-cpp's holes: duplicate keys, unknown keys, octal numbers,
/// tabs, byte columns. Not thread-safe; values share ownership of the parsed document.
namespace kefu::yaml {

class Value;

/// Parses one document. Nothing (and an error) when it is not YAML, not UTF-8, has duplicate keys, or is deeper than 32.
std::optional<Value> parse(std::string_view text, std::string file, Errors& errors);

/// One node with its place. Cheap to copy.
class Value {
  public:
    enum class Kind { null, scalar, sequence, map };
    struct Entry;

    Kind kind() const;
    SourceLocation where() const;
    /// An error at this place.
    Error error(std::string message) const;

    /// Each reads the value as one type, or adds an error and gives nothing.
    std::optional<std::string> string(Errors& errors) const;
    std::optional<bool> boolean(Errors& errors) const;                                                 ///< true or false only; `yes` and `on` are errors
    std::optional<std::int64_t> integer(Errors& errors, std::int64_t least, std::int64_t most) const;  ///< decimal only
    std::optional<double> number(Errors& errors, double least, double most) const;
    std::optional<std::chrono::milliseconds> duration(Errors& errors) const;  ///< "250ms", "2s", "10m", "3h", "7d", in quotes too; a bare 0
    std::optional<std::uint64_t> bytes(Errors& errors) const;                 ///< "64KiB", "1MiB", "2GiB", in quotes too, or a bare number
    std::vector<Value> items(Errors& errors) const;                           ///< a sequence
    std::vector<std::string> strings(Errors& errors) const;                   ///< a sequence of strings
    std::vector<Entry> entries(Errors& errors) const;                         ///< a map with free keys, in file order

    struct Data;  // yaml-cpp stays in the .cpp
    explicit Value(std::shared_ptr<Data const> node) : node_(std::move(node)) {}

  private:
    std::shared_ptr<Data const> node_;
};

struct Value::Entry {
    std::string key;
    SourceLocation key_where;
    Value value;
};

/// A map with known keys. Ask for each key once, then `finish()`: keys nobody asked for are errors with a suggestion.
class Object {
  public:
    /// Adds an error (and has no keys) when `value` is not a map.
    Object(Value value, Errors& errors);

    /// The value under `key`; nothing when absent or null.
    std::optional<Value> get(std::string_view key);
    /// The same, but absence is an error.
    std::optional<Value> require(std::string_view key);
    /// Reports unknown keys. Call it once, after the last get().
    void finish();

    SourceLocation where() const { return value_.where(); }

  private:
    Value value_;
    Errors& errors_;
    std::vector<Value::Entry> entries_;
    std::vector<std::string> asked_;
};

}  // namespace kefu::yaml
