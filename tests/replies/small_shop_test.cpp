// SPDX-License-Identifier: Apache-2.0
// The small shop itself, and the test that it is sound. (Only *_test.cpp files are built, hence the name.)
#include "small_shop.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace kefu::small_shop {

namespace {

constexpr char const* topics_yaml = R"(topics:
  greeting: {}
  thanks: {}
  no_reply: {}
  yes: {}
  no: {}
  bot_question: {}
  withdraw: {}
  resolved: {}
  where_is_order: {labels: [tracking]}
  delivery_late: {labels: [tracking]}
  refund_request: {labels: [refund]}
  refund_policy: {labels: [refund]}
  compensation: {labels: [refund]}
  cancel_order: {labels: [cancel]}
  damaged: {}
  minor_flaw: {}
  wrong_item: {}
  safety: {}
  grumble: {}
  invoice: {}
  stock: {}
  privacy: {}
  insult: {labels: [anger], anger: {kind: insult, level: 0.85}}
  threat_agency: {labels: [anger], anger: {kind: threat_agency, level: 0.7}}
  human: {labels: [human]}
)";

constexpr char const* pack_yaml = R"(language: en
hints:
  words: [i, you, the, my, is, a, to, want]
patterns:
  - id: human.plain
    topic: human
    weight: 0.95
    any: ['\bperson\b']
    examples: ['I want to talk to a person']
)";

constexpr char const* english = R"(locale: en
templates:
  disclosure: {variants: ['I am the automatic assistant of {shop}.']}
  welcome: {variants: ['Welcome to {shop}.']}
  greeting: {variants: ['What can we do for you?', 'How may we help?']}
  not_understood: {variants: ['Say it in other words, please.']}
  thanks_closing: {variants: ['You are welcome.', 'Any time.']}
  bot_answer: {variants: ['Yes, a machine. A person, if you like?']}
  cannot_read: {variants: ['I cannot read {kind, select, audio {voice messages} other {this}}.', 'Text, please.']}
  photo_received: {variants: ['A photo! What is it about?']}
  no_language: {variants: ['A person will read this.']}
  backlog: {variants: ['Sorry for the wait.']}
  handover: {variants: ['A person answers by {answer_by, time, short}.']}
  handover_offhours: {variants: ['Closed. A person answers by {answer_by, date, ::EEEEdMMMM} {answer_by, time, short}, case {case}.']}
  handover_angry: {variants: ['Sorry. A person answers by {answer_by, time, short}.']}
  handover_threat: {variants: ['Noted. A person answers by {answer_by, time, short}.']}
  handover_extortion: {variants: ['A colleague looks at it.']}
  handover_safety: {variants: ['We hope you are well. A person comes at once.']}
  handover_repeat: {variants: ['That did not work. A person takes it.']}
  still_waiting: {variants: ['A person is still to come, by {answer_by, time, short}.', 'A person is still to come.']}
  still_waiting_added: {variants: ['Added. A person comes by {answer_by, time, short}.', 'Added.']}
  still_waiting_late: {variants: ['Late. A person comes by {answer_by, time, short}.', 'Late.']}
  still_waiting_answered: {variants: ['The rest comes by {answer_by, time, short}.', 'The rest comes from a person.']}
  still_waiting_safety: {variants: ['A person is on the way.']}
  handover_case: {variants: ['A person looks at it, by {answer_by, time, short}.']}
  question_noted: {variants: ['Your question is noted.']}
  order_known: {variants: ['That is the one.']}
  withdraw_noted: {variants: ['They know.']}
  needs_colleague: {variants: ['Shall a person look?']}
  cannot_answer: {variants: ['Shall a person answer?']}
  order_what: {variants: ['What about {order}?']}
  ask_order: {variants: ['Which order number?']}
  ask_order_again: {variants: ['The number is in the e-mail. Which is it?']}
  ask_photos: {variants: ['{photos, plural, one {One more photo} other {# more photos}}, please.']}
  order_not_found: {variants: ['There is no such order.']}
  ask_second_fact: {variants: ['The last digits of your phone number, please.']}
  ask_second_fact_again: {variants: ['Three digits, please.']}
  looking_up: {variants: ['One moment.']}
  reminder: {variants: ['Are you still there?']}
  gave_up: {variants: ['We leave it for now.']}
  order_status: {variants: ['{status, select, shipped {It is with {courier}.} other {It is {status}.}}', 'It is {status}.']}
  follow_up: {variants: ['Did it come?']}
  confirm: {variants: ['Really?']}
  minor_flaw: {variants: ['Sorry about the flaw.']}
  offer_gift: {variants: ['A gift with your next order?']}
  offer_coupon: {variants: ['A voucher of {offer_value}?']}
  order_noted: {variants: ['Order {order}, noted.']}
  where_is_order: {variants: ['Order {order} is with a colleague.', 'It is with a colleague.']}
  delivery_late: {variants: ['Sorry that it is late.']}
  refund_request: {variants: ['Your wish for a refund is with a colleague.']}
  refund_policy: {variants: ['You have {return_days, plural, one {# day} other {# days}}.', 'See our terms.']}
  compensation: {variants: ['A colleague looks at the costs.']}
  cancel_order: {variants: ['A colleague looks at the cancellation.']}
  withdraw: {variants: ['Then we leave it.']}
  resolved: {variants: ['Good to hear.']}
  damaged: {variants: ['Sorry! {photos, plural, one {# photo} other {# photos}}, please.']}
  wrong_item: {variants: ['Sorry! A photo, please.']}
  grumble: {variants: ['We are sorry. What happened?']}
  invoice: {variants: ['{invoice_rule}', 'With every parcel.']}
  stock: {variants: ['The page says it.']}
  privacy: {variants: ['We cannot tell.']}
)";

constexpr char const* czech = R"(locale: cs
templates:
  greeting: {variants: ['Co pro vás můžeme udělat?']}
  refund_policy: {variants: ['Na vrácení máte {return_days, plural, one {# den} few {# dny} other {# dní}}.']}
  handover: {variants: ['Ozve se vám kolega do {answer_by, time, short}.']}
)";

constexpr char const* policy_yaml = R"(limits:
  quiet_window: 2s
  quiet_cap: 8s
  quiet_messages: 6
default_tier: aftersale
tiers:
  - {name: presale, answer_within: 30m}
  - {name: insale, answer_within: 1h}
  - {name: aftersale, answer_within: 1h, authority: {per_order: {USD: 20}}}
  - {name: review_desk, answer_within: 30m}
  - {name: supervisor, answer_within: 30m, authority: {per_order: {USD: 200}}}
  - {name: manager, answer_within: 2h, authority: unlimited}
bot: {per_order: {USD: 10}, per_day: {USD: 15}, may: [gift, coupon]}
ladder:
  - {give: gift, say: offer_gift}
  - {give: coupon, say: offer_coupon, value: {USD: 5}}
  - {give: coupon, say: offer_coupon, value: {USD: 50}}
hours:
  mon: ['09:00-18:00']
  tue: ['09:00-18:00']
  wed: ['09:00-18:00']
  thu: ['09:00-18:00']
  fri: ['09:00-18:00']
facts:
  return_days: 14
  warehouse: 'Brno'
rules:
  - {topic: safety, scenario: S1, priority: 100, tier: supervisor, reply: handover_safety, hand_over: always, reason: safety, urgent: true}
  - {topic: privacy, scenario: S2, priority: 95, reply: privacy}
  - {topic: human, scenario: Q8, priority: 90, reply: handover, hand_over: always, reason: asks_human}
  - {topic: withdraw, scenario: R8, priority: 80, reply: withdraw}
  - {topic: resolved, scenario: R8, priority: 75, reply: resolved}
  - {topic: compensation, scenario: R5, priority: 62, tier: supervisor, reply: compensation, hand_over: always, reason: money_above_authority}
  - {topic: cancel_order, scenario: C1, priority: 60, tier: insale, playbook: cancel_order}
  - {topic: damaged, scenario: P2, priority: 58, playbook: damaged}
  - {topic: wrong_item, scenario: P6, priority: 57, playbook: wrong_item}
  - {topic: refund_request, scenario: R1, priority: 53, playbook: refund_request}
  - {topic: refund_policy, scenario: R7, priority: 49, reply: refund_policy}
  - {topic: minor_flaw, scenario: P1, priority: 47, playbook: minor_flaw}
  - {topic: delivery_late, scenario: T2, priority: 45, tier: insale, reply: delivery_late, hand_over: second_time}
  - {topic: where_is_order, scenario: T1, priority: 41, tier: insale, playbook: where_is_order}
  - {topic: invoice, scenario: Q2, priority: 33, tier: presale, reply: invoice}
  - {topic: stock, scenario: Q5, priority: 31, tier: presale, reply: stock, hand_over: second_time}
  - {topic: grumble, scenario: A1, priority: 20, reply: grumble, hand_over: second_time, reason: repeated_failure}
  - {topic: bot_question, scenario: N6, priority: 15, tier: presale, reply: bot_answer}
  - {topic: thanks, scenario: A10, priority: 10, reply: thanks_closing, silent_unless_case: true}
  - {topic: no_reply, scenario: N3, priority: 9, reply: ''}
  - {topic: greeting, scenario: N1, priority: 5, reply: greeting}
)";

constexpr char const* playbooks_yaml = R"(playbooks:
  where_is_order:
    steps:
      - {ask: order, say: ask_order, again: ask_order_again}
      - {lookup: order}
      - when: {lookup: found}
        steps:
          - {say: order_status}
          - {wait_for: customer, at_most: 2d}
          - {when: {waited: time}, say: follow_up}
          - {when: {waited: time}, close: looked after}
          - {call: repeated_failure}
      - {call: needs_person, say: where_is_order}
  refund_request:
    slots:
      reason: {type: text}
    steps:
      - {ask: order, say: ask_order, again: ask_order_again}
      - {when: {claim_over_authority: yes}, call: money_above_authority, say: refund_request}
      - {call: needs_person, say: refund_request}
  cancel_order:
    slots:
      sure: {type: yes_no, confirms: true}
    steps:
      - {ask: order, say: ask_order, again: ask_order_again}
      - {lookup: order}
      - {when: {lookup: found}, ask: sure, say: confirm, otherwise: skip}
      - {when: {sure: no}, close: the customer keeps it}
      - {call: needs_person, say: cancel_order}
  damaged:
    slots:
      intact: {type: yes_no, named_by: ['box', '箱子'], choices: {yes: ['fine', '没破'], no: ['not fine', 'torn', '破']}}
    steps:
      - {when: {intact: no}, tell: the box was torn}
      - {when: {intact: yes}, tell: the box was fine}
      - {ask: photos, count: 3, say: damaged, again: ask_photos, otherwise: skip}
      - {ask: order, say: ask_order, again: ask_order_again}
      - {call: needs_person, say: handover}
  wrong_item:
    steps:
      - {ask: photos, count: 1, say: wrong_item, again: ask_photos, otherwise: skip}
      - {ask: order, say: ask_order, again: ask_order_again}
      - {call: needs_person, say: handover}
  minor_flaw:
    steps:
      - {say: minor_flaw}
      - {offer: ladder}
      - {when: {offer: accepted}, close: accepted}
      - {call: needs_person, say: handover}
)";

constexpr char const* guard_yaml = R"(rules:
  - id: dispatch_day
    why: 'only the warehouse knows'
    any: ['\bship … (today|tomorrow)\b', '今天(就)?發貨']
    except: ['\bcannot … today\b']
    blocks: ['We ship it today', '今天發貨']
    allows: ['We cannot ship today']
)";

}  // namespace

CatalogSources sources() {
    return {{{"intents/topics.yaml", topics_yaml}, {"intents/en.yaml", pack_yaml}},
            {{"replies/en.yaml", english}, {"replies/cs.yaml", czech}},
            {{"playbooks/shop.yaml", playbooks_yaml}},
            {},
            {"policy.yaml", policy_yaml},
            {"guard.yaml", guard_yaml}};
}

ShopSettings settings() { return {"Small Shop", "en", "Europe/Prague", {}}; }

Catalog catalog_with(CatalogSources const& from) { return build_catalog(from, settings()).value(); }

Catalog const& catalog() {
    static Catalog const one = catalog_with(sources());
    return one;
}

Classification meaning(std::initializer_list<std::string> topics, std::string language) {
    static std::map<std::string, Label> const labels{{"where_is_order", Label::tracking},
                                                     {"delivery_late", Label::tracking},
                                                     {"refund_request", Label::refund},
                                                     {"refund_policy", Label::refund},
                                                     {"compensation", Label::refund},
                                                     {"cancel_order", Label::cancel},
                                                     {"human", Label::human}};
    Classification result;
    result.language = std::move(language);
    for (auto const& topic : topics) {
        result.topics.push_back({topic, 0.9});
        if (auto const label = labels.find(topic); label != labels.end() && !result.has(label->second)) {
            result.labels.push_back(label->second);
            result.scores[static_cast<std::size_t>(label->second)] = 0.9;
        }
    }
    std::sort(result.labels.begin(), result.labels.end());
    return result;
}

Classification with_order(Classification meaning, std::string order) {
    meaning.entities.push_back({EntityKind::order_number, std::move(order), 0, 0});
    return meaning;
}

Classification angry(Classification meaning, double level, std::vector<AngerKind> kinds) {
    meaning.labels.insert(meaning.labels.begin(), Label::anger);
    meaning.scores[0] = level;
    meaning.anger = {level, std::move(kinds)};
    return meaning;
}

Message Talk::message(std::string text) {
    Message result;
    result.id = MessageId{"m" + std::to_string(++messages_)};
    result.sender = "customer";
    result.text = std::move(text);
    result.sent_at = now;
    result.reply_handle = "handle" + std::to_string(messages_);
    result.handle_at = now;
    return result;
}

void Talk::apply(Event const& event) {
    auto decision = respond(shop_, channel, conversation, event, now);
    conversation = std::move(decision.conversation);
    why.insert(why.end(), decision.why.begin(), decision.why.end());
    std::vector<Event> follow;
    for (auto const& effect : decision.effects) {
        seen.push_back(effect);
        if (auto const* timer = std::get_if<SetTimer>(&effect)) timers[timer->name] = timer->due;
        if (auto const* timer = std::get_if<CancelTimer>(&effect)) timers.erase(timer->name);
        if (std::holds_alternative<CancelSends>(effect)) {
            for (auto const& send : outbox)
                if (send.by == "bot") follow.emplace_back(SendFinished{send.id, SendOutcome::cancelled, "taken back"});
            std::erase_if(outbox, [](auto const& send) { return send.by == "bot"; });
        }
    }
    // In this order, as the store does it: what was taken back comes before what goes out instead.
    for (auto const& effect : decision.effects)
        if (auto const* send = std::get_if<Send>(&effect)) outbox.push_back(*send);
    for (auto const& next : follow) apply(next);
}

void Talk::settle() {
    for (int round = 0; round < 50; ++round) {
        auto const due = std::find_if(timers.begin(), timers.end(), [&](auto const& timer) { return timer.second <= now; });
        if (due != timers.end()) {
            auto const name = due->first;
            timers.erase(due);
            apply(TimerFired{name});
        } else if (delivers && !outbox.empty()) {
            auto const send = outbox.front();
            outbox.erase(outbox.begin());
            sent_.push_back(send);
            for (auto const& id : send.templates)
                if (id != "disclosure") said_.push_back(id);
            apply(SendFinished{send.id, SendOutcome::delivered, {}});
        } else {
            return;
        }
    }
    ADD_FAILURE() << "this never comes to rest";
}

std::vector<std::string> Talk::happens(Event const& event) {
    seen.clear();
    why.clear();
    apply(event);
    settle();
    return take_said();
}

std::vector<std::string> Talk::says(Classification meaning, std::string text) {
    waits(std::chrono::minutes{1});
    return happens(MessageReceived{message(std::move(text)), std::move(meaning)});
}

std::vector<std::string> Talk::sends(std::vector<ContentKind> attachments, Classification meaning, std::string text) {
    waits(std::chrono::minutes{1});
    auto received = message(std::move(text));
    for (auto const kind : attachments) received.attachments.push_back({kind, "file", {}, {}});
    return happens(MessageReceived{std::move(received), std::move(meaning)});
}

std::vector<std::string> Talk::agent(AgentAction action, std::string name, std::string text) {
    return happens(AgentActed{action, std::move(name), std::move(text)});
}

std::vector<std::string> Talk::waits(std::chrono::minutes time) {
    seen.clear();
    why.clear();
    auto const until = now + time;
    for (;;) {
        auto const next = std::min_element(timers.begin(), timers.end(), [](auto const& a, auto const& b) { return a.second < b.second; });
        if (next == timers.end() || next->second > until) break;
        now = std::max(now, next->second);
        settle();
    }
    now = until;
    settle();
    return take_said();
}

std::vector<std::string> Talk::take_said() { return std::exchange(said_, {}); }

std::string Talk::last_text() const { return sent_.empty() ? "" : sent_.back().messages.back().text; }

bool Talk::escalated(std::string const& reason) const {
    auto const calls = effects<Escalate>();
    return std::any_of(calls.begin(), calls.end(), [&](auto const& call) { return call.reason == reason; });
}

TEST(SmallShop, loads) {
    auto const built = build_catalog(sources(), settings());
    ASSERT_TRUE(built) << [&] {
        std::string all;
        for (auto const& error : built.error()) all += error.to_string() + "\n";
        return all;
    }();
}

}  // namespace kefu::small_shop
