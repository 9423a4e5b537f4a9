// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/watch_tables.hpp"

#include "daemon/store/statements.hpp"
#include "replies/json.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <map>
#include <stdexcept>
#include <string_view>

namespace kefu {

namespace {

constexpr std::int64_t first_look = 100'000;  // rows, at the start: what a daemon that was killed may have left
constexpr int chain_most = 200;

Conversation state_of(std::string_view id, std::string_view json) {
    boost::system::error_code broken;
    auto const value = boost::json::parse(boost::json::string_view{json.data(), json.size()}, broken);
    auto state = broken ? Result<Conversation>{Error{Errc::bad_payload, broken.message(), std::nullopt}} : conversation_from_json(value);
    if (!state) throw std::runtime_error("the stored state of " + std::string{id} + " cannot be read: " + state.error().message);
    return std::move(*state);
}

/// The stored state leaves out what is empty. A customer's words cannot look like a member: their quotes are escaped.
bool has_something_open(Owner owner, std::string_view json) {
    bool const named = json.find("\"unanswered\":") != std::string_view::npos || json.find("\"answering_with\":") != std::string_view::npos;
    return owner == Owner::waiting || named;
}

std::int64_t number_in(Rows&& rows) { return rows.next() ? rows.integer(0) : 0; }

}  // namespace

WatchPage WatchTables::look(WatchQuery const& query) {
    ReadMoment const moment{database_};
    WatchPage page;
    if (!database_.shared()) add_conversations(page, query);
    page.late_items = static_cast<std::uint64_t>(number_in(late_items_.query(query.before)));
    page.late_timers = static_cast<std::uint64_t>(number_in(late_timers_.query(query.before)));
    return page;
}

void WatchTables::add_conversations(WatchPage& page, WatchQuery const& query) {
    auto const newest = number_in(newest_.query());
    auto const after = query.after == 0 ? std::max<std::int64_t>(0, newest - first_look) : static_cast<std::int64_t>(query.after);
    page.newest = static_cast<std::uint64_t>(newest);
    page.until = static_cast<std::uint64_t>(after);
    std::map<std::int64_t, bool> numbers;  // with a send that is nowhere, or looked at again
    {
        std::size_t seen = 0;
        auto rows = rows_.query(after, static_cast<std::int64_t>(query.limit));
        while (rows.next() && rows.time(3) < query.before) {
            ++seen;
            page.until = static_cast<std::uint64_t>(rows.integer(0));
            auto const kind = static_cast<RowKind>(rows.integer(2));
            if (kind == RowKind::message || kind == RowKind::send) numbers[rows.integer(1)] |= rows.boolean(4);
        }
        page.more = seen == query.limit;
    }
    for (auto const& id : query.again) numbers[number_in(number_.query(id.value))] = true;
    for (auto const& [number, suspicious] : numbers)
        if (auto one = watched(number, suspicious)) page.conversations.push_back(std::move(*one));
}

std::optional<Watched> WatchTables::watched(std::int64_t number, bool suspicious) {
    Watched one;
    std::int64_t newest = 0;
    {
        auto rows = conversation_.query(number);
        if (!rows.next()) return std::nullopt;
        newest = rows.integer(2);
        if (!suspicious && !has_something_open(static_cast<Owner>(rows.integer(1)), rows.text(3))) return std::nullopt;
        one.conversation = state_of(rows.text(0), rows.text(3));
    }
    std::string const& id = one.conversation.id.value;
    {
        auto rows = timers_.query(id);
        while (rows.next()) one.timers.emplace(rows.text(0));
    }
    {
        auto rows = work_.query(id);
        while (rows.next()) {
            if (rows.integer(0) == 0)
                one.sends.emplace(rows.text(1));
            else
                one.other_work = true;
        }
    }
    one.calls = static_cast<std::size_t>(number_in(calls_.query(id)));
    if (suspicious) one.sends_lost = sends_lost(newest);
    return one;
}

std::size_t WatchTables::sends_lost(std::int64_t newest) {
    std::size_t lost = 0;
    std::int64_t number = newest;
    for (int i = 0; i < chain_most && number != 0; ++i) {
        auto rows = link_.query(number);
        if (!rows.next()) break;
        number = rows.integer(0);
        if (rows.boolean(1)) ++lost;
    }
    return lost;
}

}  // namespace kefu
