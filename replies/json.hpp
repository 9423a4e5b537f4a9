// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "replies/conversation.hpp"
#include "replies/effect.hpp"
#include "replies/event.hpp"

#include <boost/json/value.hpp>

#include <string>
#include <string_view>

/// Conversations, events and effects as JSON: what the store keeps and `simulate` prints. Reading is lenient forwards and backwards:
/// unknown members are ignored, absent ones keep their default; a wrong type is bad_payload naming the member.
/// Moments are milliseconds since 1970. Conversations and events leave out what has its default value, the others write everything.
namespace kefu {

std::string to_json_text(Classification const& value);
std::string to_json_text(Conversation const& value);
std::string to_json_text(Event const& value);   // {"type":"message_received",...}
std::string to_json_text(Effect const& value);  // {"type":"send",...}
std::string to_json_text(OutboundMessage const& value);
std::string to_json_text(Escalate const& value);

/// The same as trees, for whoever builds something larger of them.
boost::json::value to_json(Classification const& value);
boost::json::value to_json(Conversation const& value);
boost::json::value to_json(Event const& value);
boost::json::value to_json(Effect const& value);
boost::json::value to_json(OutboundMessage const& value);
boost::json::value to_json(Escalate const& value);

Result<Conversation> conversation_from_json(boost::json::value const& value);
Result<Event> event_from_json(boost::json::value const& value);
Result<Effect> effect_from_json(boost::json::value const& value);

}  // namespace kefu
