// SPDX-License-Identifier: Apache-2.0
#include "replies/turn.hpp"

#include <algorithm>

/// Drafts: on a channel in draft mode the bot decides as always, but a person approves what it would say. A draft is a send that is on its way and has not
/// left: what holds for the answering of messages, the loop limits and the case holds for both.
namespace kefu {

namespace {

constexpr std::string_view for_approval = "draft";

/// Nobody's approval is waited for any more.
void release(Turn& turn, Owner to, std::string why, std::string const& by) {
    auto& conversation = turn.conversation;
    conversation.answer_by = {};
    conversation.deadlines_missed = 0;
    conversation.still_waiting_at = {};
    turn.effects.emplace_back(CancelTimer{"answer_by"});
    if (to == Owner::bot) watch_case(turn);
    change_owner(turn, to, std::move(why), by);
}

/// What the draft asked for was not asked; what the customer brought is known all the same.
void restore_case(Conversation& conversation) {
    undo_case(conversation);
    learn(conversation, read_together(conversation.answering));
}

/// Somebody must look: with a deadline, like everything that waits for people.
void ask_for_approval(Turn& turn) {
    auto& conversation = turn.conversation;
    auto const about = read_together(conversation.answering);
    auto const call = ordinary_call(turn, std::string{for_approval}, about.meaning);
    auto const tier = turn.policy().tier(conversation.open.tier.empty() ? call.tier : conversation.open.tier).name;
    conversation.answer_by = deadline(turn, tier);
    conversation.deadlines_missed = 0;
    conversation.owner_then = conversation.owner;
    change_owner(turn, Owner::waiting, call.reason, "bot");
    turn.effects.emplace_back(SetTimer{"answer_by", conversation.answer_by});
    ask_people(turn, tier);
    if (std::exchange(conversation.approval_asked, true)) {
        turn.effects.emplace_back(TellAgents{"the customer wrote again: there is a new draft"});
        return;
    }
    Escalate escalate;
    escalate.reason = call.reason;
    escalate.tier = tier;
    escalate.topic = conversation.open.topic.empty() ? call.topic : conversation.open.topic;
    escalate.summary = summary_of(conversation, about);
    escalate.evidence = about.meaning.evidence;
    escalate.quote = about.quote;
    turn.effects.emplace_back(std::move(escalate));
}

}  // namespace

void withdraw_draft(Conversation& conversation) {
    unsay(conversation, conversation.draft->id);
    if (conversation.reply_handle.empty()) {
        conversation.reply_handle = std::move(conversation.draft->reply_handle);
        conversation.handle_at = conversation.draft->handle_at;
    }
    conversation.draft.reset();
}

bool waits_for_approval(Conversation const& conversation) {
    return conversation.draft && conversation.owner == Owner::waiting && conversation.owner_reason == for_approval;
}

void on_event(Turn& turn, DraftWritten const& event) {
    auto& conversation = turn.conversation;
    conversation.draft = event.send;
    turn.because("a draft: sent when a person approves it");
    if (conversation.owner != Owner::waiting) ask_for_approval(turn);  // else people are called already
}

void decide_draft_anew(Turn& turn, std::string why) {
    auto& conversation = turn.conversation;
    auto messages = std::move(conversation.answering);
    undo_case(conversation);
    withdraw_draft(conversation);
    forget_send(conversation);
    conversation.unanswered.insert(conversation.unanswered.begin(), std::make_move_iterator(messages.begin()), std::make_move_iterator(messages.end()));
    conversation.window_opened = turn.now;
    release(turn, Owner::bot, std::move(why), "bot");
}

void drop_draft(Conversation& conversation) {
    if (!conversation.draft) return;
    if (waits_for_approval(conversation)) restore_case(conversation);
    withdraw_draft(conversation);
    forget_send(conversation);
}

void give_up_draft(Turn& turn, std::string why, std::string const& by) {
    bool const alone = waits_for_approval(turn.conversation);
    drop_draft(turn.conversation);
    if (alone) release(turn, turn.conversation.owner_then, std::move(why), by);
}

void approve(Turn& turn, AgentActed const& act) {
    auto& conversation = turn.conversation;
    bool const alone = waits_for_approval(conversation);
    Send send = *std::exchange(conversation.draft, std::nullopt);
    send.purpose = SendPurpose::agent;  // a person's decision: the bot does not take it back
    send.by = act.agent;
    send.knows_message = conversation.received;
    if (!act.text.empty()) {
        send.messages.assign(1, {});
        send.messages.front().text = act.text;
        send.templates.clear();
    }
    turn.effects.emplace_back(Audit{act.text.empty() ? "draft_approved" : "draft_changed", act.agent, send.id.value});
    turn.effects.emplace_back(std::move(send));
    if (alone) release(turn, conversation.owner_then, "approved", act.agent);
}

void discard(Turn& turn, AgentActed const& act) {
    turn.effects.emplace_back(Audit{"draft_discarded", act.agent, turn.conversation.draft->id.value});
    give_up_draft(turn, "draft discarded", act.agent);
}

void call_off_approval(Turn& turn) {
    auto& conversation = turn.conversation;
    bool const with_people = conversation.owner == Owner::waiting || conversation.owner == Owner::person;
    if (!conversation.approval_asked || with_people || !conversation.unanswered.empty()) return;
    if (says_something(turn)) return;
    conversation.approval_asked = false;
    turn.effects.emplace_back(CloseEscalation{"nothing waits for approval any more"});
}

}  // namespace kefu
