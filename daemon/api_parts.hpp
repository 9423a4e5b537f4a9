// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/api.hpp"

#include <boost/json/object.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// What the files of the agents' API share. Nobody else includes this.
namespace kefu::api {

using ContextPtr = std::shared_ptr<ApiContext const>;
using Action = std::function<net::awaitable<Response>(ContextPtr, Request, std::string agent)>;

struct Route {
    char const* method;
    char const* path;
    Action action;
};

// api_parts.cpp

/// An error of the store, or an agent's action that the conversation does not allow, as problem JSON.
Response failure(Error const& error);

/// A member that is a string; empty when it is absent or something else.
std::string text_in(boost::json::object const& body, std::string_view name);

/// What was asked about one conversation.
struct Asked {
    boost::json::object body;
    ConversationId conversation;
};
/// The body, or the answer that says what is wrong with it.
std::variant<Asked, Response> read_asked(Request const& request);

/// Everything about a conversation, as `agent` sees it.
boost::json::object conversation_json(ContextPtr const& context, ConversationView const& view, std::string const& agent);

/// Lets `event` happen, which `agent` asked for, and answers with the conversation as it is then: 200, 404, 409, 503.
net::awaitable<Response> happen(ContextPtr context, ConversationId conversation, Event event, std::string agent, std::string_view action);

// api_team.cpp

/// Who is there, whose turn it is.
std::vector<Route> team_routes();

/// They have room: who waits, fits and was given to nobody is given anew, as many as they can take, the angriest first. Nothing when they are away.
net::awaitable<void> give_waiting_to(ContextPtr context, std::string agent);

// api_channels.cpp

/// How the channels are.
std::vector<Route> channel_routes();

// api_case.cpp

/// Concessions and tags.
std::vector<Route> case_routes();

/// The highest tier the agent belongs to.
Tier const& tier_of(Settings const& settings, Policy const& policy, std::string_view agent);

/// What the customer was given, and what `tier` may still give.
void add_concessions(boost::json::object& object, Conversation const& conversation, Tier const& tier, Timestamp now);

}  // namespace kefu::api
