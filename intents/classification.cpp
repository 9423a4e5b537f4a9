// SPDX-License-Identifier: Apache-2.0
#include "intents/classification.hpp"

#include <algorithm>

namespace kefu {
namespace {

template <class Enum, std::size_t size>
std::optional<Enum> find_name(std::array<std::string_view, size> const& names, std::string_view name) {
    auto const found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) return std::nullopt;
    return static_cast<Enum>(found - names.begin());
}

}  // namespace

std::string_view to_string(Label label) { return label_names[static_cast<std::size_t>(label)]; }
std::optional<Label> label_from_string(std::string_view name) { return find_name<Label>(label_names, name); }

std::string_view to_string(AngerKind kind) { return anger_kind_names[static_cast<std::size_t>(kind)]; }
std::optional<AngerKind> anger_kind_from_string(std::string_view name) { return find_name<AngerKind>(anger_kind_names, name); }

std::string_view to_string(EntityKind kind) { return entity_kind_names[static_cast<std::size_t>(kind)]; }
std::optional<EntityKind> entity_kind_from_string(std::string_view name) { return find_name<EntityKind>(entity_kind_names, name); }

bool is_threat(AngerKind kind) {
    switch (kind) {
        case AngerKind::threat_agency:
        case AngerKind::threat_media:
        case AngerKind::threat_legal:
        case AngerKind::threat_review:
        case AngerKind::extortion:
            return true;
        case AngerKind::insult:
        case AngerKind::profanity:
        case AngerKind::sarcasm:
        case AngerKind::fraud_accusation:
        case AngerKind::intensity:
            return false;
    }
    return false;
}

bool Classification::has(Label label) const { return std::find(labels.begin(), labels.end(), label) != labels.end(); }

double Classification::topic(std::string_view name) const {
    auto const found = std::find_if(topics.begin(), topics.end(), [&](TopicScore const& topic) { return topic.name == name; });
    return found == topics.end() ? 0 : found->score;
}

std::optional<std::string> Classification::entity(EntityKind kind) const {
    auto const found = std::find_if(entities.begin(), entities.end(), [&](Entity const& entity) { return entity.kind == kind; });
    return found == entities.end() ? std::nullopt : std::optional{found->value};
}

}  // namespace kefu
