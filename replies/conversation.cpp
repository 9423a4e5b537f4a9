// SPDX-License-Identifier: Apache-2.0
#include "replies/conversation.hpp"

#include <algorithm>

namespace kefu {

std::string_view to_string(Owner owner) { return owner_names[static_cast<std::size_t>(owner)]; }

std::optional<Owner> owner_from_string(std::string_view name) {
    auto const found = std::find(owner_names.begin(), owner_names.end(), name);
    if (found == owner_names.end()) return std::nullopt;
    return static_cast<Owner>(found - owner_names.begin());
}

std::string case_name(Conversation const& conversation) {
    // FNV-1a: the same on every machine and in every version, which std::hash is not.
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (char const c : conversation.id.value) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    static constexpr std::string_view letters = "BCDFGHJKLMNPQRSTVWXZ";  // no vowels: it spells no words
    std::string name;
    for (int i = 0; i < 6; ++i, hash /= letters.size()) name += letters[hash % letters.size()];
    return name + '-' + std::to_string(std::max<std::uint64_t>(conversation.open.number, 1));
}

bool is_with_team(Conversation const& conversation) { return conversation.owner == Owner::person && conversation.agent.starts_with(team_prefix); }

void close_case(Conversation& conversation) {
    auto const number = conversation.open.number;
    conversation.open = Case{};
    conversation.open.number = number;
}

}  // namespace kefu
