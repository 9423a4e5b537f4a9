// SPDX-License-Identifier: Apache-2.0
#include "replies/turn.hpp"

#include "intents/utf8.hpp"

#include <unicode/uchar.h>

#include <algorithm>

namespace kefu {

namespace {

/// Nobody says when a person who writes in the platform's own client has finished.
constexpr std::chrono::hours person_elsewhere_stays{12};
constexpr std::chrono::hours forget_after{24};  // an order number from an older talk may not be the one meant now

/// What a message changes whoever owns the conversation.
void remember(Turn& turn, Message const& message) {
    auto& conversation = turn.conversation;
    if (conversation.open.topic.empty() && conversation.received > 0 && turn.now - conversation.last_message_at > forget_after) close_case(conversation);
    ++conversation.received;
    conversation.last_message_at = turn.now;
    conversation.standby = message.standby;
    if (!std::exchange(conversation.reachable, true) && conversation.owner == Owner::waiting) {  // whoever writes can be written to
        conversation.answer_by = deadline(turn, conversation.open.tier);
        turn.effects.emplace_back(SetTimer{"answer_by", conversation.answer_by});
        ask_people(turn, turn.policy().tier(conversation.open.tier).name);
    }
    if (conversation.sender.empty()) conversation.sender = message.sender;
    if (!message.sender_name.empty() && conversation.display_name.empty()) conversation.display_name = message.sender_name;
    if (!message.sender_language.empty() && conversation.profile_language.empty()) conversation.profile_language = message.sender_language;
    if (!message.reply_handle.empty()) {
        conversation.reply_handle = message.reply_handle;
        conversation.handle_at = message.handle_at;
    }
    if (turn.channel.fetch_profile && !conversation.profile_asked && !conversation.sender.empty()) {
        conversation.profile_asked = true;
        turn.effects.emplace_back(FetchProfile{conversation.sender});
    }
    for (auto const& attachment : message.attachments) {
        bool const has_bytes = !attachment.platform_id.empty() || !attachment.url.empty();
        bool const is_file = attachment.kind == ContentKind::image || attachment.kind == ContentKind::video || attachment.kind == ContentKind::audio ||
                             attachment.kind == ContentKind::file;
        if (has_bytes && is_file) turn.effects.emplace_back(FetchMedia{message.id, attachment});
    }
}

/// Two or three Latin words could be of several languages, or just "ok thanks": they do not change the language of a talk.
bool tells_a_language(std::string const& text) {
    constexpr int enough_letters = 24;
    int letters = 0;
    for (std::size_t at = 0; at < text.size();) {
        auto const c = next_code_point(text, at);
        if (!u_isalpha(static_cast<UChar32>(c))) continue;
        if (c >= 0x250) return true;  // beyond Latin the script speaks
        ++letters;
    }
    return letters >= enough_letters;
}

void remember_language(Conversation& conversation, Classification const& meaning, std::string const& text) {
    if (meaning.language == "und" || meaning.language == "mul" || meaning.language.empty()) return;
    if (conversation.language.empty() || tells_a_language(text)) conversation.language = meaning.language;
}

/// All that has no answer yet, this message last.
std::vector<Unanswered> take_unanswered(Conversation& conversation) {
    conversation.window_opened = {};
    return std::exchange(conversation.unanswered, {});
}

/// Calls a person now; what was already waiting for an answer goes with it.
void call_at_once(Turn& turn, Call const& call) {
    auto& conversation = turn.conversation;
    if (conversation.unanswered.size() > 1) turn.effects.emplace_back(CancelTimer{"quiet"});
    if (!conversation.answering_with.empty()) turn.effects.emplace_back(CancelSends{"a person is needed"});
    auto about = take_unanswered(conversation);
    auto const reading = read_together(about);
    learn(conversation, reading);
    call_person(turn, call, reading);
    conversation.answering = std::move(about);
}

/// After downtime: one honest line, and people.
void call_for_backlog(Turn& turn, std::optional<Call> call, Classification const& meaning) {
    auto& conversation = turn.conversation;
    if (!call) call = ordinary_call(turn, "backlog", meaning);
    if (!conversation.backlog_told) call->reply = "backlog";
    conversation.backlog_told = true;
    call_at_once(turn, *call);
}

void on_message(Turn& turn, Message const& message, Classification const& meaning, bool stale) {
    auto& conversation = turn.conversation;
    if (message.only_context) return turn.because("for people to read: recorded only");
    auto const known = [&](auto const& messages) { return std::any_of(messages.begin(), messages.end(), [&](auto const& m) { return m.id == message.id; }); };
    if (!message.id.empty() && (known(conversation.unanswered) || known(conversation.answering))) {
        turn.because("this message is known already");
        return;
    }
    remember(turn, message);
    if (!message.addressed && !turn.channel.answer_unaddressed) {
        --conversation.received;  // what others in a group say does not make an answer to us outdated
        return turn.because("not addressed to us: recorded only");
    }
    remember_language(conversation, meaning, message.text);
    if (message.standby) return turn.because("somebody else holds this chat: recorded only");
    if (turn.channel.mode == ChannelPolicy::Mode::off) return turn.because("the channel is off: recorded only");
    bool const person_elsewhere = conversation.owner == Owner::person && conversation.agent.empty();
    if (person_elsewhere && turn.now - conversation.owner_since > person_elsewhere_stays)
        change_owner(turn, Owner::bot, "nobody wrote on the platform for long", "bot");
    if (conversation.owner == Owner::person) {
        drop_draft(conversation);
        return turn.because("a person has it: recorded only");
    }
    if (waits_for_approval(conversation)) decide_draft_anew(turn, "a newer message");

    Unanswered entry{conversation.received, message.id, message.text, meaning, {}, turn.now, message.sequence, message.of_album};
    for (auto const& attachment : message.attachments) entry.attachments.push_back(attachment.kind);
    auto const urgent = immediate_call(turn, meaning);
    if (meaning.has(Label::anger)) conversation.heat = std::max(conversation.heat, meaning.anger.level);

    if (conversation.owner == Owner::waiting) return on_message_while_waiting(turn, entry);
    if (conversation.owner == Owner::closed) change_owner(turn, Owner::bot, "the customer wrote again", "bot");

    if (conversation.unanswered.empty()) conversation.window_opened = turn.now;
    auto const later = std::find_if(conversation.unanswered.begin(), conversation.unanswered.end(),
                                    [&](Unanswered const& other) { return entry.sequence != 0 && other.sequence > entry.sequence; });
    conversation.unanswered.insert(later, std::move(entry));
    if (stale) return call_for_backlog(turn, urgent, meaning);
    if (urgent) return call_at_once(turn, *urgent);

    if (!conversation.answering.empty() && !conversation.answering_with.empty() && !conversation.taken_back) {
        turn.because("a newer message: the answer on its way is taken back");
        conversation.taken_back = true;
        turn.effects.emplace_back(CancelSends{"a newer message"});
    }
    answer_or_wait(turn);
}

}  // namespace

void answer_or_wait(Turn& turn) {
    auto& conversation = turn.conversation;
    auto const& limits = turn.policy().limits;
    constexpr std::chrono::milliseconds album_window{1000};
    bool const album = std::any_of(conversation.unanswered.begin(), conversation.unanswered.end(), [](Unanswered const& one) { return one.of_album; });
    auto window = turn.channel.quiet_window.value_or(limits.quiet_window);
    if (album) window = std::max(window, album_window);
    auto const cap = std::max(limits.quiet_cap, window);
    auto due = std::min(conversation.last_message_at + window, conversation.window_opened + cap);
    if (conversation.unanswered.size() >= static_cast<std::size_t>(limits.quiet_messages)) due = turn.now;

    // What the send on its way becomes is about to be known: delivered, or taken back and then answered together with this. Not for ever, though.
    constexpr std::chrono::seconds patience{30};
    if (!conversation.answering_with.empty() && turn.now < conversation.window_opened + patience) {
        due = std::max(due, turn.now + std::chrono::seconds{1});
        turn.effects.emplace_back(SetTimer{"quiet", due});
        return;
    }
    if (due <= turn.now) return answer(turn);
    turn.because("waiting for the rest");
    turn.effects.emplace_back(SetTimer{"quiet", due});
}

void on_event(Turn& turn, MessageReceived const& event) { on_message(turn, event.message, event.meaning, event.stale); }

void on_event(Turn& turn, ButtonPressed const& event) {
    if (event.message.text.empty()) {
        remember(turn, event.message);
        return turn.because("a button without words: recorded only");
    }
    on_message(turn, event.message, turn.catalog.classifier.classify(event.message.text, language_prior(turn.catalog, turn.channel, turn.conversation)), false);
}

void on_event(Turn& turn, Followed const& event) {
    auto& conversation = turn.conversation;
    auto const received = conversation.received;
    remember(turn, event.message);
    conversation.received = received;  // not a message: an answer on its way is not outdated by it
    if (conversation.told.contains("welcome")) return turn.because("welcomed before");
    if (conversation.owner == Owner::waiting || conversation.owner == Owner::person) return turn.because("people have it: no welcome");
    if (!conversation.answering_with.empty()) return turn.because("being answered already: no welcome");
    if (turn.channel.mode == ChannelPolicy::Mode::draft) return turn.because("a welcome is not worth a person's approval");
    say(turn, "welcome", SendPurpose::holding);
}

void on_event(Turn& turn, MediaStored const& event) {
    if (!event.file.empty()) return;
    auto const owner = turn.conversation.owner;
    if (owner == Owner::waiting || owner == Owner::person) turn.effects.emplace_back(TellAgents{"a file could not be fetched: " + event.why});
}

}  // namespace kefu
