// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/strong_id.hpp"
#include "intents/classification.hpp"
#include "replies/effect.hpp"
#include "replies/message.hpp"
#include "replies/orders.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// Everything that can happen to a conversation. decide() answers each.
namespace kefu {

struct MessageReceived {
    Message message;
    Classification meaning;
    bool stale = false;  ///< too old when it reached us to be answered as if it were new (promise 8)
    friend bool operator==(MessageReceived const&, MessageReceived const&) = default;
};

/// The customer took a message back: redact it and drop an answer to it that is not out yet.
struct MessageUnsent {
    MessageId message;
    friend bool operator==(MessageUnsent const&, MessageUnsent const&) = default;
};

/// A button that carries data of ours, not text.
struct ButtonPressed {
    std::string data;
    Message message;  ///< its id, sender, time and reply handle; text is the label when the platform shows one
    friend bool operator==(ButtonPressed const&, ButtonPressed const&) = default;
};

/// A new friend or subscriber; `again` when it is somebody who had left.
struct Followed {
    bool again = false;
    Message message;  ///< carries the reply handle; no text
    friend bool operator==(Followed const&, Followed const&) = default;
};

/// The customer blocked us, or we were put out of the group: nothing can be sent any more.
struct Unreachable {
    std::string why;
    friend bool operator==(Unreachable const&, Unreachable const&) = default;
};

/// Something the platform tells us that needs no decision: members joining, a video played, account events. Journaled and counted.
struct Noted {
    std::string kind;
    friend bool operator==(Noted const&, Noted const&) = default;
};

struct TimerFired {
    std::string name;
    friend bool operator==(TimerFired const&, TimerFired const&) = default;
};

enum class SendOutcome {
    delivered,  ///< the platform took it
    refused,    ///< it never will
    unknown,    ///< it may or may not be out; never repeated blindly
    cancelled,  ///< we took it back before it left: newer message, person took over, unsend, paused
};
inline constexpr std::array<std::string_view, 4> send_outcome_names{"delivered", "refused", "unknown", "cancelled"};

struct SendFinished {
    EffectId effect;
    SendOutcome outcome = SendOutcome::delivered;
    std::string detail;  ///< for people; never customer text
    friend bool operator==(SendFinished const&, SendFinished const&) = default;
};

enum class DeliveryReport { out, received, read, failed };
inline constexpr std::array<std::string_view, 4> delivery_report_names{"out", "received", "read", "failed"};

/// What the platform tells later about a send of ours. Such reports come late, twice and out of order; only those that are news get here.
struct SendReported {
    EffectId effect;  ///< empty: the platform does not say which
    DeliveryReport report = DeliveryReport::out;
    std::string detail;  ///< for people; never customer text
    friend bool operator==(SendReported const&, SendReported const&) = default;
};

/// A send waits because the channel cannot send at all now: a token refused, a quota used up. It is tried again; its end comes as SendFinished.
struct SendHeld {
    EffectId effect;
    std::string why;  ///< for people; never customer text
    friend bool operator==(SendHeld const&, SendHeld const&) = default;
};

enum class AgentAction {
    claim,
    reply,
    hand_back,
    resolve,
    note,
    approve,
    discard,
};
inline constexpr std::array<std::string_view, 7> agent_action_names{"claim", "reply", "hand_back", "resolve", "note", "approve", "discard"};

struct AgentActed {
    AgentAction action = AgentAction::claim;
    std::string agent;
    std::string text;             ///< of a reply or a note; approve: instead of the draft's words, when not empty
    bool override_guard = false;  ///< a reply the guard warned about, sent all the same; logged
    EffectId draft = {};          ///< approve, discard: the one they looked at; empty: whichever there is
    bool elsewhere = false;       ///< done on the platform's own desk or client: it has happened, so nobody objects and a reply is not sent again
    friend bool operator==(AgentActed const&, AgentActed const&) = default;
};

/// The reply that decide() wanted cannot be said: no usable variant, or the guard blocked it. Comes from respond(), never from outside.
struct ReplyUnusable {
    std::string template_id;
    std::string why;
    bool blocked_by_guard = false;
    bool repeated = false;  ///< it would be the same words once too often
    friend bool operator==(ReplyUnusable const&, ReplyUnusable const&) = default;
};

/// What the bot would say on a channel where a person approves each answer. Comes from respond(), never from outside.
struct DraftWritten {
    Send send;
    friend bool operator==(DraftWritten const&, DraftWritten const&) = default;
};

struct ProfileLearned {
    std::string display_name;
    std::string language;  ///< BCP 47 as the platform says; may be empty
    friend bool operator==(ProfileLearned const&, ProfileLearned const&) = default;
};

/// A photo or file is in the media folder.
struct MediaStored {
    MessageId message;
    std::string file;  ///< relative to the media folder; empty: it could not be fetched, see `why`
    std::string content_type;
    std::string why;
    friend bool operator==(MediaStored const&, MediaStored const&) = default;
};

/// What the shop's system says about an order: the answer to LookUpOrder.
struct OrderLookedUp {
    std::string order;  ///< as asked; empty: by customer
    LookupOutcome outcome = LookupOutcome::failed;
    std::string found;                ///< the order's number; by customer it is news
    Arguments facts;                  ///< by the names of order_fields
    bool linked = false;              ///< it is known to belong to this customer
    std::vector<std::string> proofs;  ///< see OrderState
    std::string why;                  ///< failed: for people
    friend bool operator==(OrderLookedUp const&, OrderLookedUp const&) = default;
};

/// Whose turn it is: the answer to Assign.
struct Assigned {
    std::string tier;   ///< as asked
    std::string agent;  ///< empty: nobody is there who could
    friend bool operator==(Assigned const&, Assigned const&) = default;
};

/// Somebody is there who was away, or has room again: who waits and was given to nobody is given anew.
struct AgentCame {
    std::string agent;
    friend bool operator==(AgentCame const&, AgentCame const&) = default;
};

/// An agent gives the conversation to a colleague.
struct AgentAssigned {
    std::string agent;  ///< who gives it
    std::string to;
    std::string why;
    friend bool operator==(AgentAssigned const&, AgentAssigned const&) = default;
};

/// An agent gave the customer something beyond what was owed.
struct AgentConceded {
    std::string agent;
    std::string tier;  ///< whose authority counts: the highest the agent belongs to
    std::string kind;  ///< of concession_kinds
    double amount = 0;
    std::string currency;  ///< ISO 4217
    std::string why;
    std::optional<double> per_order;  ///< the most that tier may give for one order, in that currency; nothing: no limit
    std::optional<double> per_day;    ///< the most to one customer in 24 hours
    std::string above;                ///< the tier that may decide about it otherwise
    friend bool operator==(AgentConceded const&, AgentConceded const&) = default;
};

/// An agent marks the customer: playbooks may ask for it.
struct AgentTagged {
    std::string agent;
    std::vector<std::string> add;
    std::vector<std::string> remove;
    friend bool operator==(AgentTagged const&, AgentTagged const&) = default;
};

using Event =
    std::variant<MessageReceived, MessageUnsent, ButtonPressed, Followed, Unreachable, Noted, TimerFired, SendFinished, SendHeld, AgentActed, ReplyUnusable,
                 DraftWritten, ProfileLearned, MediaStored, OrderLookedUp, Assigned, AgentCame, AgentAssigned, AgentConceded, AgentTagged, SendReported>;

/// "message_received", "timer_fired", ...: the event's name in the journal and in logs.
std::string_view event_name(Event const& event);

/// An agent asks for it: refused, and nothing happens, when the conversation does not allow it. See objection_to().
bool is_by_agent(Event const& event);

}  // namespace kefu
