// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "replies/conversation.hpp"
#include "replies/effect.hpp"
#include "replies/event.hpp"

#include <boost/describe.hpp>

#include <array>
#include <string_view>

/// The members of every struct that is written as JSON. A new member of one of them needs its name here, or it is lost on disk:
/// tests/replies/json_test.cpp fills every member and compares.
namespace kefu {

BOOST_DESCRIBE_STRUCT(Anger, (), (level, kinds))
BOOST_DESCRIBE_STRUCT(TopicScore, (), (name, score))
BOOST_DESCRIBE_STRUCT(Evidence, (), (start_byte, end_byte, rule, topic))
BOOST_DESCRIBE_STRUCT(Entity, (), (kind, value, start_byte, end_byte))
BOOST_DESCRIBE_STRUCT(Classification, (), (language, labels, scores, topics, anger, entities, evidence))

BOOST_DESCRIBE_STRUCT(Attachment, (), (kind, platform_id, url, file_name))
BOOST_DESCRIBE_STRUCT(Message, (),
                      (id, sender, sender_name, sender_language, text, attachments, sent_at, sequence, of_album, addressed, only_context, standby, reply_handle,
                       handle_at))
BOOST_DESCRIBE_STRUCT(QuickReply, (), (label, text))
BOOST_DESCRIBE_STRUCT(Sticker, (), (package_id, sticker_id))
BOOST_DESCRIBE_STRUCT(Image, (), (url, preview_url))
BOOST_DESCRIBE_STRUCT(Card::Row, (), (label, text))
BOOST_DESCRIBE_STRUCT(Card, (), (title, rows, button, url))
BOOST_DESCRIBE_STRUCT(OutboundMessage, (), (text, sticker, image, quick_replies, card))

BOOST_DESCRIBE_STRUCT(Unanswered, (), (number, id, text, meaning, attachments, at, sequence, of_album))
BOOST_DESCRIBE_STRUCT(OrderState, (), (lookup, order, asked_at, told_to_wait, unread, facts, proofs))
BOOST_DESCRIBE_STRUCT(Case, (),
                      (number, topic, tier, order, phone, photos, facts, done, mentioned, also, asking, asked_at, reminded, waiting, wait_until, order_state,
                       walked_at, handed_over))
BOOST_DESCRIBE_STRUCT(Conceded, (), (at, case_number, order, kind, amount, currency, by))
BOOST_DESCRIBE_STRUCT(Said, (), (at, template_id, text_hash, purpose, effect))
BOOST_DESCRIBE_STRUCT(Assignment, (), (tier, passed, choosing, somebody_came, acknowledge_by))
BOOST_DESCRIBE_STRUCT(Conversation, (),
                      (id, channel, sender, display_name, profile_language, profile_asked, owner, owner_reason, agent, owner_since, reachable, standby,
                       language, received, effects, last_message_at, unanswered, window_opened, answering, answering_with, answering_knows, taken_back,
                       open_before, not_understood_before, draft, owner_then, approval_asked, reply_handle, handle_at, open, said, told, not_understood,
                       lookups_failed, lookups_since, conceded, heat, disclosed, backlog_told, answer_by, deadlines_missed, still_waiting_at, assignment, tags))

BOOST_DESCRIBE_STRUCT(MessageReceived, (), (message, meaning, stale))
BOOST_DESCRIBE_STRUCT(MessageUnsent, (), (message))
BOOST_DESCRIBE_STRUCT(ButtonPressed, (), (data, message))
BOOST_DESCRIBE_STRUCT(Followed, (), (again, message))
BOOST_DESCRIBE_STRUCT(Unreachable, (), (why))
BOOST_DESCRIBE_STRUCT(Noted, (), (kind))
BOOST_DESCRIBE_STRUCT(TimerFired, (), (name))
BOOST_DESCRIBE_STRUCT(SendFinished, (), (effect, outcome, detail))
BOOST_DESCRIBE_STRUCT(SendReported, (), (effect, report, detail))
BOOST_DESCRIBE_STRUCT(SendHeld, (), (effect, why))
BOOST_DESCRIBE_STRUCT(AgentActed, (), (action, agent, text, override_guard, draft, elsewhere))
BOOST_DESCRIBE_STRUCT(ReplyUnusable, (), (template_id, why, blocked_by_guard, repeated))
BOOST_DESCRIBE_STRUCT(DraftWritten, (), (send))
BOOST_DESCRIBE_STRUCT(ProfileLearned, (), (display_name, language))
BOOST_DESCRIBE_STRUCT(MediaStored, (), (message, file, content_type, why))
BOOST_DESCRIBE_STRUCT(OrderLookedUp, (), (order, outcome, found, facts, linked, proofs, why))
BOOST_DESCRIBE_STRUCT(Assigned, (), (tier, agent))
BOOST_DESCRIBE_STRUCT(AgentCame, (), (agent))
BOOST_DESCRIBE_STRUCT(AgentAssigned, (), (agent, to, why))
BOOST_DESCRIBE_STRUCT(AgentConceded, (), (agent, tier, kind, amount, currency, why, per_order, per_day, above))
BOOST_DESCRIBE_STRUCT(AgentTagged, (), (agent, add, remove))

BOOST_DESCRIBE_STRUCT(Reply, (), (template_id, arguments, purpose))
BOOST_DESCRIBE_STRUCT(Send, (),
                      (id, messages, templates, purpose, language, by, reply_handle, handle_at, decided_at, answers, customer_wrote_at, knows_message))
BOOST_DESCRIBE_STRUCT(Escalate, (), (reason, tier, urgent, topic, summary, evidence, quote, answer_by))
BOOST_DESCRIBE_STRUCT(CloseEscalation, (), (why))
BOOST_DESCRIBE_STRUCT(SetTimer, (), (name, due))
BOOST_DESCRIBE_STRUCT(CancelTimer, (), (name))
BOOST_DESCRIBE_STRUCT(CancelSends, (), (why))
BOOST_DESCRIBE_STRUCT(RedactMessage, (), (message))
BOOST_DESCRIBE_STRUCT(FetchProfile, (), (sender))
BOOST_DESCRIBE_STRUCT(FetchMedia, (), (message, attachment))
BOOST_DESCRIBE_STRUCT(LookUpOrder, (), (order, customer))
BOOST_DESCRIBE_STRUCT(Assign, (), (tier, language, except))
BOOST_DESCRIBE_STRUCT(Concede, (), (kind, amount, currency, why, by))
BOOST_DESCRIBE_STRUCT(TellAgents, (), (what))
BOOST_DESCRIBE_STRUCT(Audit, (), (action, by, detail))

}  // namespace kefu

namespace kefu::json_codec {

template <class T>
using Members = boost::describe::describe_members<T, boost::describe::mod_public>;

/// Offsets are called as in `kefud classify`; everything else as in the struct.
constexpr std::string_view shown_name(std::string_view member) {
    if (member == "start_byte") return "start";
    if (member == "end_byte") return "end";
    return member;
}

constexpr auto const& names_of(Label) { return label_names; }
constexpr auto const& names_of(AngerKind) { return anger_kind_names; }
constexpr auto const& names_of(EntityKind) { return entity_kind_names; }
constexpr auto const& names_of(ContentKind) { return content_kind_names; }
constexpr auto const& names_of(Owner) { return owner_names; }
constexpr auto const& names_of(SendPurpose) { return send_purpose_names; }
constexpr auto const& names_of(SendOutcome) { return send_outcome_names; }
constexpr auto const& names_of(DeliveryReport) { return delivery_report_names; }
constexpr auto const& names_of(LookupOutcome) { return lookup_outcome_names; }
constexpr auto const& names_of(AgentAction) { return agent_action_names; }

}  // namespace kefu::json_codec
