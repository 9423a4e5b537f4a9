// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/reader.hpp"

#include "daemon/store/bucket.hpp"
#include "daemon/store/statements.hpp"
#include "replies/json.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>
#include <limits>
#include <stdexcept>
#include <tuple>
#include <utility>

namespace kefu {

namespace {

template <class T>
T parse(std::string_view json, Result<T> (*from_json)(boost::json::value const&)) {
    boost::system::error_code broken;
    auto const value = boost::json::parse(boost::json::string_view{json.data(), json.size()}, broken);
    if (broken) throw std::runtime_error("what is stored is no JSON: " + broken.message());
    auto parsed = from_json(value);
    if (!parsed) throw std::runtime_error("what is stored cannot be read: " + parsed.error().message);
    return std::move(*parsed);
}

std::string send_state(RowState state) {
    static constexpr std::array<char const*, 9> names{"pending", "in_flight", "delivered", "refused", "unknown", "cancelled", "unsent", "received", "read"};
    return names.at(static_cast<std::size_t>(state));
}

std::vector<ContentKind> kinds_of(Message const& message) {
    std::vector<ContentKind> kinds;
    for (auto const& attachment : message.attachments) kinds.push_back(attachment.kind);
    return kinds;
}

constexpr std::int64_t newest_conversations = 20'000, newest_lines = 50'000;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool contains(std::string_view text, std::string_view wanted) {
    return std::search(text.begin(), text.end(), wanted.begin(), wanted.end(), [](char a, char b) { return lower(a) == lower(b); }) != text.end();
}

/// Of what is stored as JSON; the hits are looked at again, as the words may be its own.
std::string like_pattern(std::string_view text) {
    std::string pattern = "%";
    for (char const c : text) {
        if (c == '%' || c == '_' || c == '!') pattern += '!';
        pattern += c == '"' || c == '\\' ? '_' : c;  // written with a backslash before it there: two characters
        if (c == '"' || c == '\\') pattern += '_';
    }
    return pattern + '%';
}

bool names(Conversation const& conversation, std::string_view text) {
    auto const& open = conversation.open;
    bool const tagged = std::any_of(conversation.tags.begin(), conversation.tags.end(), [&](auto const& tag) { return contains(tag, text); });
    return tagged || contains(conversation.id.value, text) || contains(conversation.display_name, text) || contains(open.order, text) ||
           contains(open.phone, text);
}

void describe(HistoryLine& line, Send const& send) {
    line.who = send.purpose == SendPurpose::agent ? HistoryLine::Who::agent : HistoryLine::Who::bot;
    if (line.who == HistoryLine::Who::agent) line.name = send.by;
    line.id = send.id.value;
    line.sent = send.messages;
    for (auto const& message : send.messages) {
        if (!line.text.empty() && !message.text.empty()) line.text += '\n';
        line.text += message.text;
        if (message.sticker) line.attachments.push_back(ContentKind::sticker);
        if (message.image) line.attachments.push_back(ContentKind::image);
    }
}

}  // namespace

std::optional<ConversationView> StoreReader::view(ConversationId const& id, std::size_t history_lines) {
    ReadMoment const moment{database_};
    ConversationView view;
    std::int64_t newest = 0;
    {
        auto rows = conversation_.query(bucket_of(id.value), id.value);
        if (!rows.next()) return std::nullopt;
        newest = rows.integer(0);
        view.conversation = parse(rows.text(1), &conversation_from_json);
    }
    view.history = history(id.value, newest, history_lines);
    view.escalations = escalations(id.value, false);
    return view;
}

/// Follows the chain back from the newest row.
std::vector<HistoryLine> StoreReader::history(std::string const& conversation, std::int64_t newest, std::size_t limit) {
    std::vector<HistoryLine> lines;
    for (std::int64_t number = newest; number != 0 && lines.size() < limit;) {
        std::optional<HistoryLine> line;
        {
            auto rows = journal_.query(bucket_of(conversation), number);
            if (!rows.next()) break;  // what is older has been let go
            number = rows.integer(0);
            line = line_in(rows);
        }
        if (!line) continue;
        if (line->who == HistoryLine::Who::customer && !line->id.empty() && !line->attachments.empty()) line->media = media(conversation, line->id);
        lines.push_back(std::move(*line));
    }
    std::reverse(lines.begin(), lines.end());
    return lines;
}

/// A row of journal_ as people read it; nothing when it is not for reading.
std::optional<HistoryLine> StoreReader::line_in(Rows const& rows) {
    HistoryLine line;
    auto const kind = static_cast<RowKind>(rows.integer(1));
    if (kind == RowKind::other) return std::nullopt;
    auto state = static_cast<RowState>(rows.integer(2));
    line.at = rows.time(kind == RowKind::message && rows.integer(4) != 0 ? 4 : 3);
    if (kind == RowKind::send) {
        if (!rows.null(6)) state = static_cast<RowState>(rows.integer(6));
        line.state = send_state(state);
        Effect const effect = parse(rows.text(5), &effect_from_json);
        if (auto const* const send = std::get_if<Send>(&effect)) describe(line, *send);
        return line;
    }
    if (state == RowState::unsent) line.state = "unsent";
    Event const event = parse(rows.text(5), &event_from_json);
    if (auto const* const received = std::get_if<MessageReceived>(&event)) {
        line.text = received->message.text;
        line.attachments = kinds_of(received->message);
        line.id = received->message.id.value;
    } else if (auto const* const pressed = std::get_if<ButtonPressed>(&event)) {
        line.text = pressed->message.text.empty() ? pressed->data : pressed->message.text;
    } else if (auto const* const acted = std::get_if<AgentActed>(&event)) {
        line.who = acted->action == AgentAction::note ? HistoryLine::Who::note : HistoryLine::Who::agent;
        line.name = acted->agent;
        line.text = acted->text;
    }
    return line;
}

std::vector<std::string> StoreReader::media(std::string const& conversation, std::string const& message) {
    std::vector<std::string> files;
    auto rows = media_.query(bucket_of(conversation), conversation, message);
    while (rows.next()) files.emplace_back(rows.text(0));
    return files;
}

std::vector<EscalationRow> StoreReader::escalations(std::string const& conversation, bool open_only) {
    std::vector<EscalationRow> all;
    auto rows = (open_only ? open_escalations_ : escalations_).query(bucket_of(conversation), conversation);
    while (rows.next()) {
        EscalationRow row;
        row.id = static_cast<std::uint64_t>(rows.integer(0));
        row.conversation = ConversationId{conversation};
        Effect effect = parse(rows.text(1), &effect_from_json);
        if (auto* const what = std::get_if<Escalate>(&effect)) row.what = std::move(*what);
        row.opened_at = rows.time(2);
        if (!rows.null(3)) row.closed_at = rows.time(3);
        row.claimed_by = rows.text(4);
        all.push_back(std::move(row));
    }
    return all;
}

std::int64_t StoreReader::channel_number(std::string const& name) {
    auto rows = channel_.query(name);
    return rows.next() ? rows.integer(0) : -1;  // -1 is no channel: nothing is found
}

std::vector<ConversationView> StoreReader::list(ConversationFilter const& filter) {
    ReadMoment const moment{database_};
    std::int64_t const channel = filter.channel.empty() ? 0 : channel_number(filter.channel);
    auto const limit = static_cast<std::int64_t>(std::min<std::size_t>(filter.limit, std::numeric_limits<std::int32_t>::max()));
    // Nothing comes before a conversation hotter than any.
    constexpr auto last = std::numeric_limits<std::int64_t>::max();
    ListPlace const after = filter.after.value_or(ListPlace{std::numeric_limits<double>::max(), -last, -last});
    std::vector<Found> found;
    if (filter.newest_first) {
        auto rows = newest_.query(channel, limit);
        while (rows.next()) found.push_back({{}, std::string{rows.text(0)}, std::string{rows.text(1)}});
        return views_of(found);
    }
    for (std::size_t owner = 0; owner < owner_names.size(); ++owner) {
        // The index begins with the owner: one short read for each.
        if (filter.owner && static_cast<std::size_t>(*filter.owner) != owner) continue;
        bool const is_with_people = owner == static_cast<std::size_t>(Owner::waiting) || owner == static_cast<std::size_t>(Owner::person);
        if (filter.with_people && !is_with_people) continue;
        auto rows = list_.query(static_cast<std::int64_t>(owner), channel, filter.agent, limit, after.heat, -after.deadline, -after.number);
        while (rows.next()) found.push_back({{rows.real(0), rows.integer(1), rows.integer(2)}, std::string{rows.text(3)}, std::string{rows.text(4)}});
    }
    std::sort(found.begin(), found.end(), [](Found const& a, Found const& b) {
        return std::tuple{-a.place.heat, a.place.deadline, a.place.number} < std::tuple{-b.place.heat, b.place.deadline, b.place.number};
    });
    if (found.size() > filter.limit) found.resize(filter.limit);
    return views_of(found);
}

std::vector<ConversationView> StoreReader::views_of(std::vector<Found> const& found) {
    std::vector<ConversationView> views;
    views.reserve(found.size());
    for (auto const& one : found) {
        ConversationView view;
        view.conversation = parse(one.state, &conversation_from_json);
        view.escalations = escalations(one.id, true);
        view.place = one.place;
        views.push_back(std::move(view));
    }
    return views;
}

StoreCounts StoreReader::counts() {
    ReadMoment const moment{database_};
    StoreCounts counts;
    {
        auto rows = totals_.query();
        if (rows.next()) {
            counts.journaled = static_cast<std::uint64_t>(rows.integer(0));
            counts.conversations = static_cast<std::uint64_t>(rows.integer(1));
        }
    }
    {
        auto rows = outbox_counts_.query();
        while (rows.next()) {
            auto const state = static_cast<RowState>(rows.integer(0));
            auto const count = static_cast<std::uint64_t>(rows.integer(1));
            if (state == RowState::pending) {
                counts.outbox_pending = count;
                counts.oldest_pending = rows.time(2);
            } else if (state == RowState::in_flight) {
                counts.outbox_in_flight = count;
            } else {
                counts.outbox_dead += count;
            }
        }
    }
    auto rows = open_escalation_count_.query();
    if (rows.next()) counts.escalations_open = static_cast<std::uint64_t>(rows.integer(0));
    if (counts.escalations_open > 0) counts.oldest_escalation = rows.time(1);
    return counts;
}

SearchResult StoreReader::search(std::string const& text, std::size_t limit) {
    ReadMoment const moment{database_};
    SearchResult result;
    std::string const pattern = like_pattern(text);
    auto const add = [&](std::string_view id, std::string_view state, std::optional<HistoryLine> line) {
        SearchHit hit;
        hit.view.conversation = parse(state, &conversation_from_json);
        hit.view.escalations = escalations(std::string{id}, true);
        hit.line = std::move(line);
        result.hits.push_back(std::move(hit));
    };
    {
        auto rows = search_conversations_.query(pattern, newest_conversations);
        while (rows.next() && result.hits.size() < limit) {
            Conversation const found = parse(rows.text(1), &conversation_from_json);
            if (names(found, text)) add(rows.text(0), rows.text(1), std::nullopt);
        }
    }
    auto rows = search_lines_.query(pattern, newest_lines);
    while (rows.next() && result.hits.size() < limit) {
        auto line = line_in(rows);
        if (line && contains(line->text, text)) add(rows.text(7), rows.text(8), std::move(line));
    }
    auto totals = totals_.query();
    if (totals.next()) result.complete = totals.integer(0) <= newest_lines && totals.integer(1) <= newest_conversations;
    return result;
}

QueueCounts StoreReader::queues(std::string const& agent) {
    ReadMoment const moment{database_};
    QueueCounts counts;
    {
        auto rows = owner_counts_.query();
        while (rows.next()) counts.by_owner.at(static_cast<std::size_t>(rows.integer(0))) = static_cast<std::uint64_t>(rows.integer(1));
    }
    auto rows = mine_.query(agent);
    if (rows.next()) counts.mine = static_cast<std::uint64_t>(rows.integer(0));
    return counts;
}

std::vector<DeadLetter> StoreReader::dead_letters(std::size_t limit) {
    std::vector<DeadLetter> letters;
    auto rows = dead_letters_.query(static_cast<std::int64_t>(limit));
    while (rows.next()) {
        DeadLetter letter;
        letter.number = static_cast<std::uint64_t>(rows.integer(0));
        letter.kind = static_cast<OutboxItem::Kind>(rows.integer(1));
        letter.unknown = rows.integer(2) == static_cast<int>(RowState::unknown);
        letter.channel = ChannelId{std::string{rows.text(3)}};
        letter.conversation = ConversationId{std::string{rows.text(4)}};
        letter.to = rows.text(5);
        letter.detail = rows.text(6);
        letter.attempts = static_cast<int>(rows.integer(7));
        letter.created_at = rows.time(8);
        if (letter.kind == OutboxItem::Kind::send && !rows.null(9)) {
            Effect const effect = parse(rows.text(9), &effect_from_json);
            HistoryLine line;
            if (auto const* send = std::get_if<Send>(&effect)) describe(line, *send);
            letter.text = std::move(line.text);
        }
        letters.push_back(std::move(letter));
    }
    return letters;
}

AgentLoads StoreReader::loads() {
    AgentLoads loads;
    auto rows = loads_.query();
    while (rows.next()) loads.emplace(rows.text(0), static_cast<std::size_t>(rows.integer(1)));
    return loads;
}

}  // namespace kefu
