// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/web_chat/identity.hpp"

#include "daemon/crypto.hpp"

#include <algorithm>
#include <charconv>

namespace kefu::web_chat {

namespace {

constexpr std::string_view token_prefix = "kfv_";
constexpr std::size_t token_length = token_prefix.size() + std::size_t{2} * 26;
constexpr std::chrono::hours ticket_life{12};

bool is_token(std::string_view text) {
    auto const fits = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    return text.size() == token_length && text.starts_with(token_prefix) && std::all_of(text.begin() + token_prefix.size(), text.end(), fits);
}

/// The host and port of "https://shop.example:8443".
std::string_view authority_of(std::string_view origin) {
    auto const scheme = origin.find("://");
    return scheme == std::string_view::npos ? std::string_view{} : origin.substr(scheme + 3);
}

std::string ticket_of(std::string_view sender, std::string const& until, std::string_view key) {
    return until + '.' + hex(hmac_sha256(key, until + '.' + std::string{sender})) + '.' + std::string{sender};
}

}  // namespace

std::string new_token() { return std::string{token_prefix} + random_id() + random_id(); }

std::optional<Person> person_of(Hello const& hello, std::vector<Secret> const& secrets) {
    if (!hello.user.empty()) {
        bool genuine = false;
        for (auto const& secret : secrets) genuine = same_secret(hello.signature, hex(hmac_sha256(secret.reveal(), hello.user))) || genuine;
        if (!genuine) return std::nullopt;
        return Person{"user:" + hello.user, {}};
    }
    Person person;
    if (!is_token(hello.token)) person.new_token = new_token();
    std::string const& token = person.new_token.empty() ? hello.token : person.new_token;
    person.sender = "visitor:" + hex(sha256(token)).substr(0, 32);
    return person;
}

std::string new_ticket(std::string_view sender, std::string_view key, Timestamp now) {
    return ticket_of(sender, std::to_string(to_millis(now + ticket_life)), key);
}

std::optional<std::string> sender_of_ticket(std::string_view ticket, std::string_view key, Timestamp now) {
    auto const first = ticket.find('.');
    auto const second = first == std::string_view::npos ? first : ticket.find('.', first + 1);
    if (second == std::string_view::npos) return std::nullopt;
    std::string const until{ticket.substr(0, first)};
    std::string sender{ticket.substr(second + 1)};
    if (!same_secret(ticket, ticket_of(sender, until, key))) return std::nullopt;
    std::int64_t millis = 0;
    std::from_chars(until.data(), until.data() + until.size(), millis);
    if (from_millis(millis) < now) return std::nullopt;
    return sender;
}

bool origin_may(Request const& request, WebChatSettings const& settings) {
    auto const origin = request.headers.get("origin");
    if (origin.empty()) return false;
    bool const listed = std::find(settings.origins.begin(), settings.origins.end(), origin) != settings.origins.end();
    auto const authority = authority_of(origin);
    return listed || (settings.page && !authority.empty() && authority == request.headers.get("host"));
}

}  // namespace kefu::web_chat
