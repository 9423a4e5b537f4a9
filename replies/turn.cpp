// SPDX-License-Identifier: Apache-2.0
#include "replies/turn.hpp"

#include "intents/order_context.hpp"
#include "intents/utf8.hpp"
#include "replies/number_like.hpp"

#include <unicode/uchar.h>

#include <algorithm>
#include <iterator>

namespace kefu {

namespace {

void look_at_characters(std::string const& text, Reading& reading) {
    for (std::size_t at = 0; at < text.size();) {
        auto const c = next_code_point(text, at);
        if (u_isalnum(static_cast<UChar32>(c))) reading.has_words = true;
        if (c == U'?' || c == U'？' || c == U'؟') reading.asks = true;
    }
}

void add_topic(std::vector<TopicScore>& topics, TopicScore const& topic) {
    auto const same = std::find_if(topics.begin(), topics.end(), [&](auto const& other) { return other.name == topic.name; });
    if (same == topics.end())
        topics.push_back(topic);
    else
        same->score = std::max(same->score, topic.score);
}

/// Adds one message's meaning, whose text begins at `shift` in the quote.
void add_meaning(Classification& all, Classification const& one, std::size_t shift) {
    if (one.language != "und" && one.language != "mul") all.language = one.language;
    for (std::size_t i = 0; i < label_count; ++i) {
        all.scores[i] = std::max(all.scores[i], one.scores[i]);
        auto const label = static_cast<Label>(i);
        if (one.has(label) && !all.has(label)) all.labels.push_back(label);
    }
    for (auto const& topic : one.topics) add_topic(all.topics, topic);
    all.anger.level = std::max(all.anger.level, one.anger.level);
    std::vector<AngerKind> kinds;
    std::set_union(all.anger.kinds.begin(), all.anger.kinds.end(), one.anger.kinds.begin(), one.anger.kinds.end(), std::back_inserter(kinds));
    all.anger.kinds = std::move(kinds);
    for (auto entity : one.entities) {
        entity.start_byte += shift;
        entity.end_byte += shift;
        all.entities.push_back(std::move(entity));
    }
    for (auto evidence : one.evidence) {
        evidence.start_byte += shift;
        evidence.end_byte += shift;
        all.evidence.push_back(std::move(evidence));
    }
}

}  // namespace

std::string Reading::order() const {
    if (auto const order = meaning.entity(EntityKind::order_number)) return *order;
    return meaning.entity(EntityKind::tracking_number).value_or("");
}

bool Reading::says(std::string_view topic) const { return meaning.topic(topic) >= topic_threshold; }

Reading read_together(std::vector<Unanswered> const& messages) {
    Reading reading;
    for (auto const& message : messages) {
        if (!message.text.empty() && !reading.quote.empty()) reading.quote += '\n';
        add_meaning(reading.meaning, message.meaning, reading.quote.size());
        reading.quote += message.text;
        look_at_characters(message.text, reading);
        for (auto const kind : message.attachments) {
            if (kind == ContentKind::image)
                reading.photos.push_back(message.id);
            else
                reading.unreadable.push_back(kind);
        }
    }
    auto& meaning = reading.meaning;
    std::sort(meaning.labels.begin(), meaning.labels.end());
    std::stable_sort(meaning.topics.begin(), meaning.topics.end(), [](auto const& a, auto const& b) { return a.score > b.score; });
    std::sort(meaning.anger.kinds.begin(), meaning.anger.kinds.end());
    meaning.anger.kinds.erase(std::unique(meaning.anger.kinds.begin(), meaning.anger.kinds.end()), meaning.anger.kinds.end());
    if (messages.size() > 1) drop_corrected_orders(reading.quote, meaning.entities);  // "10023455", then "sorry, 10023456"
    if (reading.says("question")) reading.asks = true;
    return reading;
}

int letters_in(std::string_view text) {
    int letters = 0;
    for (std::size_t at = 0; at < text.size();) {
        auto const c = next_code_point(text, at);
        if (u_isalpha(static_cast<UChar32>(c))) letters += c > 0x2E80 ? 4 : 1;  // a Han character says as much as a few letters
    }
    return letters;
}

bool says_more_than(int few, Reading const& about) { return letters_in(about.quote) > few; }

std::string locale_of(Catalog const& catalog, ChannelPolicy const& channel, Conversation const& conversation) {
    for (auto const& locale : {conversation.language, conversation.profile_language, channel.default_locale})
        if (!locale.empty() && catalog.templates.speaks(locale)) return locale;
    return catalog.policy.default_locale;
}

std::string locale_of(Turn const& turn) { return locale_of(turn.catalog, turn.channel, turn.conversation); }

bool has_texts(Turn const& turn) { return turn.conversation.language.empty() || turn.catalog.templates.speaks(turn.conversation.language); }

bool may_speak(Turn const& turn) { return turn.conversation.reachable && !turn.conversation.standby && turn.channel.mode != ChannelPolicy::Mode::off; }

void say(Turn& turn, std::string template_id, SendPurpose purpose, Arguments arguments) {
    auto const is_said = [&](Effect const& effect) {
        auto const* reply = std::get_if<Reply>(&effect);
        return reply && reply->template_id == template_id;
    };
    if (std::any_of(turn.effects.begin(), turn.effects.end(), is_said)) return;  // two matters, one answer
    if (!may_speak(turn)) {
        turn.because("not said: " + template_id);
        return;
    }
    turn.effects.emplace_back(Reply{std::move(template_id), std::move(arguments), purpose});
}

void change_owner(Turn& turn, Owner owner, std::string reason, std::string const& by) {
    auto& conversation = turn.conversation;
    auto detail = std::string{to_string(conversation.owner)} + " → " + std::string{to_string(owner)} + ": " + reason;
    bool const goes_on_waiting = owner == Owner::waiting && conversation.owner == Owner::waiting;
    if (!goes_on_waiting) end_assignment(turn);
    conversation.owner = owner;
    conversation.owner_reason = std::move(reason);
    if (owner == Owner::person) conversation.agent = by;
    conversation.owner_since = turn.now;
    turn.effects.emplace_back(Audit{"owner", by, std::move(detail)});
}

void close_conversation(Turn& turn, std::string reason) {
    close_case(turn.conversation);
    turn.conversation.heat = 0;
    change_owner(turn, Owner::closed, std::move(reason), "bot");
}

bool says_something(Turn const& turn) {
    return std::any_of(turn.effects.begin(), turn.effects.end(), [](Effect const& effect) { return std::holds_alternative<Reply>(effect); });
}

Timestamp last_said(Conversation const& conversation, std::string_view template_id) {
    auto const found = std::find_if(conversation.said.rbegin(), conversation.said.rend(), [&](auto const& said) { return said.template_id == template_id; });
    return found == conversation.said.rend() ? Timestamp{} : found->at;
}

bool learn(Conversation& conversation, Reading const& reading) {
    auto& open = conversation.open;
    for (auto const& photo : reading.photos)
        if (open.photos.size() < 32) open.photos.push_back(photo);
    constexpr std::size_t most_topics = 16;
    for (auto const& topic : reading.meaning.topics)
        if (topic.score >= topic_threshold && open.mentioned.size() < most_topics &&
            std::find(open.mentioned.begin(), open.mentioned.end(), topic.name) == open.mentioned.end())
            open.mentioned.push_back(topic.name);
    if (auto const phone = reading.meaning.entity(EntityKind::phone)) open.phone = *phone;
    auto order = reading.order();
    if (order.empty() && !open.order.empty() && (open.asking.empty() || open.asking == "order")) order = number_like(open.order, reading);
    if (order.empty() || order == open.order) return false;
    bool const first = open.order.empty();
    open.order = order;
    return first;
}

}  // namespace kefu
