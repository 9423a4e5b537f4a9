// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/webhooks/signature.hpp"

#include "daemon/crypto.hpp"

#include <charconv>
#include <string>

namespace kefu::webhooks {

namespace {

std::string signed_content(std::string_view id, std::string_view timestamp, std::string_view body) {
    std::string content;
    content.reserve(id.size() + timestamp.size() + body.size() + 2);
    content.append(id).append(1, '.').append(timestamp).append(1, '.').append(body);
    return content;
}

std::string_view header(Headers const& headers, std::string_view name, bool accept_svix) {
    auto const value = headers.get("webhook-" + std::string{name});
    if (!value.empty() || !accept_svix) return value;
    return headers.get("svix-" + std::string{name});
}

/// The next word of a space-separated list; empty at the end.
std::string_view next_word(std::string_view& list) {
    auto const start = list.find_first_not_of(' ');
    if (start == std::string_view::npos) return list = {};
    auto const end = list.find(' ', start);
    auto const word = list.substr(start, end == std::string_view::npos ? end : end - start);
    list = end == std::string_view::npos ? std::string_view{} : list.substr(end);
    return word;
}

}  // namespace

std::optional<std::string> key_of(std::string_view secret) {
    if (secret.starts_with("whsec_")) secret.remove_prefix(6);
    auto key = from_base64(secret);
    if (!key || key->size() < 24 || key->size() > 64) return std::nullopt;
    return key;
}

Result<std::string> verify(Headers const& headers, std::string_view body, std::vector<Secret> const& secrets, Timestamp now, bool accept_svix) {
    auto const id = header(headers, "id", accept_svix);
    auto const timestamp = header(headers, "timestamp", accept_svix);
    auto signatures = header(headers, "signature", accept_svix);
    if (id.empty() || timestamp.empty() || signatures.empty())
        return Error{Errc::unauthorized, "webhook-id, webhook-timestamp or webhook-signature is missing"};
    std::int64_t seconds = 0;
    auto const [end, problem] = std::from_chars(timestamp.data(), timestamp.data() + timestamp.size(), seconds);
    if (problem != std::errc{} || end != timestamp.data() + timestamp.size()) return Error{Errc::unauthorized, "webhook-timestamp is not a number of seconds"};
    // Compared in seconds, by subtraction from a checked range: a hostile timestamp must not overflow.
    std::int64_t const now_seconds = to_millis(now) / 1000;
    if (seconds < now_seconds - tolerance.count()) return Error{Errc::unauthorized, "webhook-timestamp is more than 5 minutes old"};
    if (seconds > now_seconds + tolerance.count())
        return Error{Errc::unauthorized, "webhook-timestamp is more than 5 minutes in the future; check the sender's clock"};

    std::string const content = signed_content(id, timestamp, body);
    std::vector<Digest> digests;
    for (auto const& secret : secrets)
        if (auto const key = key_of(secret.reveal())) digests.push_back(hmac_sha256(*key, content));
    bool matches = false;
    for (auto word = next_word(signatures); !word.empty(); word = next_word(signatures)) {
        if (!word.starts_with("v1,")) continue;
        auto const given = from_base64(word.substr(3));
        if (!given) continue;
        for (auto const& digest : digests) matches |= same_secret(*given, {reinterpret_cast<char const*>(digest.data()), digest.size()});
    }
    if (!matches) return Error{Errc::unauthorized, "no v1 signature matches"};
    return std::string{id};
}

void sign(Headers& headers, std::string_view id, std::string_view body, Secret const& secret, Timestamp now) {
    std::string const timestamp = std::to_string(to_millis(now) / 1000);
    auto const key = key_of(secret.reveal());
    Digest const digest = hmac_sha256(key.value_or(std::string{}), signed_content(id, timestamp, body));
    headers.set("webhook-id", std::string{id});
    headers.set("webhook-timestamp", timestamp);
    headers.set("webhook-signature", "v1," + base64(digest));
}

}  // namespace kefu::webhooks
