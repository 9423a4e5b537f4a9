// SPDX-License-Identifier: Apache-2.0
#include "replies/run_playbook.hpp"
#include "replies/wishes.hpp"

#include <algorithm>
#include <array>

namespace kefu {

namespace {

/// Templates that do not answer anything the customer asked for.
bool is_about_nothing(std::string_view template_id) {
    static constexpr std::array<std::string_view, 12> all{"disclosure",     "welcome",     "greeting", "thanks_closing", "not_understood", "bot_answer",
                                                          "photo_received", "cannot_read", "withdraw", "resolved",       "cannot_answer",  "needs_colleague"};
    return std::find(all.begin(), all.end(), template_id) != all.end();
}

/// True when we answered a request lately and the conversation is still with the bot: saying it again would not help.
bool answered_lately(Conversation const& conversation) {
    return std::any_of(conversation.said.begin(), conversation.said.end(),
                       [](Said const& said) { return said.purpose == SendPurpose::answer && !is_about_nothing(said.template_id); });
}

/// Another question of the same message that can be answered with a text alone, so that no part is passed over. False: there is none.
bool say_second_wish(Turn& turn, Wishes const& wishes, Rule const& top) {
    if (stands_alone(top)) return false;
    for (auto const* rule : wishes) {
        // Asking about a product is what most questions also look like: no second question.
        if (rule == &top || is_talk(rule->topic) || rule->topic == "product_question" || !text_is_enough(*rule) || rule->reply == top.reply) continue;
        if ((rule->scenario == top.scenario && !top.playbook.empty()) || last_said(turn.conversation, rule->reply) != Timestamp{}) continue;
        turn.because("rule " + rule->scenario + " " + rule->topic + ": answered as well");
        turn.concerns(*rule);
        say(turn, rule->reply, SendPurpose::answer);
        return true;
    }
    return false;
}

/// What answers this request without leaving the question that is asked just now; empty: it needs more than a text.
std::string text_in_between(Turn const& turn, Rule const& rule, Reading const& about) {
    auto const* open = case_in_progress(turn);
    if (!open || open->topic == rule.topic || turn.conversation.open.asking.empty() || rule.playbook.empty()) return {};
    return text_that_is_enough(turn, rule, about);
}

void answer_request(Turn& turn, Rule const& rule, Wishes const& wishes, Reading const& about) {
    auto& conversation = turn.conversation;
    auto const name = "rule " + rule.scenario + " " + rule.topic;
    turn.concerns(rule);
    if (auto const text = text_in_between(turn, rule, about); !text.empty() && last_said(conversation, text) == Timestamp{}) {
        turn.because(name + ": answered in between");
        say(turn, text, SendPurpose::answer);
        return go_on_with_case(turn, about, Cause::message, true);
    }
    if (!rule.playbook.empty()) {
        bool const answered = say_second_wish(turn, wishes, rule);  // first: what we ask, or who comes, is read last
        return take_up(turn, rule, wishes, about, answered);
    }
    if (last_said(conversation, rule.reply) != Timestamp{}) {
        turn.because(name + ": asked again after the answer");
        auto call = failed(&rule);
        if (!rule.reason.empty()) call.reason = rule.reason;
        return call_person(turn, call, about);
    }
    turn.because(name);
    if (!text_is_enough(rule)) {
        say_second_wish(turn, wishes, rule);
        return call_person(turn, {rule.reason.empty() ? "needs_person" : rule.reason, rule.tier, rule.topic, rule.reply, rule.urgent}, about);
    }
    say(turn, rule.reply, SendPurpose::answer);
    say_second_wish(turn, wishes, rule);
    // A question in between: ours is asked again.
    if (case_in_progress(turn) && !conversation.open.asking.empty()) go_on_with_case(turn, about, Cause::message, true);
}

/// The number of another order came while the case waited for the customer.
bool another_order(Turn const& turn) {
    auto const& now = turn.conversation.open;
    auto const& before = turn.conversation.open_before;
    return !now.waiting.empty() && !before.order.empty() && now.order != before.order;
}

/// Not understood, a second time in a row: a person.
void not_understood(Turn& turn, Reading const& about, std::string const& reply, Arguments arguments = {}) {
    if (++turn.conversation.not_understood >= 2) return call_person(turn, failed(nullptr), about);
    say(turn, reply, SendPurpose::answer, std::move(arguments));
}

/// One word for a photo that says nothing by itself.
void acknowledge_photo(Turn& turn) {
    if (last_said(turn.conversation, "photo_received") != Timestamp{}) return turn.because("another photo: silence");
    say(turn, "photo_received", SendPurpose::answer);
}

/// The last text that we said asks whether a colleague shall look at it.
bool offered_a_person(Conversation const& conversation) {
    static constexpr std::array<std::string_view, 4> offers{"bot_answer", "cannot_answer", "needs_colleague", "return_after_period"};
    if (conversation.said.empty()) return false;
    return std::find(offers.begin(), offers.end(), conversation.said.back().template_id) != offers.end();
}

/// Messages without a wish: photos, numbers, a yes, emoji, or words we do not understand.
void answer_without_wish(Turn& turn, Reading const& about) {
    auto& conversation = turn.conversation;
    bool const yes = about.says("yes");
    bool const no = about.says("no");
    bool const brings = !about.photos.empty() || !about.order().empty();
    bool const only_stickers = !about.unreadable.empty() && about.quote.empty() &&
                               std::all_of(about.unreadable.begin(), about.unreadable.end(), [](auto kind) { return kind == ContentKind::sticker; });
    bool const wordless = !about.has_words && !about.asks && !brings && (about.unreadable.empty() || only_stickers);

    if (yes && !brings) return turn.because("a bare yes: silence");
    if (wordless && (!only_stickers || !conversation.said.empty())) return turn.because("no words: silence");
    if (case_in_progress(turn)) {
        if (another_order(turn)) return begin_with_other_order(turn, about);
        // What we do not understand after a question before buying is most likely another question.
        bool const waits = !conversation.open.waiting.empty();
        auto const& scenario = turn.policy().rule(conversation.open.topic)->scenario;
        if (scenario.starts_with('Q') && !brings && !about.asks && waits) return not_understood(turn, about, "not_understood");
        bool const only_photos = !about.photos.empty() && !about.has_words;
        if (only_photos && waits) return acknowledge_photo(turn);
        if (only_photos && slot_asked_for(turn)) return turn.because("another photo: our question stands");
        if (note_question(turn, about)) return go_on_with_case(turn, about, Cause::message, true);
        // What is said after "it is on its way" and asks for nothing is not yet a complaint about it.
        bool const calm = !about.asks && !brings && about.has_words && about.meaning.labels.empty();
        if (scenario.starts_with('T') && calm && waits) return not_understood(turn, about, "needs_colleague");
        return go_on_with_case(turn, about, !waits || !about.order().empty() ? Cause::message : Cause::again);
    }
    if (no && !brings) return turn.because("a bare no: silence");
    if (!about.order().empty() && about.photos.empty() && !about.asks && last_said(conversation, "order_what") == Timestamp{}) {
        turn.because("an order number alone");
        return say(turn, "order_what", SendPurpose::answer);
    }
    // Only a person sees what is in a picture.
    if (about.has_words && !conversation.open.photos.empty()) return call_person(turn, {"needs_person", {}, {}, {}, false}, about);
    if (!about.photos.empty()) return acknowledge_photo(turn);
    if (!about.unreadable.empty() && !about.has_words)
        return not_understood(turn, about, "cannot_read", {{"kind", std::string{content_kind_names[static_cast<std::size_t>(about.unreadable.front())]}}});
    if (about.asks && !about.has_words && answered_lately(conversation)) {
        turn.because("asks on after the answer");
        return call_person(turn, failed(nullptr), about);
    }
    turn.because("not understood");
    if (about.asks && about.has_words) return not_understood(turn, about, "cannot_answer");
    // What follows on an answer of ours is clear to whoever wrote it: "I did not get that" would be rude.
    not_understood(turn, about, answered_lately(conversation) ? "needs_colleague" : "not_understood");
}

/// The topic is certain, or words of the packs speak for it.
bool has_evidence(Reading const& about, std::string_view topic) {
    auto const& evidence = about.meaning.evidence;
    return about.meaning.topic(topic) >= certain_beside_an_answer ||
           std::any_of(evidence.begin(), evidence.end(), [&](auto const& one) { return one.topic == topic; });
}

bool asks_for(Turn const& turn, Slot::Type type) {
    auto const* slot = slot_asked_for(turn);
    return slot && slot->type == type;
}

void answer_talk(Turn& turn, Rule const& rule, Reading const& about) {
    auto& conversation = turn.conversation;
    bool const case_open = !conversation.open.topic.empty();
    turn.because("rule " + rule.scenario + " " + rule.topic);
    turn.concerns(rule);
    if (rule.reply.empty()) return turn.because("nothing to answer: silence");
    if (rule.silent_unless_case) {
        if (!case_open && conversation.heat <= 0) return turn.because("no case and no anger: silence");
        // Whoever thanks for "shall we cancel?" may think that it is done.
        if (asks_for(turn, Slot::Type::yes_no)) return go_on_with_case(turn, about, Cause::message);
        if (!conversation.open.asking.empty() && conversation.heat <= 0) return turn.because("thanks for our question: silence, the answer is awaited");
        say(turn, rule.reply, SendPurpose::answer);
        return close_conversation(turn, "the customer thanks");
    }
    if (rule.topic == "withdraw" || rule.topic == "resolved") {
        if (!case_open && last_said(conversation, rule.reply) != Timestamp{}) return turn.because("said before: silence");
        say(turn, rule.reply, SendPurpose::answer);
        return close_conversation(turn, rule.topic == "withdraw" ? "the customer takes it back" : "the customer says it is solved");
    }
    if (rule.topic == "greeting") {
        if (case_in_progress(turn) && !conversation.open.asking.empty()) return go_on_with_case(turn, about, Cause::message);  // "hello?" instead of the number
        if (case_in_progress(turn) && about.asks) return go_on_with_case(turn, about, Cause::again);
        if (about.asks && answered_lately(conversation)) return call_person(turn, failed(nullptr), about);
        if (last_said(conversation, rule.reply) != Timestamp{}) return turn.because("greeted before: silence");
    }
    say(turn, rule.reply, SendPurpose::answer);
}

/// Sends that count, however many bubbles each had.
int automatic_answers(Conversation const& conversation) {
    int count = 0;
    EffectId const* counted = nullptr;
    for (auto const& said : conversation.said) {
        if (said.purpose != SendPurpose::answer || (counted && *counted == said.effect)) continue;
        counted = &said.effect;
        ++count;
    }
    return count;
}

/// The order number that we knew, and nothing else: it crossed with our answer, or with a question for something else.
bool only_the_known_number(Turn const& turn, Reading const& about) {
    auto const& open = turn.conversation.open;
    bool const has_place = case_in_progress(turn) && (!open.waiting.empty() || !open.asking.empty());
    return has_place && about.meaning.labels.empty() && about.photos.empty() && !about.asks && about.order() == open.order && !open.order.empty() &&
           turn.conversation.open_before.order == open.order && !says_more_than(a_word_or_two, about);
}

void choose(Turn& turn, Reading const& about) {
    auto& conversation = turn.conversation;
    auto const& limits = turn.policy().limits;
    if (automatic_answers(conversation) >= limits.answers) {
        turn.because("too many automatic answers");
        return call_person(turn, failed(nullptr), about);
    }
    if (!has_texts(turn)) {
        turn.because("no texts in " + conversation.language);
        return call_person(turn, {"language", {}, {}, {}, false}, about);
    }
    auto wishes = wishes_of(turn, about);
    if (auto const* rule = left_to_people(wishes)) return leave_to_people(turn, *rule, about);
    bool const brings = !about.photos.empty() || !about.order().empty();
    bool const only_small_talk = std::all_of(wishes.begin(), wishes.end(), [](auto const* rule) { return is_small_talk(rule->topic); });
    if (only_the_known_number(turn, about)) {
        turn.because("the number is known already");
        if (last_said(conversation, "order_known") == Timestamp{}) say(turn, "order_known", SendPurpose::answer);
        return;
    }
    if (auto const* rule = case_in_progress(turn); rule && !conversation.open.asking.empty()) {
        // A choice is named in words that could be a wish by themselves: "the pickup point is fine".
        int const few = asks_for(turn, Slot::Type::choice) ? a_short_sentence : a_word_or_two;
        auto const taken = take_answer(turn, turn.catalog.playbooks.find(rule->playbook)->second, about, only_questions_or_talk(wishes));
        if (taken != Taken::nothing) conversation.not_understood = 0;
        // What we asked for may sound like many things: only a sure wish is one beside the answer. "Yes, it says sold out" asks for no stock.
        auto const certain = [&](Rule const* wish) {
            bool const asked = about.asks || !text_is_enough(*wish);
            return asked && !is_talk(wish->topic) && about.meaning.topic(wish->topic) >= certain_beside_an_answer;
        };
        bool const more = std::any_of(wishes.begin(), wishes.end(), certain) && taken == Taken::filled && says_more_than(few, about);
        if (taken != Taken::nothing && !more) return go_on_with_case(turn, about, Cause::message);
        // An answer in words that we do not know may look like any wish: what nothing but the model believes begins no other matter.
        std::erase_if(wishes, [&](Rule const* wish) { return !is_talk(wish->topic) && !has_evidence(about, wish->topic); });
    }
    drop_what_is_taken_back(turn, wishes);
    if (about.says("yes") && !brings && !has_request(wishes) && offered_a_person(conversation)) {
        turn.because("yes to a colleague");
        return call_person(turn, {"asks_human", {}, {}, {}, false}, about);
    }
    if (wishes.empty() || (only_small_talk && brings && case_in_progress(turn))) return answer_without_wish(turn, about);
    auto const& top = *wishes.front();
    if (!only_small_talk) conversation.not_understood = 0;
    if (is_talk(top.topic) && top.topic != "grumble") return answer_talk(turn, top, about);
    if (top.topic == "grumble" && case_in_progress(turn) && !conversation.open.waiting.empty()) return go_on_with_case(turn, about, Cause::again);
    answer_request(turn, main_wish(turn, wishes), wishes, about);
}

}  // namespace

void answer(Turn& turn) {
    auto& conversation = turn.conversation;
    conversation.window_opened = {};
    conversation.open_before = conversation.open;
    conversation.not_understood_before = conversation.not_understood;
    conversation.answering = std::exchange(conversation.unanswered, {});
    auto const about = read_together(conversation.answering);
    learn(conversation, about);
    choose(turn, about);
    if (!says_something(turn) && conversation.owner == Owner::bot && conversation.open.order_state.unread) go_on_after_lookup(turn);
}

}  // namespace kefu
