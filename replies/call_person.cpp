// SPDX-License-Identifier: Apache-2.0
#include "replies/turn.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace kefu {

namespace {

using std::chrono::minutes;

/// Scenarios A4 to A8: who sees which threat. In order of weight.
struct Threat {
    AngerKind kind;
    std::string_view tier;
};
constexpr std::array threats{Threat{AngerKind::threat_legal, "manager"}, Threat{AngerKind::extortion, "review_desk"},
                             Threat{AngerKind::threat_agency, "supervisor"}, Threat{AngerKind::threat_media, "supervisor"},
                             Threat{AngerKind::threat_review, "review_desk"}};

bool has(Anger const& anger, AngerKind kind) { return std::find(anger.kinds.begin(), anger.kinds.end(), kind) != anger.kinds.end(); }

/// A rule for the topic, where the operator wrote one, says more than the defaults in the code.
Call by_rule(Turn const& turn, std::string topic, Call call) {
    if (auto const* rule = turn.policy().rule(topic)) {
        call.tier = rule->tier;
        call.reply = rule->reply;
        if (!rule->reason.empty()) call.reason = rule->reason;
        call.urgent = call.urgent || rule->urgent;
    }
    call.topic = std::move(topic);
    return call;
}

/// The anger topic that speaks loudest and has a rule: it may name another tier than the default.
std::string loudest_anger(Turn const& turn, Classification const& meaning) {
    static constexpr std::array<std::string_view, 5> topics{"insult", "profanity", "scam_accusation", "exasperation", "sarcasm"};
    for (auto const& topic : meaning.topics)
        if (std::find(topics.begin(), topics.end(), topic.name) != topics.end() && turn.policy().rule(topic.name)) return topic.name;
    return "anger";
}

std::string_view reply_for(std::string_view reason) {
    if (reason == "abuse") return "handover_angry";
    if (reason == "extortion") return "handover_extortion";
    if (reason == "safety") return "handover_safety";
    if (reason == "repeated_failure") return "handover_repeat";
    if (reason == "asks_human") return "handover";
    return reason.starts_with("threat_") ? "handover_threat" : "handover_case";
}

/// Tells the customer that a person comes and, outside hours, when.
void tell_customer(Turn& turn, std::string reply) {
    if (!has_texts(turn)) {
        say(turn, "no_language", SendPurpose::holding);
        return;
    }
    bool const open = people_are_there(turn);
    if ((reply == "handover" || reply == "handover_case" || reply == "handover_repeat") && !open) reply = "handover_offhours";
    bool const only_hands_over = reply.starts_with("handover");
    say(turn, reply, only_hands_over ? SendPurpose::holding : SendPurpose::answer);
    if (!only_hands_over && !open) say(turn, "handover_offhours", SendPurpose::holding);
}

}  // namespace

bool wants_person(Classification const& meaning) {
    bool const only_asks_who = meaning.topic("bot_question") >= topic_threshold && meaning.topic("bot_question") >= meaning.topic("human");
    return meaning.has(Label::human) && !only_asks_who;
}

std::optional<Call> immediate_call(Turn const& turn, Classification const& meaning) {
    if (meaning.topic("safety") >= topic_threshold) return by_rule(turn, "safety", {"safety", "supervisor", {}, {}, true});
    for (auto const& [kind, tier] : threats)
        if (has(meaning.anger, kind)) {
            std::string const name{to_string(kind)};
            return by_rule(turn, name, {name, std::string{tier}, {}, {}, true});
        }
    if (meaning.has(Label::anger) && meaning.anger.level >= turn.policy().limits.high_anger)
        return by_rule(turn, loudest_anger(turn, meaning), {"abuse", {}, {}, {}, true});
    bool const by_phone = meaning.topic("callback") >= topic_threshold && turn.policy().rule("callback");
    if (wants_person(meaning)) return by_rule(turn, by_phone ? "callback" : "human", {"asks_human", {}, {}, {}, false});
    if (meaning.has(Label::anger) && turn.conversation.heat > 0) return by_rule(turn, loudest_anger(turn, meaning), {"abuse", {}, {}, {}, false});
    return std::nullopt;
}

Call failed(Rule const* rule) {
    Call call;
    call.reason = "repeated_failure";
    if (rule) call.tier = rule->tier;
    if (rule) call.topic = rule->topic;
    return call;
}

int gravity(std::string_view reason) {
    if (reason == "safety") return 6;
    if (reason == "threat_legal") return 5;
    if (reason == "extortion") return 4;
    if (reason == "threat_agency" || reason == "threat_media") return 3;
    if (reason == "threat_review") return 2;
    return reason == "abuse" ? 1 : 0;
}

Call ordinary_call(Turn const& turn, std::string reason, Classification const& meaning) {
    Rule const* top = nullptr;
    for (auto const& topic : meaning.topics)
        if (auto const* rule = turn.policy().rule(topic.name); rule && topic.score >= topic_threshold && (!top || rule->priority > top->priority)) top = rule;
    Call call;
    call.reason = std::move(reason);
    if (top) call.topic = top->topic;
    if (top) call.tier = top->tier;
    return call;
}

bool people_are_there(Turn const& turn) { return is_open(turn.policy().hours_of(turn.conversation.open.tier), turn.now); }

void leave_to_people(Turn& turn, Rule const& rule, Reading const& about) {
    turn.because("rule " + rule.scenario + " " + rule.topic + ": left to people");
    call_person(turn, {rule.reason.empty() ? "needs_person" : rule.reason, rule.tier, rule.topic, {}, rule.urgent}, about);
}

Timestamp deadline(Turn const& turn, std::string_view tier) {
    auto const& policy = turn.policy();
    auto const exact = add_working_time(policy.hours_of(tier), turn.now, policy.tier(tier).answer_within);
    return std::chrono::ceil<std::chrono::duration<std::int64_t, std::ratio<300>>>(exact);
}

std::string summary_of(Conversation const& conversation, Reading const& about) {
    std::string text;
    auto const add = [&](std::string const& part) { text += (text.empty() ? "" : " · ") + part; };
    if (about.meaning.has(Label::anger)) {
        char level[16];
        std::snprintf(level, sizeof level, "%.1f", about.meaning.anger.level);
        std::string angry = std::string{"angry "} + level;
        for (auto const kind : about.meaning.anger.kinds)
            if (kind != AngerKind::intensity) angry += (angry.find('(') == std::string::npos ? " (" : ", ") + std::string{to_string(kind)};
        add(angry.find('(') == std::string::npos ? angry : angry + ")");
    }
    std::string wants;
    for (auto const label : about.meaning.labels)
        if (label != Label::anger) wants += (wants.empty() ? "" : ", ") + std::string{to_string(label)};
    if (!wants.empty()) add("wants: " + wants);
    if (!conversation.open.topic.empty()) add("about: " + conversation.open.topic);
    if (!conversation.open.order.empty()) add("order " + conversation.open.order);
    if (auto const count = conversation.open.photos.size()) add(std::to_string(count) + (count == 1 ? " photo" : " photos"));
    if (!conversation.language.empty()) add("writes " + conversation.language);
    return text;
}

void call_person(Turn& turn, Call const& call, Reading const& about) {
    auto& conversation = turn.conversation;
    auto& open = conversation.open;
    auto const* rule = turn.policy().rule(call.topic);
    if (rule) turn.concerns(*rule);
    if (open.topic.empty()) {
        ++open.number;
        open.topic = call.topic.empty() ? call.reason : call.topic;
    }
    auto tier = turn.policy().tier(call.tier).name;
    // A case that went up does not come down because of what is said next.
    if (open.handed_over && turn.policy().rank(open.tier) > turn.policy().rank(tier)) tier = open.tier;
    open.tier = tier;
    open.handed_over = true;
    // What the customer was promised is not put off by what is said next.
    bool const promised = conversation.owner == Owner::waiting && conversation.answer_by > turn.now;
    auto const by = deadline(turn, tier);
    conversation.answer_by = promised ? std::min(conversation.answer_by, by) : by;
    conversation.deadlines_missed = 0;
    conversation.not_understood = 0;

    if (conversation.owner != Owner::waiting || conversation.owner_reason != call.reason) change_owner(turn, Owner::waiting, call.reason, "bot");
    turn.because("a person is needed: " + call.reason + ", " + tier);

    Escalate escalate;
    escalate.reason = call.reason;
    escalate.tier = tier;
    escalate.urgent = call.urgent;
    escalate.topic = open.topic;
    escalate.summary = summary_of(conversation, about);
    escalate.evidence = about.meaning.evidence;
    escalate.quote = about.quote;
    escalate.answer_by = conversation.answer_by;
    turn.effects.emplace_back(std::move(escalate));
    turn.effects.emplace_back(SetTimer{"answer_by", conversation.answer_by});
    ask_people(turn, tier, false);
    bool const own_words = !call.reply.empty() && turn.mode != AnswerMode::off;
    tell_customer(turn, !own_words ? std::string{reply_for(call.reason)} : call.reply);
}

}  // namespace kefu
