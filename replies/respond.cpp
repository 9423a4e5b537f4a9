// SPDX-License-Identifier: Apache-2.0
#include "replies/decide.hpp"

#include "replies/facts.hpp"
#include "replies/turn.hpp"

#include <algorithm>
#include <cstdio>

namespace kefu {

namespace {

/// Whatever a customer reads of it.
std::string all_words(OutboundMessage const& message) {
    std::string words = message.text;
    if (!message.card) return words;
    words += '\n' + message.card->title;
    for (auto const& row : message.card->rows) words += '\n' + row.label + ": " + row.text;
    return words + '\n' + message.card->button;
}

constexpr std::size_t most_said = 32;

/// FNV-1a: only ever compared with itself, also by a later version.
std::string hash_of(std::string const& text) {
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (char const c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    char buffer[17];
    std::snprintf(buffer, sizeof buffer, "%016llx", static_cast<unsigned long long>(hash));
    return buffer;
}

/// The fact for that locale: its own, a wider locale's, or the one for all.
Argument const* fact_for(std::map<std::string, Argument> const& by_locale, std::string_view locale) {
    for (auto wanted = locale; !wanted.empty(); wanted = wanted.substr(0, wanted.rfind('-') == std::string_view::npos ? 0 : wanted.rfind('-')))
        if (auto const found = by_locale.find(std::string{wanted}); found != by_locale.end()) return &found->second;
    auto const all = by_locale.find("");
    return all == by_locale.end() ? nullptr : &all->second;
}

/// Everything a template may be given now. What decide() gave comes first.
Arguments arguments_for(Policy const& policy, Conversation const& conversation, Reply const& reply, std::string_view locale, Timestamp now) {
    Arguments arguments = reply.arguments;
    arguments.emplace("now", now);
    arguments.emplace("shop", policy.shop);
    arguments.emplace("case", case_name(conversation));
    for (auto const& [name, by_locale] : policy.facts)
        if (auto const* fact = fact_for(by_locale, locale)) arguments.emplace(name, *fact);
    if (!conversation.display_name.empty()) arguments.emplace("customer", conversation.display_name);
    if (!conversation.open.order.empty()) arguments.emplace("order", conversation.open.order);
    add_case_arguments(conversation, arguments);
    if (conversation.owner == Owner::waiting && conversation.answer_by > now) arguments.emplace("answer_by", conversation.answer_by);
    return arguments;
}

struct Spoken {
    Send send;
    std::vector<Said> said;
    std::optional<ReplyUnusable> unusable;
    bool disclosed = false;
};

bool counts(SendPurpose purpose) { return purpose == SendPurpose::answer || purpose == SendPurpose::reask; }

/// Renders the replies in order, until one cannot be said.
Spoken speak(Catalog const& catalog, ChannelPolicy const& channel, Turn const& turn, std::vector<Reply> const& replies, Timestamp now) {
    auto const& policy = catalog.policy;
    auto const& conversation = turn.conversation;
    auto const locale = locale_of(turn);
    auto const& fallback = channel.default_locale.empty() ? policy.default_locale : channel.default_locale;
    Spoken spoken;
    bool time_named = false;
    for (auto const& reply : replies) {
        auto const used = catalog.templates.locale_for(reply.template_id, locale, fallback).value_or(locale);
        auto const told = conversation.told.find(reply.template_id);
        auto const turns = told == conversation.told.end() ? 0 : told->second;
        auto arguments = arguments_for(policy, conversation, reply, used, now);
        auto const render = [&] { return catalog.templates.render(reply.template_id, locale, fallback, policy.time_zone, arguments, turns, channel.type); };
        // The promised time is named once, where the texts have a way to say the rest without it.
        auto promised = time_named ? arguments.extract("answer_by") : Arguments::node_type{};
        auto rendered = render();
        if (!rendered && promised) {
            arguments.insert(std::move(promised));
            rendered = render();
        }
        if (!rendered && reply.template_id == "disclosure") continue;  // said before the next line instead
        if (!rendered) {
            spoken.unusable = ReplyUnusable{reply.template_id, rendered.error().message};
            return spoken;
        }
        auto const& text = rendered->messages.front().text;
        if (auto const finding = catalog.guard.check(all_words(rendered->messages.front()))) {
            spoken.unusable = ReplyUnusable{reply.template_id, "rule " + finding->rule, true};
            return spoken;
        }
        auto const hash = hash_of(text);
        auto const same =
            std::count_if(conversation.said.begin(), conversation.said.end(), [&](auto const& said) { return said.text_hash == hash && counts(said.purpose); });
        if (counts(reply.purpose) && same >= policy.limits.identical_answers) {
            spoken.unusable = ReplyUnusable{reply.template_id, "said " + std::to_string(same) + " times already", false, true};
            return spoken;
        }
        time_named = time_named || catalog.templates.names(reply.template_id, rendered->locale, rendered->variant, "answer_by");
        spoken.disclosed = spoken.disclosed || reply.template_id == "disclosure" || reply.template_id == "bot_answer";
        spoken.said.push_back({now, reply.template_id, hash, reply.purpose, {}});
        spoken.send.language = rendered->locale;  // of the last bubble: the disclosure may come from another
        spoken.send.templates.push_back(reply.template_id);
        for (auto& message : rendered->messages) spoken.send.messages.push_back(std::move(message));
        if (spoken.send.purpose != SendPurpose::answer || spoken.send.templates.size() == 1) spoken.send.purpose = reply.purpose;
    }
    return spoken;
}

std::vector<Reply> take_replies(std::vector<Effect>& effects) {
    std::vector<Reply> replies;
    for (auto& effect : effects)
        if (auto* reply = std::get_if<Reply>(&effect)) replies.push_back(std::move(*reply));
    return replies;
}

bool calls_people(std::vector<Effect> const& effects) {
    return std::any_of(effects.begin(), effects.end(), [](Effect const& effect) { return std::holds_alternative<Escalate>(effect); });
}

void address(Send& send, Conversation& conversation, Timestamp now) {
    send.decided_at = now;
    if (!conversation.answering.empty()) send.answers = conversation.answering.back().id;
    send.id = EffectId{conversation.id.value + '#' + std::to_string(++conversation.effects)};
    send.reply_handle = std::exchange(conversation.reply_handle, {});
    send.handle_at = std::exchange(conversation.handle_at, {});
    send.customer_wrote_at = conversation.last_message_at;
    send.knows_message = conversation.received;
}

/// Takes note of what is said, so that it is not said again, and of what it answers.
void note_sent(Conversation& conversation, Send const& send, std::vector<Said> said) {
    for (auto& line : said) {
        ++conversation.told[line.template_id];
        line.effect = send.id;
        conversation.said.push_back(std::move(line));
    }
    if (conversation.said.size() > most_said) conversation.said.erase(conversation.said.begin(), conversation.said.end() - most_said);
    conversation.answering_with = send.id;
    conversation.answering_knows = conversation.received;
    conversation.taken_back = false;
}

/// Puts `send` where the first reply stood and takes the others out.
void replace_replies(std::vector<Effect>& effects, std::optional<Send> send) {
    auto const is_reply = [](Effect const& effect) { return std::holds_alternative<Reply>(effect); };
    auto const first = std::find_if(effects.begin(), effects.end(), is_reply);
    if (send && first != effects.end()) *first = *std::move(send);
    std::erase_if(effects, is_reply);
}

template <class T>
void append(std::vector<T>& all, std::vector<T> more) {
    all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

/// The guard warns people; they may know better, and then it is on record.
void guard_agent(Catalog const& catalog, AgentActed const& event, Decision& decision) {
    auto const finding = catalog.guard.check(event.text);
    if (!finding) return;
    decision.effects.emplace_back(Audit{event.override_guard ? "guard_overridden" : "reply_blocked", event.agent, "rule " + finding->rule});
    decision.why.push_back("the guard: " + finding->rule);
    if (!event.override_guard) std::erase_if(decision.effects, [](Effect const& effect) { return std::holds_alternative<Send>(effect); });
}

}  // namespace

Decision respond(Catalog const& catalog, ChannelPolicy const& channel, Conversation conversation, Event const& event, Timestamp now) {
    auto const waited = conversation.answering_with;
    auto const case_before = conversation.open;
    bool const disclosed = conversation.disclosed;
    auto const* acted = std::get_if<AgentActed>(&event);
    if (acted && acted->action == AgentAction::approve && !acted->override_guard) {
        if (auto const finding = catalog.guard.check(acted->text)) {
            Audit blocked{"draft_blocked", acted->agent, "rule " + finding->rule};
            return {std::move(conversation), {std::move(blocked)}, {"the guard: " + finding->rule}};
        }
    }
    auto decision = decide(catalog, channel, std::move(conversation), event, now);
    bool const own_words = acted && !acted->elsewhere && (acted->action == AgentAction::reply || acted->action == AgentAction::approve);
    if (own_words) guard_agent(catalog, *acted, decision);

    std::vector<Effect> effects = std::move(decision.effects);
    auto replies = take_replies(effects);
    auto& state = decision.conversation;
    // A line that takes the place of a draft is one too, unless it became so serious that people are called anew.
    bool for_approval = channel.mode == AnswerMode::draft || decision.for_approval || (state.draft && !calls_people(effects));
    std::vector<Reply> disclosure;
    for (int attempt = 0; !replies.empty(); ++attempt) {
        Turn turn{catalog, channel, now, std::move(state), {}, {}, {}};
        auto spoken = speak(catalog, channel, turn, replies, now);
        state = std::move(turn.conversation);
        if (!spoken.unusable) {
            spoken.send.by = "bot";
            state.disclosed = disclosed || spoken.disclosed;
            if (spoken.send.messages.empty()) break;
            if (state.draft) withdraw_draft(state);  // this takes its place
            address(spoken.send, state, now);
            note_sent(state, spoken.send, std::move(spoken.said));
            // A line that answers no message can be taken back too: the case stays the one it was.
            if (state.open_before.number == 0 && case_before.number > 0) state.open_before = case_before;
            if (for_approval) {
                auto written = decide(catalog, channel, std::move(state), DraftWritten{std::move(spoken.send)}, now);
                state = std::move(written.conversation);
                append(decision.why, std::move(written.why));
                append(effects, std::move(written.effects));
                break;
            }
            replace_replies(effects, std::move(spoken.send));
            break;
        }
        decision.guarded = decision.guarded || spoken.unusable->blocked_by_guard;
        // The decision stands but for its words; what decide() says instead follows the disclosure, if that was due.
        if (replies.front().template_id == "disclosure" && spoken.unusable->template_id != "disclosure") disclosure.assign(1, replies.front());
        if (attempt == 2) {
            decision.why.push_back("nothing can be said");
            state.disclosed = disclosed;
            break;
        }
        auto again = decide(catalog, channel, std::move(state), *spoken.unusable, now);
        state = std::move(again.conversation);
        for_approval = for_approval || again.for_approval;
        append(decision.why, std::move(again.why));
        replies = take_replies(again.effects);
        if (replies.empty()) state.disclosed = disclosed;
        if (!replies.empty()) replies.insert(replies.begin(), disclosure.begin(), disclosure.end());
        replace_replies(effects, std::nullopt);
        append(effects, std::move(again.effects));
    }
    replace_replies(effects, std::nullopt);
    for (auto& effect : effects)
        if (auto* send = std::get_if<Send>(&effect); send && send->id.empty()) address(*send, state, now);
    if (state.answering_with == waited && waited.empty()) state.answering.clear();  // silence: nothing is on its way
    decision.effects = std::move(effects);
    return decision;
}

Speakable speakable(Catalog const& catalog, ChannelPolicy const& channel, Conversation const& conversation, Timestamp now) {
    Speakable speakable;
    speakable.locale = locale_of(catalog, channel, conversation);
    speakable.fallback = channel.default_locale.empty() ? catalog.policy.default_locale : channel.default_locale;
    speakable.arguments = arguments_for(catalog.policy, conversation, Reply{}, speakable.locale, now);
    return speakable;
}

}  // namespace kefu
