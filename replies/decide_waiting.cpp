// SPDX-License-Identifier: Apache-2.0
#include "replies/wishes.hpp"

#include <algorithm>
#include <array>

namespace kefu {

namespace {

constexpr std::chrono::minutes between_holding_lines{30};
constexpr int most_holding_lines = 3;  // in that time
constexpr int most_deadlines = 3;      // missed in a row; then the highest tier has it and the customer hears no more promises

/// Only small talk: nothing that adds to the case.
bool says_nothing(Reading const& about) {
    static constexpr std::array<std::string_view, 4> small{"thanks", "no_reply", "yes", "no"};
    if (!about.photos.empty() || !about.order().empty()) return false;
    if (!about.has_words && !about.asks) return true;
    auto const& topics = about.meaning.topics;
    return about.meaning.labels.empty() && !topics.empty() &&
           std::all_of(topics.begin(), topics.end(), [](auto const& topic) { return std::find(small.begin(), small.end(), topic.name) != small.end(); });
}

void say_still_waiting(Turn& turn, bool adds = false) {
    auto& conversation = turn.conversation;
    conversation.still_waiting_at = turn.now;
    if (conversation.owner_reason == "safety") return say(turn, "still_waiting_safety", SendPurpose::holding);
    say(turn, conversation.deadlines_missed > 0 ? "still_waiting_late" : adds ? "still_waiting_added" : "still_waiting", SendPurpose::holding);
}

/// "Hello? Is anybody there?", or the same question once more: nothing that people do not know. Where it is and why it is late are one.
bool only_asks_again(Turn const& turn, Reading const& about) {
    static constexpr std::array<std::string_view, 10> impatience{"greeting", "grumble", "human",     "ignored",  "exasperation",
                                                                 "sarcasm",  "insult",  "long_wait", "question", "profanity"};
    if (!about.photos.empty()) return false;
    auto const& open = turn.conversation.open;
    auto const is_known = [&](std::string const& topic) {
        if (std::find(impatience.begin(), impatience.end(), topic) != impatience.end()) return true;
        if (topic == open.topic || std::find(open.mentioned.begin(), open.mentioned.end(), topic) != open.mentioned.end()) return true;
        auto const* rule = turn.policy().rule(topic);
        return rule && rule->scenario.starts_with('T') && std::any_of(open.mentioned.begin(), open.mentioned.end(), [&](auto const& mentioned) {
                   auto const* other = turn.policy().rule(mentioned);
                   return other && other->scenario.starts_with('T');
               });
    };
    constexpr double impatient = 0.2;  // "is anybody working on this at all": less than anger
    bool has_topic = false;
    bool all_known = true;
    for (auto const& topic : about.meaning.topics) {
        if (topic.score < topic_threshold) continue;
        has_topic = true;
        all_known = all_known && is_known(topic.name);
    }
    bool const complains =
        about.meaning.anger.level > impatient || about.meaning.has(Label::anger) || about.says("grumble") || about.says("human") || about.says("greeting");
    int const few = has_topic ? a_few_words : a_word;
    return all_known && (complains || !says_more_than(few, about));
}

/// What is said about something new while people have the case: a text that answers it, or one that says it is noted. Empty: neither.
struct SomethingNew {
    std::string text;
    bool is_answer = false;
};
SomethingNew text_for_something_new(Turn const& turn, std::vector<std::string> const& mentioned, Reading const& about) {
    if (about.meaning.has(Label::anger)) return {};
    Rule const* best = nullptr;
    for (auto const& rule : turn.policy().rules) {
        if (about.meaning.topic(rule.topic) < sure || rule.mode != AnswerMode::auto_ || rule.scenario.empty()) continue;
        if (std::find(mentioned.begin(), mentioned.end(), rule.topic) != mentioned.end() || rule.topic == turn.conversation.open.topic) continue;
        if (!best || rule.priority > best->priority) best = &rule;
    }
    if (!best || best->topic == "human" || best->topic == "product_question") return {};
    SomethingNew found{text_that_is_enough(turn, *best, about), true};
    if (found.text.empty() && best->playbook.empty() && best->hand_over == HandOver::always) found = {best->reply, false};
    return last_said(turn.conversation, found.text) == Timestamp{} ? found : SomethingNew{};
}

/// One line in half an hour for who asks again; what is new is confirmed, within reason.
bool heard_enough(Turn const& turn, bool adds) {
    auto const& conversation = turn.conversation;
    if (turn.now - conversation.still_waiting_at >= between_holding_lines) return false;
    auto const lines = std::count_if(conversation.said.begin(), conversation.said.end(), [&](Said const& said) {
        return said.template_id.starts_with("still_waiting") && turn.now - said.at < between_holding_lines;
    });
    return !adds || lines >= most_holding_lines;
}

/// The customer needs nobody any more; a person closes the case.
void confirm_once(Turn& turn, Unanswered const& message, std::string template_id) {
    auto& conversation = turn.conversation;
    if (!has_texts(turn) || !conversation.answering_with.empty() || last_said(conversation, template_id) != Timestamp{}) return;
    conversation.answering.assign(1, message);
    say(turn, std::move(template_id), SendPurpose::holding);
}

}  // namespace

void on_message_while_waiting(Turn& turn, Unanswered const& message) {
    auto& conversation = turn.conversation;
    auto const about = read_together({message});
    auto const tell = [&](std::string what) { turn.effects.emplace_back(TellAgents{std::move(what)}); };

    bool const adds = !about.meaning.has(Label::anger) && !only_asks_again(turn, about);  // nobody is thanked for fury
    auto const mentioned = conversation.open.mentioned;                                   // before this message
    bool const told_order = learn(conversation, about) || (!about.order().empty() && last_said(conversation, "order_noted") == Timestamp{});
    if (auto const call = immediate_call(turn, message.meaning); call && gravity(call->reason) > gravity(conversation.owner_reason)) {
        if (!conversation.answering_with.empty()) turn.effects.emplace_back(CancelSends{"it became more serious"});
        conversation.answering.assign(1, message);
        return call_person(turn, *call, about);
    }
    if (told_order) {
        tell("the customer gave the order number: " + conversation.open.order);
        turn.because("the order number goes to the case");
        if (!has_texts(turn)) return;
        conversation.answering.assign(1, message);
        return say(turn, "order_noted", SendPurpose::holding);
    }
    if (!about.photos.empty()) tell("the customer added " + std::to_string(about.photos.size()) + (about.photos.size() == 1 ? " photo" : " photos"));
    if (message.meaning.topic("withdraw") >= topic_threshold) {
        tell("the customer takes the request back");
        turn.because("taken back: a person closes the case");
        return confirm_once(turn, message, "withdraw_noted");
    }
    if (message.meaning.topic("resolved") >= topic_threshold) {
        tell("the customer says that it is solved");
        turn.because("solved: a person closes the case");
        return confirm_once(turn, message, "resolved");
    }
    if (says_nothing(about)) return turn.because("nothing to add while waiting: silence");

    if (about.photos.empty()) tell("the customer wrote again");
    if (!has_texts(turn)) return turn.because("waiting, no texts in this language: silence");
    if (!conversation.answering_with.empty()) return turn.because("the customer is being told just now");
    if (heard_enough(turn, adds)) return turn.because("told less than 30 minutes ago: silence");
    if (auto found = text_for_something_new(turn, mentioned, about); !found.text.empty()) {
        conversation.answering.assign(1, message);
        say(turn, std::move(found.text), SendPurpose::holding);
        if (found.is_answer) say(turn, "still_waiting_answered", SendPurpose::holding);
        return;
    }
    conversation.answering.assign(1, message);
    say_still_waiting(turn, adds);
}

void call_tier(Turn& turn, Tier const& tier, std::string const& why, bool urgent) {
    auto& conversation = turn.conversation;
    conversation.open.tier = tier.name;
    Escalate escalate;
    escalate.reason = conversation.owner_reason;
    escalate.tier = tier.name;
    escalate.urgent = urgent;
    escalate.topic = conversation.open.topic;
    escalate.summary = why + " · " + summary_of(conversation, {});
    if (conversation.answer_by > turn.now) escalate.answer_by = conversation.answer_by;
    turn.effects.emplace_back(std::move(escalate));
}

void on_deadline(Turn& turn) {
    auto& conversation = turn.conversation;
    if (turn.now < conversation.answer_by) {  // moved since
        turn.effects.emplace_back(SetTimer{"answer_by", conversation.answer_by});
        return;
    }
    auto const& policy = turn.policy();
    ++conversation.deadlines_missed;
    bool const last = conversation.deadlines_missed > most_deadlines;
    auto const& tier = last && !policy.tiers.empty() ? policy.tiers.back() : policy.above(conversation.open.tier);
    turn.because("nobody answered in time: " + tier.name);
    turn.effects.emplace_back(TellAgents{"the promised time has passed; now with " + tier.name});
    if (!last) {
        conversation.answer_by = deadline(turn, tier.name);
        turn.effects.emplace_back(SetTimer{"answer_by", conversation.answer_by});
        if (!conversation.draft && has_texts(turn)) {  // a draft has not told the customer anything that could be late
            conversation.answering.clear();            // this line answers no message
            say_still_waiting(turn);
        }
    }
    call_tier(turn, tier, "nobody answered in time (" + std::to_string(conversation.deadlines_missed) + ")", last);
    ask_people(turn, tier.name);
}

}  // namespace kefu
