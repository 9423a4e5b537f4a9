// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/strong_id.hpp"
#include "config/base/timestamp.hpp"
#include "replies/message.hpp"
#include "replies/template.hpp"

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// Everything decide() can ask for. The store carries out timers, cancels and records in the same transaction; the rest goes to the outbox.
namespace kefu {

enum class SendPurpose {
    answer,   ///< counts against the loop limits
    reask,    ///< the same question again, in other words; counts once with its first
    holding,  ///< "a colleague answers by ...", off hours, backlog: does not count
    agent,    ///< a person wrote it
};
inline constexpr std::array<std::string_view, 4> send_purpose_names{"answer", "reask", "holding", "agent"};

/// Say this template. respond() renders it and puts a Send in its place.
struct Reply {
    std::string template_id;
    Arguments arguments;
    SendPurpose purpose = SendPurpose::answer;
    friend bool operator==(Reply const&, Reply const&) = default;
};

/// Ready to go out. At most one per decision: several bubbles travel together (LINE: one reply token, up to five bubbles).
struct Send {
    EffectId id;
    std::vector<OutboundMessage> messages;
    std::vector<std::string> templates;  ///< what it was made from, for history and simulate; empty for an agent's own words
    SendPurpose purpose = SendPurpose::answer;
    std::string language;
    std::string by;            ///< "bot" or the agent's name
    std::string reply_handle;  ///< the newest unused one; empty: push
    Timestamp handle_at;
    Timestamp decided_at{};           ///< a bot's answer that waited too long since (pause, downtime) is not sent any more
    MessageId answers = {};           ///< the newest of the messages it answers; empty: none
    Timestamp customer_wrote_at{};    ///< their newest message then: some platforms close to us a day after it
    std::uint64_t knows_message = 0;  ///< Conversation::received when it was decided; an older answer than the newest message is not sent
    friend bool operator==(Send const&, Send const&) = default;
};

/// Hand over to people. Carries all an agent needs (scenarios.md, "For the team").
struct Escalate {
    std::string reason;   ///< abuse, threat_agency, threat_media, threat_legal, threat_review, extortion, repeated_failure, asks_human, money_above_authority,
                          ///< safety, privacy, or what the rule says
    std::string tier;     ///< presale, insale, aftersale, review_desk, supervisor, manager
    bool urgent = false;  ///< page the people on call also outside hours
    std::string topic;
    std::string summary;  ///< in plain words, no customer text: "angry 0.9 · wants: tracking, refund · order 8842"
    std::vector<Evidence> evidence;
    std::string quote;    ///< the customer's message, as written
    Timestamp answer_by;  ///< the deadline promised to the customer
    friend bool operator==(Escalate const&, Escalate const&) = default;
};

/// People need not look any more: resolved, or handed back.
struct CloseEscalation {
    std::string why;
    friend bool operator==(CloseEscalation const&, CloseEscalation const&) = default;
};

/// Sets or moves the conversation's timer of that name.
struct SetTimer {
    std::string name;
    Timestamp due;
    friend bool operator==(SetTimer const&, SetTimer const&) = default;
};

struct CancelTimer {
    std::string name;
    friend bool operator==(CancelTimer const&, CancelTimer const&) = default;
};

/// Takes back every send of this conversation by the bot that has not left; each comes back as SendFinished{cancelled} in the same transaction.
struct CancelSends {
    std::string why;
    friend bool operator==(CancelSends const&, CancelSends const&) = default;
};

/// Removes a message's text and files from the journal for good.
struct RedactMessage {
    MessageId message;
    friend bool operator==(RedactMessage const&, RedactMessage const&) = default;
};

struct FetchProfile {
    std::string sender;
    friend bool operator==(FetchProfile const&, FetchProfile const&) = default;
};

struct FetchMedia {
    MessageId message;
    Attachment attachment;
    friend bool operator==(FetchMedia const&, FetchMedia const&) = default;
};

/// Ask the shop's system; the answer comes as OrderLookedUp. `order` empty: whichever order belongs to this customer, when it is just one.
struct LookUpOrder {
    std::string order;
    std::string customer;  ///< the platform's user id
    friend bool operator==(LookUpOrder const&, LookUpOrder const&) = default;
};

/// Name one of the people who are there: of that tier, who answers that language. The answer comes as Assigned.
struct Assign {
    std::string tier;
    std::string language;             ///< BCP 47; empty: not known
    std::vector<std::string> except;  ///< who was asked already and did not react
    friend bool operator==(Assign const&, Assign const&) = default;
};

/// Something was given to the customer beyond what was owed. Recorded with its reason and its cost.
struct Concede {
    std::string kind;  ///< gift, free_shipping, coupon, partial_refund, keep_item, ...
    double amount = 0;
    std::string currency;
    std::string why;
    std::string by;  ///< "bot" or the agent
    friend bool operator==(Concede const&, Concede const&) = default;
};

/// Tell people about something that is not a new escalation: a message taken back, an unknown outcome, a customer writing again.
struct TellAgents {
    std::string what;
    friend bool operator==(TellAgents const&, TellAgents const&) = default;
};

/// A line in the audit log: who did what and why. No customer text.
struct Audit {
    std::string action;
    std::string by;
    std::string detail;
    friend bool operator==(Audit const&, Audit const&) = default;
};

using Effect = std::variant<Reply, Send, Escalate, CloseEscalation, SetTimer, CancelTimer, CancelSends, RedactMessage, FetchProfile, FetchMedia, LookUpOrder,
                            Assign, Concede, TellAgents, Audit>;

std::string_view effect_name(Effect const& effect);

}  // namespace kefu
