// SPDX-License-Identifier: Apache-2.0
#include "replies/run_playbook.hpp"

#include <algorithm>

/// Which matter a conversation is about, when there are several, and going on with it.
namespace kefu {

namespace {

/// Rows of one letter are about the same thing: T where it is, R money back, C cancelling, P the goods.
std::string_view family(Rule const& rule) { return rule.scenario.empty() ? std::string_view{rule.topic} : std::string_view{rule.scenario}.substr(0, 1); }

bool known(std::vector<std::string> const& topics, std::string_view topic) { return std::find(topics.begin(), topics.end(), topic) != topics.end(); }

void remember_also(Case& open, std::string const& topic) {
    constexpr std::size_t most = 4;
    if (topic != open.topic && !known(open.also, topic) && open.also.size() < most) open.also.push_back(topic);
}

void await_nothing(Case& open) {
    open.asking.clear();
    open.waiting.clear();
    open.wait_until = {};
}

/// What was asked or waited for under the topic before is not awaited any more.
void turn_to(Turn& turn, Rule const& rule) {
    auto& open = turn.conversation.open;
    if (open.topic.empty()) ++open.number;
    std::erase(open.also, rule.topic);
    open.topic = rule.topic;
    open.tier = rule.tier;
    open.facts.erase("waited");
    if (!open.waiting.empty()) turn.effects.emplace_back(CancelTimer{"playbook"});
    await_nothing(open);
}

/// As if nothing had been done about it yet; what is known stays.
void begin_anew(Turn& turn, Rule const& rule) {
    auto& open = turn.conversation.open;
    std::erase_if(open.done, [&](auto const& entry) {
        return entry.first.starts_with(rule.playbook + '/') || entry.first.starts_with("order/") || entry.first.starts_with("case/");
    });
    open.order_state = {};
    await_nothing(open);
}

/// After hours without a word the matter begins anew: the order's state is old, and what was said then is not said twice now. Not when we asked for patience:
/// then it is the second complaint.
void begin_anew_when_old(Turn& turn, Rule const& rule) {
    auto const walked_at = turn.conversation.open.walked_at;
    if (turn.conversation.open.wait_until != Timestamp{}) return;
    if (walked_at == Timestamp{} || turn.now - walked_at <= turn.policy().limits.answers_within) return;
    begin_anew(turn, rule);
    turn.because("it was hours ago: looked at anew");
}

/// The playbook has something to tell before it asks or waits: a quick question in between.
bool answers_at_once(Turn const& turn, Rule const& rule, Reading const& about) {
    auto const playbook = turn.catalog.playbooks.find(rule.playbook);
    if (playbook == turn.catalog.playbooks.end()) return false;
    for (auto const& step : playbook->second.steps) {
        if (!applies(turn, about, step) || turn.conversation.open.done.contains(mark_of(rule, step))) continue;
        if (std::holds_alternative<Say>(step.action)) return true;
        bool const quiet = std::holds_alternative<Tell>(step.action) || std::holds_alternative<Record>(step.action) || std::holds_alternative<Set>(step.action);
        if (!quiet) return false;
    }
    return false;
}

/// When the question that is out is to be reminded of, or given up.
Timestamp answer_due(Turn const& turn) {
    auto const& open = turn.conversation.open;
    auto const& limits = turn.policy().limits;
    return open.asked_at + (open.reminded ? std::max(limits.give_up_after, limits.remind_after) : limits.remind_after);
}

bool did_something(Turn const& turn, std::size_t since) {
    return std::any_of(turn.effects.begin() + static_cast<std::ptrdiff_t>(since), turn.effects.end(),
                       [](Effect const& effect) { return std::holds_alternative<Reply>(effect) || std::holds_alternative<LookUpOrder>(effect); });
}

}  // namespace

Rule const* case_in_progress(Turn const& turn) {
    auto const& open = turn.conversation.open;
    auto const* rule = open.topic.empty() || open.handed_over ? nullptr : turn.policy().rule(open.topic);
    return rule && !rule->playbook.empty() ? rule : nullptr;
}

void go_on_with_case(Turn& turn, Reading const& about, Cause cause, bool answered) {
    auto& open = turn.conversation.open;
    if (cause == Cause::time || cause == Cause::news) {  // no message is being answered: what is taken back later is this
        turn.conversation.open_before = open;
        turn.conversation.not_understood_before = turn.conversation.not_understood;
    }
    constexpr int most_matters = 6;
    for (int i = 0; i < most_matters; ++i) {
        auto const* rule = case_in_progress(turn);
        if (!rule) return;
        auto const before = turn.effects.size();
        auto const end = walk(turn, *rule, about, cause, answered);
        if (end != Walk::finished && end != Walk::waits) return;
        auto const* next = open.also.empty() ? nullptr : turn.policy().rule(open.also.front());
        bool const silent = !did_something(turn, before);
        if (!next) {
            if (end == Walk::finished && silent && !answered && (cause == Cause::again || cause == Cause::message)) {
                turn.because("everything was said: it did not help");
                call_person(turn, failed(rule), about);
                return;
            }
            if (end == Walk::finished) open.topic.clear();
            return;
        }
        answered = answered || !silent;
        turn_to(turn, *next);
        cause = Cause::message;
    }
}

Slot const* slot_asked_for(Turn const& turn) {
    auto const* rule = case_in_progress(turn);
    auto const playbook = rule ? turn.catalog.playbooks.find(rule->playbook) : turn.catalog.playbooks.end();
    return playbook == turn.catalog.playbooks.end() ? nullptr : playbook->second.slot(turn.conversation.open.asking);
}

bool note_question(Turn& turn, Reading const& about) {
    // Where to find an order number is what we say when we ask for it again.
    if (!slot_asked_for(turn) || !about.asks || !says_more_than(a_word, about)) return false;
    if (last_said(turn.conversation, "question_noted") != Timestamp{}) return false;
    turn.because("a question beside ours: noted for a colleague");
    turn.effects.emplace_back(TellAgents{"the customer also asks: " + summary_of(turn.conversation, about)});
    say(turn, "question_noted", SendPurpose::answer);
    return true;
}

void take_up(Turn& turn, Rule const& rule, std::vector<Rule const*> const& wishes, Reading const& about, bool answered) {
    auto& open = turn.conversation.open;
    auto const* current = case_in_progress(turn);
    Cause cause = Cause::message;
    if (!current) {
        begin_anew_when_old(turn, rule);
        turn_to(turn, rule);
    } else if (current == &rule || (family(*current) == family(rule) && rule.priority < current->priority)) {
        begin_anew_when_old(turn, *current);
        cause = open.asking.empty() ? Cause::again : Cause::message;
    } else if (rule.priority < current->priority && !(!open.asking.empty() && answers_at_once(turn, rule, about))) {
        remember_also(open, rule.topic);
        answered = note_question(turn, about) || answered;
    } else {
        bool const in_between = rule.priority < current->priority;
        auto const left = open.asking.empty() || (family(*current) == family(rule) && !in_between) ? std::string{} : current->topic;
        turn_to(turn, rule);
        if (!left.empty()) open.also.insert(open.also.begin(), left);
    }
    for (auto const* other : wishes) {
        auto const* main = turn.policy().rule(open.topic);
        if (other->playbook.empty() || other == main || !main || family(*other) == family(*main)) continue;
        remember_also(open, other->topic);
    }
    // Money that was named is kept: a later step may ask whether it is above somebody's authority.
    if (auto const claim = fact(turn, about, "claim")) open.facts["claim"] = *claim;
    go_on_with_case(turn, about, cause, answered);
}

void await_answer(Turn& turn, std::string slot) {
    auto& open = turn.conversation.open;
    open.asking = std::move(slot);
    open.asked_at = turn.now;
    open.reminded = false;
    watch_case(turn);
}

void watch_case(Turn& turn) {
    auto const& open = turn.conversation.open;
    auto const due = !open.waiting.empty() ? open.wait_until : !open.asking.empty() ? answer_due(turn) : Timestamp{};
    if (due != Timestamp{}) turn.effects.emplace_back(SetTimer{"playbook", waking(turn, due)});
}

void begin_with_other_order(Turn& turn, Reading const& about) {
    auto const* rule = case_in_progress(turn);
    if (!rule) return;
    turn.because("another order");
    begin_anew(turn, *rule);
    go_on_with_case(turn, about, Cause::message);
}

void on_playbook_timer(Turn& turn) {
    auto& conversation = turn.conversation;
    auto& open = conversation.open;
    if (conversation.owner != Owner::bot || open.topic.empty()) return;
    if (!conversation.answering_with.empty() || !conversation.unanswered.empty()) {  // one thing at a time
        turn.effects.emplace_back(SetTimer{"playbook", turn.now + std::chrono::minutes{1}});
        return;
    }
    if (!open.waiting.empty()) {
        if (open.wait_until == Timestamp{}) return;
        if (turn.now < open.wait_until) return watch_case(turn);
        return go_on_with_case(turn, {}, Cause::time);
    }
    if (open.asking.empty()) return;
    if (turn.now < answer_due(turn)) return watch_case(turn);
    if (auto const* rule = turn.policy().rule(open.topic)) turn.concerns(*rule);
    if (!open.reminded) {
        open.reminded = true;
        conversation.open_before = open;  // a reminder that is not sent after all changes nothing
        conversation.not_understood_before = conversation.not_understood;
        turn.because("reminds of our question");
        say(turn, "reminder", SendPurpose::holding);
        return watch_case(turn);
    }
    turn.because("no answer to our question: the case is closed");
    say(turn, "gave_up", SendPurpose::holding);
    close_conversation(turn, "no answer to our question");
}

}  // namespace kefu
