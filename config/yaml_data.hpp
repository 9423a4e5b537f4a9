// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/yaml.hpp"

/// What yaml_parse.cpp builds and yaml.cpp reads. Nobody else includes this.
namespace kefu::yaml {

struct Value::Data {
    Kind kind = Kind::null;
    std::string text;     ///< scalar: as written, escapes resolved
    bool quoted = false;  ///< scalar: in quotes or a block (| >), so never a number or a boolean
    std::vector<Value> items;
    std::vector<Entry> entries;

    std::shared_ptr<std::string const> file;
    int line = 0;
    int column = 0;

    std::size_t weight = 1;  ///< values in it, aliases written out
    std::size_t depth = 0;   ///< lists and maps inside each other, itself included
};

}  // namespace kefu::yaml
