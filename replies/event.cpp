// SPDX-License-Identifier: Apache-2.0
#include "replies/event.hpp"

#include <array>

namespace kefu {

std::string_view event_name(Event const& event) {
    static constexpr std::array<std::string_view, std::variant_size_v<Event>> names{
        "message_received", "message_unsent", "button_pressed", "followed",       "unreachable",    "noted",           "timer_fired",
        "send_finished",    "send_held",      "agent_acted",    "reply_unusable", "draft_written",  "profile_learned", "media_stored",
        "order_looked_up",  "assigned",       "agent_came",     "agent_assigned", "agent_conceded", "agent_tagged",    "send_reported"};
    return names[event.index()];
}

bool is_by_agent(Event const& event) {
    return std::holds_alternative<AgentActed>(event) || std::holds_alternative<AgentAssigned>(event) || std::holds_alternative<AgentConceded>(event) ||
           std::holds_alternative<AgentTagged>(event);
}

}  // namespace kefu
