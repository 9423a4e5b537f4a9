// SPDX-License-Identifier: Apache-2.0
#include "replies/turn.hpp"

#include <algorithm>
#include <array>

namespace kefu {

std::vector<Said> unsay(Conversation& conversation, EffectId const& effect) {
    std::vector<Said> unsaid;
    for (auto const& said : conversation.said) {
        if (said.effect != effect) continue;
        if (auto const told = conversation.told.find(said.template_id); told != conversation.told.end() && --told->second == 0) conversation.told.erase(told);
        if (said.template_id == "disclosure" || said.template_id == "bot_answer") conversation.disclosed = false;
        if (said.template_id == "backlog") conversation.backlog_told = false;
        if (said.template_id == "still_waiting") conversation.still_waiting_at = {};
        if (said.template_id != "disclosure") unsaid.push_back(said);
    }
    std::erase_if(conversation.said, [&](Said const& said) { return said.effect == effect; });
    return unsaid;
}

void forget_send(Conversation& conversation) {
    conversation.answering.clear();
    conversation.answering_with = {};
    conversation.answering_knows = 0;
    conversation.taken_back = false;
    conversation.open_before = {};
    conversation.not_understood_before = 0;
}

void undo_case(Conversation& conversation) {
    auto order_state = std::move(conversation.open.order_state);
    bool const same_order = conversation.open.order == conversation.open_before.order;
    conversation.open = std::move(conversation.open_before);
    conversation.not_understood = conversation.not_understood_before;
    if (same_order)
        conversation.open.order_state = std::move(order_state);  // what the shop's system said stays said
    else if (conversation.open.order_state.lookup == "pending")
        conversation.open.order_state = {};  // its answer may have come and gone
}

namespace {

/// Puts what the cancelled send would have answered in front of what came since.
void bring_back(Turn& turn) {
    auto& conversation = turn.conversation;
    undo_case(conversation);
    watch_case(turn);
    auto back = std::move(conversation.answering);
    if (!back.empty()) conversation.window_opened = back.front().at;
    back.insert(back.end(), std::make_move_iterator(conversation.unanswered.begin()), std::make_move_iterator(conversation.unanswered.end()));
    conversation.unanswered = std::move(back);
    forget_send(conversation);
    if (!conversation.unanswered.empty()) answer_or_wait(turn);
}

/// Nothing was said and nothing will be: people have it.
void hand_to_people(Turn& turn, std::string reason) {
    auto& conversation = turn.conversation;
    auto messages = conversation.answering;
    if (!conversation.unanswered.empty()) turn.effects.emplace_back(CancelTimer{"quiet"});
    messages.insert(messages.end(), conversation.unanswered.begin(), conversation.unanswered.end());
    conversation.unanswered.clear();
    conversation.window_opened = {};
    auto const about = read_together(messages);
    auto const tier = conversation.open.tier;
    Turn silent{turn.catalog, turn.channel, turn.now, conversation, {}, {}, {}};
    call_person(silent, {std::move(reason), tier, {}, {}, false}, about);
    for (auto& effect : silent.effects)
        if (!std::holds_alternative<Reply>(effect)) turn.effects.push_back(std::move(effect));
    turn.why.insert(turn.why.end(), silent.why.begin(), silent.why.end());
    conversation = std::move(silent.conversation);
}

void on_cancelled(Turn& turn, SendFinished const& event) {
    auto& conversation = turn.conversation;
    auto const unsaid = unsay(conversation, event.effect);
    if (event.effect != conversation.answering_with) return turn.because("an older send was taken back");
    bool const newer_message = conversation.received > conversation.answering_knows;
    if (conversation.owner == Owner::bot && (conversation.taken_back || newer_message)) {
        turn.because("taken back: answered together with what came since");
        return bring_back(turn);
    }
    if (conversation.owner == Owner::closed && newer_message) return forget_send(conversation);
    auto const was_answering = !conversation.answering.empty();
    if (conversation.owner == Owner::waiting && (newer_message || (conversation.taken_back && !conversation.answering.empty()))) {
        // The customer wrote, or took one of several messages back, while "a person comes" was on its way and has not read it.
        auto const since = conversation.owner_since;
        forget_send(conversation);
        for (auto const& said : unsaid)
            if (said.at >= since) say(turn, said.template_id, said.purpose);
        return turn.because("the line for the customer is sent again, after the newer message");
    }
    if (conversation.owner == Owner::bot && was_answering) hand_to_people(turn, "not_sent");
    if (conversation.owner == Owner::waiting) turn.effects.emplace_back(TellAgents{"not sent to the customer: " + event.detail});
    forget_send(conversation);
}

void on_refused(Turn& turn, SendFinished const& event) {
    auto& conversation = turn.conversation;
    unsay(conversation, event.effect);
    turn.effects.emplace_back(TellAgents{"the platform refused a message: " + event.detail});
    bool const ours = event.effect == conversation.answering_with;
    if (ours && (conversation.owner == Owner::bot || conversation.owner == Owner::closed)) hand_to_people(turn, "undeliverable");
    if (ours) forget_send(conversation);
}

}  // namespace

void on_event(Turn& turn, SendFinished const& event) {
    auto& conversation = turn.conversation;
    bool const ours = !event.effect.empty() && event.effect == conversation.answering_with;
    switch (event.outcome) {
        case SendOutcome::delivered:
            break;
        case SendOutcome::refused:
            on_refused(turn, event);
            break;
        case SendOutcome::unknown:
            turn.effects.emplace_back(TellAgents{"it is not known whether a message reached the customer: " + event.detail});
            turn.because("unknown: never sent again");
            break;
        case SendOutcome::cancelled:
            on_cancelled(turn, event);
            break;
    }
    bool const is_out = event.outcome == SendOutcome::delivered || event.outcome == SendOutcome::unknown;
    if (ours && is_out) {
        forget_send(conversation);
        if (conversation.owner == Owner::bot && !conversation.unanswered.empty()) answer_or_wait(turn);
    }
    bool const free = conversation.owner == Owner::bot && conversation.answering_with.empty() && conversation.unanswered.empty();
    if (free && !says_something(turn) && conversation.open.order_state.unread) go_on_after_lookup(turn);
}

void on_event(Turn& turn, SendReported const& event) {
    if (event.report != DeliveryReport::failed) return;
    unsay(turn.conversation, event.effect);
    turn.effects.emplace_back(TellAgents{"the platform could not deliver a message: " + event.detail});
    bool const free = turn.conversation.answering_with.empty() || turn.conversation.answering_with == event.effect;
    bool const nobody_looks = turn.conversation.owner == Owner::bot || turn.conversation.owner == Owner::closed;
    if (nobody_looks && free) hand_to_people(turn, "undeliverable");
    if (free) forget_send(turn.conversation);
}

void on_event(Turn& turn, SendHeld const& event) { turn.effects.emplace_back(TellAgents{"a message waits, the channel cannot send now: " + event.why}); }

void on_event(Turn& turn, MessageUnsent const& event) {
    auto& conversation = turn.conversation;
    turn.effects.emplace_back(RedactMessage{event.message});
    std::erase(conversation.open.photos, event.message);
    std::erase(conversation.open_before.photos, event.message);
    auto const remove = [&](std::vector<Unanswered>& messages) { return std::erase_if(messages, [&](auto const& m) { return m.id == event.message; }) > 0; };
    if (remove(conversation.unanswered) && conversation.unanswered.empty()) {
        conversation.window_opened = {};
        turn.effects.emplace_back(CancelTimer{"quiet"});
    }
    bool const was_answering = remove(conversation.answering);
    if (was_answering && waits_for_approval(conversation)) {
        decide_draft_anew(turn, "a message was taken back");
        if (!conversation.unanswered.empty()) answer_or_wait(turn);
    } else if (was_answering && !conversation.draft && !conversation.answering_with.empty() && conversation.owner != Owner::person) {
        turn.because("the answer to it is taken back");
        conversation.taken_back = true;
        turn.effects.emplace_back(CancelSends{"the customer took the message back"});
    }
    if (conversation.owner == Owner::waiting || conversation.owner == Owner::person) turn.effects.emplace_back(TellAgents{"the customer took a message back"});
}

void on_event(Turn& turn, Unreachable const& event) {
    auto& conversation = turn.conversation;
    turn.because("unreachable: " + event.why);
    if (conversation.owner == Owner::waiting || conversation.owner == Owner::person)
        turn.effects.emplace_back(TellAgents{"the customer cannot be reached any more: " + event.why});
    give_up_draft(turn, "the customer cannot be reached", "bot");
    conversation.reachable = false;
    conversation.reply_handle.clear();
    conversation.unanswered.clear();
    conversation.window_opened = {};
    forget_send(conversation);
    turn.effects.emplace_back(CancelSends{"the customer cannot be reached"});
    turn.effects.emplace_back(CancelTimer{"quiet"});
    turn.effects.emplace_back(CancelTimer{"answer_by"});
    if (conversation.owner == Owner::waiting) end_assignment(turn);
}

void on_event(Turn& turn, ReplyUnusable const& event) {
    static constexpr std::array<std::string_view, 6> holding{"still_waiting", "backlog", "no_language", "order_noted", "welcome", "disclosure"};
    auto& conversation = turn.conversation;
    auto const& id = event.template_id;
    turn.because("cannot be said: " + id + (event.blocked_by_guard ? " (the guard)" : event.repeated ? " (once too often)" : "") + ": " + event.why);
    bool const last_resort = id == "handover" || id == "handover_offhours";
    bool const only_holding = std::find(holding.begin(), holding.end(), id) != holding.end();
    auto const handover = people_are_there(turn) ? "handover" : "handover_offhours";
    switch (conversation.owner) {
        case Owner::person:
        case Owner::closed:  // a courtesy that nobody waits for
            return;
        case Owner::waiting:
            if (!last_resort && !only_holding) return say(turn, handover, SendPurpose::holding);
            turn.effects.emplace_back(TellAgents{"the customer could not be told: " + id});
            return;
        case Owner::bot:
            break;
    }
    if (id == "welcome" || id == "disclosure") return;
    auto const about = read_together(conversation.answering);
    call_person(turn,
                {event.repeated ? "repeated_failure" : "no_text",
                 conversation.open.tier,
                 {},
                 event.repeated && id != "handover_repeat" ? "handover_repeat" : "handover",
                 false},
                about);
}

}  // namespace kefu
