// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/yaml.hpp"
#include "replies/playbook.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

/// Slots of playbooks, from YAML. Private to load_playbook.cpp and load_slot.cpp.
namespace kefu {

/// A slot as replies/README.md describes it. What is wrong goes into `errors`, with its place.
Slot read_slot(yaml::Value const& value, Errors& errors);

/// The place of a name in a list, or an error that names them all.
template <std::size_t N>
std::size_t one_of(yaml::Value const& value, std::array<std::string_view, N> const& names, Errors& errors) {
    auto const text = value.string(errors);
    if (!text) return 0;
    auto const found = std::find(names.begin(), names.end(), *text);
    if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
    std::string all;
    for (auto const name : names) all += (all.empty() ? "" : ", ") + std::string{name};
    errors.push_back(value.error("expected one of " + all));
    return 0;
}

}  // namespace kefu
