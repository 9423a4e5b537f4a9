// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/forget_request.hpp"

#include "daemon/store/open_store.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <thread>

namespace kefu {

namespace json = boost::json;

namespace {

constexpr std::chrono::milliseconds between_looks{100};

/// The daemon makes the channel as it starts; 0: it never ran with this version.
std::int64_t channel_in(Database& database) {
    Statement statement{database, "SELECT number FROM channels WHERE name = ?"};
    auto rows = statement.query(forget_channel);
    return rows.next() ? rows.integer(0) : 0;
}

std::string value_of(Database& database, std::int64_t channel, std::string_view name) {
    Statement statement{database, "SELECT value FROM bookmarks WHERE channel = ? AND name = ?"};
    auto rows = statement.query(channel, name);
    return rows.next() ? std::string{rows.text(0)} : std::string{};
}

/// False: another one is under way.
bool put(Database& database, std::int64_t channel, std::string_view value) {
    Statement{database, "DELETE FROM bookmarks WHERE channel = ? AND name = ?"}.run(channel, forget_answer);
    Statement insert{database,
                     "INSERT INTO bookmarks (channel, name, value) VALUES (?, ?, ?) ON CONFLICT (channel, name) DO UPDATE SET value = excluded.value "
                     "WHERE bookmarks.value = ''"};
    return insert.run(channel, forget_request, value) == 1;
}

void take_back(Database& database, std::int64_t channel) {
    Statement{database, "UPDATE bookmarks SET value = '' WHERE channel = ? AND name = ?"}.run(channel, forget_request);
}

}  // namespace

std::string to_json_text(ForgetRequest const& request) {
    return json::serialize(json::object{{"conversation", request.conversation.value}, {"who", request.who}});
}

std::optional<ForgetRequest> read_forget_request(std::string_view text) {
    boost::system::error_code broken;
    auto const value = json::parse(json::string_view{text.data(), text.size()}, broken);
    if (broken || !value.is_object()) return std::nullopt;
    auto const& object = value.get_object();
    auto const* conversation = object.if_contains("conversation");
    auto const* who = object.if_contains("who");
    if (conversation == nullptr || who == nullptr || !conversation->is_string() || !who->is_string()) return std::nullopt;
    return ForgetRequest{ConversationId{std::string{conversation->get_string()}}, std::string{who->get_string()}};
}

Result<std::string> ask_to_forget(StoreSettings const& store, ForgetRequest const& request, std::chrono::milliseconds patience) {
    auto const opened = open_beside(store, Access::write);
    if (!opened) return opened.error();
    try {
        Database& database = **opened;
        auto const channel = channel_in(database);
        if (channel == 0) return Error{Errc::timed_out, "the daemon that runs does not know how to forget; restart it with this kefud", std::nullopt};
        if (!put(database, channel, to_json_text(request))) return Error{Errc::conflict, "somebody else is being forgotten just now; try again", std::nullopt};
        auto const until = std::chrono::steady_clock::now() + patience;
        while (std::chrono::steady_clock::now() < until) {
            // Once the request is gone as well: until then there is no room for the next.
            if (auto answer = value_of(database, channel, forget_answer); !answer.empty() && value_of(database, channel, forget_request).empty()) {
                Statement{database, "DELETE FROM bookmarks WHERE channel = ? AND name = ?"}.run(channel, forget_answer);
                return answer;
            }
            std::this_thread::sleep_for(between_looks);
        }
        take_back(database, channel);
        return Error{Errc::timed_out, "the daemon did not answer; is it stopping, or its store busy? Nothing was asked for any more", std::nullopt};
    } catch (DatabaseError const& error) {
        return error.to_error(name_of(store));
    }
}

Result<std::vector<ConversationId>> conversations_of(StoreSettings const& store, std::string const& person) {
    auto const opened = open_beside(store, Access::read);
    if (!opened) return opened.error();
    try {
        Database& database = **opened;
        std::vector<ConversationId> all;
        // Not LIKE, for which "Abc" and "aBC" are one person.
        Statement statement{database,
                            "SELECT id FROM conversations WHERE id = ?1 OR substr(id, length(id) - length(CAST(?1 AS TEXT))) = '/' || CAST(?1 AS TEXT)"};
        auto rows = statement.query(person);
        while (rows.next()) all.emplace_back(std::string{rows.text(0)});
        return all;
    } catch (DatabaseError const& error) {
        return error.to_error(name_of(store));
    }
}

}  // namespace kefu
