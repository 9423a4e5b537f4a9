// SPDX-License-Identifier: Apache-2.0
#include "replies/decide.hpp"

#include "replies/turn.hpp"

#include <algorithm>

namespace kefu {

namespace {

void on_event(Turn& turn, TimerFired const& event) {
    auto& conversation = turn.conversation;
    if (event.name == "quiet") {
        if (conversation.owner == Owner::bot && !conversation.unanswered.empty()) answer_or_wait(turn);
    } else if (event.name == "answer_by") {
        if (conversation.owner == Owner::waiting) on_deadline(turn);
    } else if (event.name == "acknowledge") {
        on_no_reaction(turn);
    } else if (event.name == "playbook") {
        on_playbook_timer(turn);
    } else if (event.name == "lookup") {
        on_lookup_timer(turn);
    } else {
        turn.because("no timer of this name: " + event.name);
    }
}

void on_event(Turn& turn, ProfileLearned const& event) {
    if (!event.display_name.empty()) turn.conversation.display_name = event.display_name;
    if (!event.language.empty()) turn.conversation.profile_language = event.language;
}

void on_event(Turn& turn, Noted const& event) { turn.because("noted: " + event.kind); }

/// The law of several countries wants it said before a machine's first line.
void disclose_first(Turn& turn) {
    auto& conversation = turn.conversation;
    if (!turn.policy().disclose || conversation.disclosed || !turn.catalog.templates.has("disclosure")) return;
    auto const first = std::find_if(turn.effects.begin(), turn.effects.end(), [](Effect const& effect) { return std::holds_alternative<Reply>(effect); });
    if (first == turn.effects.end()) return;
    auto const& says = std::get<Reply>(*first).template_id;
    if (says == "no_language") return;  // not in words this customer reads
    conversation.disclosed = true;
    if (says != "bot_answer") turn.effects.insert(first, Reply{"disclosure", {}, SendPurpose::holding});
}

}  // namespace

std::string language_prior(Catalog const& catalog, ChannelPolicy const& channel, Conversation const& conversation) {
    for (auto const& language : {conversation.language, conversation.profile_language, channel.default_locale})
        if (!language.empty()) return language;
    return catalog.policy.default_locale;
}

std::optional<std::string> objection_to(Conversation const& conversation, Event const& event, Timestamp now) {
    return std::visit(
        [&](auto const& what) -> std::optional<std::string> {
            if constexpr (requires { objection(conversation, what, now); }) return objection(conversation, what, now);
            if constexpr (requires { objection(conversation, what); }) return objection(conversation, what);
            return std::nullopt;
        },
        event);
}

Decision decide(Catalog const& catalog, ChannelPolicy const& channel, Conversation conversation, Event const& event, Timestamp now) {
    Turn turn{catalog, channel, now, std::move(conversation), {}, {}, {}};
    auto const horizon = now - catalog.policy.limits.answers_within;
    std::erase_if(turn.conversation.said, [&](Said const& said) { return said.at < horizon; });
    auto const yesterday = now - std::chrono::hours{24};
    // Cases come back, and numbers come again, when the answer that closed or opened them is taken back.
    auto const is_over = [&](std::uint64_t number) { return number < turn.conversation.open.number && number != turn.conversation.open_before.number; };
    std::erase_if(turn.conversation.conceded, [&](Conceded const& given) { return given.at < yesterday && is_over(given.case_number); });
    std::visit([&](auto const& what) { on_event(turn, what); }, event);
    disclose_first(turn);
    call_off_approval(turn);
    return {std::move(turn.conversation), std::move(turn.effects), std::move(turn.why), turn.mode == AnswerMode::draft};
}

}  // namespace kefu
