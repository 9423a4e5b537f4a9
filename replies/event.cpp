// SPDX-License-Identifier: Apache-2.0
#include "replies/event.hpp"

#include <array>

namespace kefu {

std::string_view event_name(Event const& event) {
    static constexpr std::array<std::string_view, std::variant_size_v<Event>> names{
        "message_received", "message_unsent", "button_pressed", "followed",      "unreachable",     "noted",        "timer_fired",     "send_finished",
        "send_held",        "agent_acted",    "reply_unusable", "draft_written", "profile_learned", "media_stored", "order_looked_up", "send_reported"};
    return names[event.index()];
}

}  // namespace kefu
