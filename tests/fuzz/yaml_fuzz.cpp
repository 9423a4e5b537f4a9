// SPDX-License-Identifier: Apache-2.0
// Any bytes as an operator's file: no crash, no hang, no error without a place in the file, nothing both read and refused.
#include "config/load_settings.hpp"
#include "config/yaml.hpp"
#include "replies/load_hours.hpp"
#include "replies/playbook.hpp"
#include "replies/policy.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>

namespace {

using kefu::Errors;
using kefu::yaml::Value;

void require(bool holds) {
    if (!holds) std::abort();
}

void read_everything(Value const& value, Errors& errors) {
    require(value.where().line > 0 && value.where().column > 0);
    (void)value.string(errors);
    (void)value.boolean(errors);
    (void)value.integer(errors, std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max());
    (void)value.number(errors, 0, 1);
    (void)value.duration(errors);
    (void)value.bytes(errors);
    (void)value.strings(errors);
    for (auto const& item : value.items(errors)) read_everything(item, errors);
    for (auto const& entry : value.entries(errors)) {
        require(entry.key_where.line > 0 && entry.key_where.column > 0);
        read_everything(entry.value, errors);
    }
    errors.clear();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const text{reinterpret_cast<char const*>(data), size};
    Errors errors;
    auto const document = kefu::yaml::parse(text, "fuzz.yaml", errors);
    require(document.has_value() == errors.empty());
    for (auto const& error : errors) require(error.where && error.where->line > 0 && error.where->column > 0 && !error.message.empty());
    if (document) read_everything(*document, errors);

    auto const settings = kefu::load_settings(text, "fuzz.yaml", [](std::string_view) { return kefu::Result<std::string>{std::string{"secret"}}; });
    if (!settings) {
        require(!settings.error().empty());
        for (auto const& error : settings.error()) require(error.where && error.where->line > 0);
    }
    kefu::SourceText const file{"fuzz.yaml", std::string{text}};
    auto const names_its_places = [](auto const& loaded) {
        if (loaded) return;
        require(!loaded.error().empty());
        for (auto const& error : loaded.error()) require(error.where && error.where->line > 0);
    };
    names_its_places(kefu::load_playbooks({file}, {}, kefu::slot_names({file}), nullptr));
    names_its_places(kefu::load_calendars({file}));
    names_its_places(kefu::load_policy(file, kefu::PolicyParts{}));
    return 0;
}
