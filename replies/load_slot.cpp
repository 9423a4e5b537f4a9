// SPDX-License-Identifier: Apache-2.0
#include "replies/load_slot.hpp"

#include "config/suggest.hpp"
#include "intents/normalize.hpp"
#include "replies/words.hpp"

#include <utility>
#include <vector>

namespace kefu {

namespace {

constexpr std::array<std::string_view, 5> slot_types{"text", "number", "yes_no", "choice", "address"};

/// Of a choice, and of a yes_no beside the packs' yes and no.
void read_choices(yaml::Object& object, yaml::Value const& value, Slot& slot, Errors& errors) {
    if (auto const choices = object.get("choices")) {
        for (auto const& [choice, place, words] : choices->entries(errors)) {
            auto& folded = slot.choices[choice];
            for (auto const& word : words.strings(errors)) {
                auto text = wanted_words(word);
                if (text.empty()) errors.push_back(words.error("a word is empty"));
                if (!text.empty()) folded.push_back(std::move(text));
            }
            if (slot.type == Slot::Type::yes_no && choice != "yes" && choice != "no")
                errors.push_back({Errc::bad_config, "the choices of a yes_no slot are yes and no", place});
        }
    } else if (slot.type == Slot::Type::choice) {
        errors.push_back(value.error("a choice needs 'choices': value → words that mean it"));
    }
    auto const read_words = [&](std::string_view key, std::vector<std::string>& words, auto fold) {
        auto const list = object.get(key);
        if (!list) return;
        if (slot.choices.empty()) errors.push_back(list->error("'" + std::string{key} + "' needs 'choices'"));
        for (auto const& word : list->strings(errors)) words.push_back(fold(word));
        std::erase(words, std::string{});
    };
    read_words("named_by", slot.named_by, wanted_words);
    read_words("not_only", slot.not_only, [](std::string const& word) { return normalize(word).text; });  // looked for where marks still end phrases
    if (auto const confirms = object.get("confirms")) {
        if (slot.type != Slot::Type::yes_no) errors.push_back(confirms->error("'confirms' is for slots of type yes_no"));
        slot.confirms = confirms->boolean(errors).value_or(false);
    }
}

/// Of what is kept as it was said.
void read_hearing(yaml::Object& object, Slot& slot, Errors& errors) {
    bool const is_free = slot.type == Slot::Type::text || slot.type == Slot::Type::address;
    if (auto const kinds = object.get("heard_in")) {
        if (!is_free) errors.push_back(kinds->error("'heard_in' is for slots of type text and address"));
        for (auto const& kind : kinds->strings(errors)) {
            if (auto const known = entity_kind_from_string(kind))
                slot.heard_in.push_back(*known);
            else
                errors.push_back(kinds->error("'" + kind + "' is nothing that is recognised in a message" +
                                              did_you_mean(kind, std::vector<std::string>{entity_kind_names.begin(), entity_kind_names.end()})));
        }
    }
    if (auto const words = object.get("lead_in")) {
        if (!is_free) errors.push_back(words->error("'lead_in' is for slots of type text and address"));
        slot.lead_in = words->strings(errors);
        std::erase(slot.lead_in, std::string{});
    }
}

}  // namespace

Slot read_slot(yaml::Value const& value, Errors& errors) {
    Slot slot;
    yaml::Object object{value, errors};
    if (auto const type = object.require("type")) slot.type = static_cast<Slot::Type>(one_of(*type, slot_types, errors));
    read_choices(object, value, slot, errors);
    read_hearing(object, slot, errors);
    object.finish();
    return slot;
}

}  // namespace kefu
