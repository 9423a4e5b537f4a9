// SPDX-License-Identifier: Apache-2.0
#include "replies/wishes.hpp"

#include "replies/run_playbook.hpp"

#include <algorithm>
#include <initializer_list>

namespace kefu {

namespace {

constexpr double half_sure = 0.57;

bool among(std::string_view name, std::initializer_list<std::string_view> names) { return std::find(names.begin(), names.end(), name) != names.end(); }

void drop(Wishes& wishes, std::string_view topic) {
    std::erase_if(wishes, [&](auto const* rule) { return rule->topic == topic; });
}

}  // namespace

bool is_talk(std::string_view topic) {
    return among(topic, {"greeting", "thanks", "no_reply", "yes", "no", "bot_question", "withdraw", "resolved", "grumble"});
}

bool is_small_talk(std::string_view topic) { return among(topic, {"greeting", "thanks", "no_reply"}); }

bool stands_alone(Rule const& rule) { return among(rule.topic, {"privacy", "off_platform"}); }

bool has_request(Wishes const& wishes) {
    return std::any_of(wishes.begin(), wishes.end(), [](auto const* rule) { return !is_talk(rule->topic); });
}

Wishes wishes_of(Turn const& turn, Reading const& about) {
    auto const& policy = turn.policy();
    auto const& meaning = about.meaning;
    Wishes wishes;
    for (auto const& rule : policy.rules)
        if (meaning.topic(rule.topic) >= topic_threshold) wishes.push_back(&rule);
    auto const add = [&](std::string_view topic) {
        auto const* rule = policy.rule(topic);
        if (rule && std::find(wishes.begin(), wishes.end(), rule) == wishes.end()) wishes.push_back(rule);
    };
    if (!has_request(wishes)) {  // the model may know the kind of request without its topic
        if (meaning.has(Label::tracking)) add("where_is_order");
        if (meaning.has(Label::refund)) add("refund_request");
        if (meaning.has(Label::cancel)) add("cancel_order");
    }
    // What the model only half believes does not stand beside something surer.
    auto const sureness = [&](Rule const* rule) { return meaning.topic(rule->topic); };
    if (std::any_of(wishes.begin(), wishes.end(), [&](auto const* rule) { return !is_talk(rule->topic) && sureness(rule) >= sure; }))
        std::erase_if(wishes, [&](auto const* rule) { return !is_talk(rule->topic) && sureness(rule) > 0 && sureness(rule) < half_sure; });
    // Who asks nothing does not ask about a product.
    if (!about.asks && meaning.topic("product_question") < certain_beside_an_answer) drop(wishes, "product_question");
    // Asking for the rule is no request: what else the same words could mean does not count.
    for (auto const question : {"refund_policy", "return_shipping_fee"})
        if (double const asked = meaning.topic(question); asked >= topic_threshold)
            std::erase_if(wishes, [&](auto const* rule) {
                return among(rule->topic, {"refund_request", "return_request", "exchange", "compensation"}) && meaning.topic(rule->topic) <= asked;
            });
    // Sending back and money back are said in the same words: the surer one counts.
    if (meaning.topic("return_request") > meaning.topic("refund_request"))
        drop(wishes, "refund_request");
    else if (meaning.topic("refund_request") >= topic_threshold)
        drop(wishes, "return_request");
    if (wants_person(meaning)) add("human");
    if (meaning.has(Label::anger)) {
        for (auto const topic : {"thanks", "no_reply", "greeting", "resolved"}) drop(wishes, topic);  // "thanks a lot for nothing"
        if (!has_request(wishes)) add("grumble");
    }
    // "Never mind, I keep the dress, no return": words of the very request that is taken back.
    if (auto const* open = policy.rule(turn.conversation.open.topic); open && meaning.topic("withdraw") >= topic_threshold)
        std::erase_if(wishes, [&](auto const* rule) { return !is_talk(rule->topic) && rule->scenario.substr(0, 1) == open->scenario.substr(0, 1); });
    std::stable_sort(wishes.begin(), wishes.end(), [](auto const* a, auto const* b) { return a->priority > b->priority; });
    return wishes;
}

void drop_what_is_taken_back(Turn& turn, Wishes& wishes) {
    if (!has_request(wishes)) return;
    if (std::any_of(wishes.begin(), wishes.end(), [](auto const* rule) { return rule->topic == "withdraw"; })) {
        auto const known = turn.conversation.open;
        close_case(turn.conversation);
        auto& open = turn.conversation.open;
        open.order = known.order;
        open.phone = known.phone;
        open.photos = known.photos;
        open.mentioned = known.mentioned;
        if (auto const fault = known.facts.find("fault"); fault != known.facts.end()) open.facts.insert(*fault);
    }
    drop(wishes, "withdraw");
    drop(wishes, "resolved");
}

bool text_is_enough(Rule const& rule) { return rule.playbook.empty() && !rule.reply.empty() && rule.hand_over != HandOver::always; }

bool only_questions_or_talk(Wishes const& wishes) {
    return !wishes.empty() && std::all_of(wishes.begin(), wishes.end(),
                                          [](auto const* rule) { return rule->topic != "grumble" && (is_talk(rule->topic) || text_is_enough(*rule)); });
}

Rule const& main_wish(Turn const& turn, Wishes const& wishes) {
    auto const& top = *wishes.front();
    if (!text_is_enough(top) || stands_alone(top) || last_said(turn.conversation, top.reply) != Timestamp{}) return top;
    for (auto const* rule : wishes)
        if (!is_talk(rule->topic) && !text_is_enough(*rule)) return *rule;
    return top;
}

Rule const* left_to_people(Wishes const& wishes) {
    auto const found = std::find_if(wishes.begin(), wishes.end(),
                                    [&](auto const* rule) { return rule->mode == AnswerMode::off && (!is_talk(rule->topic) || rule == wishes.front()); });
    return found == wishes.end() ? nullptr : *found;
}

std::string text_that_is_enough(Turn const& turn, Rule const& rule, Reading const& about) {
    if (is_talk(rule.topic)) return {};
    if (text_is_enough(rule)) return rule.reply;
    auto const playbook = turn.catalog.playbooks.find(rule.playbook);
    if (playbook == turn.catalog.playbooks.end() || !playbook->second.in_between) return {};
    for (auto const& step : playbook->second.steps)
        if (auto const* text = std::get_if<Say>(&step.action); text && applies(turn, about, step)) return text->template_id;
    return {};
}

}  // namespace kefu
