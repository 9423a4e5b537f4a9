// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/writer.hpp"
#include "replies/json.hpp"

#include <boost/json/parse.hpp>

#include <utility>

/// A message taken back: its words and files go for good. The database's secure_delete overwrites what was there.
namespace kefu {

namespace {

/// Keeps who, when and what kind of thing it was; drops every word, and what was read out of them.
void wipe(Message& message) {
    message.text.clear();
    message.reply_handle.clear();
    for (auto& attachment : message.attachments) attachment = {attachment.kind, {}, {}, {}};
}

/// The words that were wiped; empty when there were none.
std::string wipe(Event& event) {
    std::string words;
    if (auto* const received = std::get_if<MessageReceived>(&event)) {
        words = received->message.text;
        wipe(received->message);
        received->meaning.entities.clear();  // order numbers, phones
        received->meaning.evidence.clear();
    } else if (auto* const pressed = std::get_if<ButtonPressed>(&event)) {
        words = pressed->message.text;
        wipe(pressed->message);
        pressed->data.clear();
    }
    return words;
}

/// Takes a message out of a quote, which has one message after the other, each on lines of its own. True when it was there.
bool take_out(std::string& quote, std::string const& words) {
    bool found = false;
    for (auto at = quote.find(words); at != std::string::npos; at = quote.find(words, at)) {
        auto const end = at + words.size();
        bool const whole = (at == 0 || quote[at - 1] == '\n') && (end == quote.size() || quote[end] == '\n');
        if (!whole) {
            ++at;
            continue;
        }
        quote.erase(at, words.size());
        found = true;
    }
    return found;
}

template <class T>
std::optional<T> read(std::string const& json, Result<T> (*from_json)(boost::json::value const&)) {
    boost::system::error_code broken;
    auto const value = boost::json::parse(json, broken);
    if (broken) return std::nullopt;
    auto parsed = from_json(value);
    if (!parsed) return std::nullopt;
    return std::move(*parsed);
}

}  // namespace

std::size_t StoreWriter::redact(Held& held, MessageId const& message, Timestamp now) {
    if (message.empty()) return 0;
    statements_.add_redacted.post(held.bucket, held.id, message.value);

    // The chain has no index by message; people take back what they just wrote, so it is found after a few steps.
    std::int64_t number = held.newest;
    for (std::int64_t previous = 0; number != 0; number = previous) {
        auto rows = statements_.journal_link.query(held.bucket, number);
        if (!rows.next()) {
            number = 0;
            break;
        }
        previous = rows.integer(0);
        if (rows.text(1) == message.value) break;
    }
    if (number != 0) redact_row(held, number);

    std::vector<std::string> files;
    {
        auto rows = statements_.media_of.query(held.bucket, held.id, message.value);
        while (rows.next()) files.emplace_back(rows.text(0));
    }
    for (auto const& file : files) delete_media(held, message, file, now);
    statements_.remove_media.post(held.bucket, held.id, message.value);

    std::vector<std::int64_t> fetches;
    {
        auto rows = statements_.pending_fetches.query(held.bucket, held.id, message.value);
        while (rows.next()) fetches.push_back(rows.integer(0));
    }
    for (auto const fetch : fetches) statements_.remove_outbox.post(held.bucket, fetch);
    return files.size();
}

void StoreWriter::redact_row(Held const& held, std::int64_t number) {
    std::string json;
    {
        auto rows = statements_.journal_event.query(held.bucket, number);
        if (rows.next()) json = rows.text(0);
    }
    std::string words;
    auto event = read(json, &event_from_json);
    if (event) words = wipe(*event);
    // What cannot be read cannot be kept either.
    statements_.redact_journal.post(event ? to_json_text(*event) : std::string{"{}"}, held.bucket, number);
    if (words.empty()) return;

    // Escalations quote the message; notices about them that still wait read it from there.
    std::vector<std::pair<std::int64_t, Escalate>> quoting;
    {
        auto rows = statements_.escalations_of.query(held.bucket, held.id);
        while (rows.next()) {
            auto effect = read(std::string{rows.text(1)}, &effect_from_json);
            if (!effect) continue;
            auto* const escalate = std::get_if<Escalate>(&*effect);
            if (escalate != nullptr && take_out(escalate->quote, words)) quoting.emplace_back(rows.integer(0), std::move(*escalate));
        }
    }
    for (auto& [escalation, what] : quoting) {
        what.evidence.clear();  // its offsets led into the quote
        Effect const effect = std::move(what);
        statements_.rewrite_escalation.post(to_json_text(effect), held.bucket, escalation);
    }
}

void StoreWriter::delete_media(Held const& held, MessageId const& message, std::string const& file, Timestamp now) {
    Effect const effect = RedactMessage{message};
    std::string const payload = to_json_text(effect);
    add_item(held, {OutboxItem::Kind::delete_media, file, 0, payload}, now);
}

std::size_t StoreWriter::keep_media(Held const& held, MediaStored const& media, Timestamp now) {
    if (media.file.empty()) return 0;
    bool const redacted = [&] {
        auto rows = statements_.is_redacted.query(held.bucket, held.id, media.message.value);
        return rows.next();
    }();
    if (!redacted) {
        statements_.add_media.post(held.bucket, held.id, media.message.value, media.file);
        return 0;
    }
    delete_media(held, media.message, media.file, now);  // the fetch was under way when the customer took it back
    return 1;
}

}  // namespace kefu
