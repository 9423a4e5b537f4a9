// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/api.hpp"
#include "daemon/console/desk.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// What the files of the agents' API and the claim page share. Nobody else includes this.
namespace kefu::api {

using ContextPtr = std::shared_ptr<ApiContext const>;
using Action = std::function<net::awaitable<Response>(ContextPtr, Request, std::string agent)>;

struct Route {
    char const* method;
    char const* path;
    Action action;
    Role least = Role::agent;  ///< who may
};

// api_parts.cpp

/// An error of the store, or an agent's action that the conversation does not allow, as problem JSON.
Response failure(Error const& error);

/// A member that is a string; empty when it is absent or something else.
std::string text_in(boost::json::object const& body, std::string_view name);

/// A line for the audit, of now.
AuditEntry audit_entry(ContextPtr const& context, std::string who, std::string action, std::string detail = {});

/// problem() with members of its own.
Response problem_with(int status, std::string_view title, std::string_view detail, boost::json::object more);
/// problem() with a word for programs.
Response problem_because(int status, std::string_view title, std::string_view detail, std::string_view reason);

/// The request's body, or the answer that says what is wrong with it.
std::variant<boost::json::object, Response> read_object(Request const& request);

/// A number in the query, at most `most`; `otherwise` when there is none, or no number above 0.
std::size_t number_of(Request const& request, std::string const& name, std::size_t otherwise, std::size_t most);

/// What was asked about one conversation.
struct Asked {
    boost::json::object body;
    ConversationId conversation;
};
/// The body, or the answer that says what is wrong with it.
std::variant<Asked, Response> read_asked(Request const& request);

/// Everything about a conversation, as `agent` sees it.
boost::json::object conversation_json(ContextPtr const& context, ConversationView const& view, std::string const& agent);

/// Stores what a person did. When it took the conversation over, what the bot has on the wire to the customer is called back, where the platform still can,
/// and waited for, at most 10 s: from the answer on the bot is silent.
net::awaitable<Result<Applied>> apply_act(ContextPtr context, Arrival arrival);

/// Lets `event` happen, which `agent` asked for, and answers with the conversation as it is then: 200, 404, 409, 503.
net::awaitable<Response> happen(ContextPtr context, ConversationId conversation, Event event, std::string agent, std::string_view action);

// api_identify.cpp

/// Who asks, by bearer token or by cookie (then with the CSRF token, when something is to change); or the refusal.
net::awaitable<std::variant<Caller, Response>> identify(ContextPtr context, Request const& request);

// api_sign_in.cpp

/// Signing in and out, the second factor, one-time links. Not through the routes of who is signed in: most of it is for those who are not.
void add_sign_in(Router& router, std::string const& base, ContextPtr context);

// api_people.cpp

/// Who may sign in, as what.
std::vector<Route> people_routes();

// api_operate.cpp

/// One person's data, the log.
std::vector<Route> operate_routes();

// api_view.cpp

/// What the lines mean, and a summary, into `object` of conversation_json().
void add_meaning(boost::json::object& object, ContextPtr const& context, ConversationView const& view);

/// A conversation as one line of a queue.
boost::json::object line_json(ConversationView const& view);

boost::json::object finding_json(std::string_view text, GuardFinding const& finding);

// api_inbox.cpp

/// One page of a queue.
net::awaitable<Response> list_queue(ContextPtr context, Request request, std::string caller);

/// Queues, search, photos, texts to choose from.
std::vector<Route> inbox_routes();

// api_desk.cpp

/// A body with changes of the catalog.
struct Draft {
    boost::json::object body;
    std::vector<CatalogChange> changes;
};
std::variant<Draft, Response> read_draft(Request const& request);

/// 422, with what is wrong with a draft.
Response refuse_draft(boost::json::object more);

/// Errors with their places, as the pages show them.
boost::json::array places_json(Errors const& errors);

/// The catalog as it is, drafts checked and tested.
std::vector<Route> desk_routes();

// api_versions.cpp

/// Keeps what is published, unless it is the newest version already. The value: the version's number.
net::awaitable<Result<std::uint64_t>> record_version(ContextPtr context, std::string who, std::string why, CatalogTexts texts);

/// Publishing, the history, going back.
std::vector<Route> version_routes();

// api_preview.cpp

std::vector<Route> preview_routes();

// api_reports.cpp

/// The owner's mirror, dead letters, the audit.
std::vector<Route> report_routes();

// api_live.cpp

/// The WebSocket. Not through the routes of who is signed in: it looks at Origin too.
void add_live(Router& router, std::string const& base, ContextPtr context);

// api.cpp

boost::json::array pauses_json(std::vector<Pause> const& pauses);

/// Something was stopped or goes on: the pages show it.
net::awaitable<void> tell_pauses(ContextPtr context);

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

/// The highest tier the agent belongs to; the default tier for a person of the console who is no agent of kefud.yaml.
Tier const& tier_of(Settings const& settings, Policy const& policy, std::string_view agent);

/// What the customer was given, and what `tier` may still give.
void add_concessions(boost::json::object& object, Conversation const& conversation, Tier const& tier, Timestamp now);

}  // namespace kefu::api
