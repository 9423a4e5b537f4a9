// SPDX-License-Identifier: Apache-2.0
#include "replies/effect.hpp"

namespace kefu {

std::string_view effect_name(Effect const& effect) {
    static constexpr std::array<std::string_view, std::variant_size_v<Effect>> names{
        "reply",         "send",        "escalate",      "close_escalation", "set_timer", "cancel_timer", "cancel_sends", "redact_message",
        "fetch_profile", "fetch_media", "look_up_order", "assign",           "concede",   "tell_agents",  "audit"};
    return names[effect.index()];
}

}  // namespace kefu
