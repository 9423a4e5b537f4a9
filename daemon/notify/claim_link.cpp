// SPDX-License-Identifier: Apache-2.0
#include "daemon/notify/claim_link.hpp"

#include "daemon/catalog_files.hpp"
#include "daemon/connect/payload.hpp"
#include "daemon/crypto.hpp"
#include "daemon/write_file.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>

namespace kefu {

namespace json = boost::json;

namespace {

constexpr std::size_t key_least = 32;
constexpr std::size_t token_most = 2000;

std::string for_url(std::string text) {
    std::replace(text.begin(), text.end(), '+', '-');
    std::replace(text.begin(), text.end(), '/', '_');
    text.resize(text.find_last_not_of('=') + 1);
    return text;
}

std::optional<std::string> from_url(std::string text) {
    std::replace(text.begin(), text.end(), '-', '+');
    std::replace(text.begin(), text.end(), '_', '/');
    text.append((4 - text.size() % 4) % 4, '=');
    return from_base64(text);
}

std::string_view bytes_of(Digest const& digest) { return {reinterpret_cast<char const*>(digest.data()), digest.size()}; }

}  // namespace

std::string claim_token(Claim const& claim, std::string_view key) {
    json::array const said{claim.conversation.value, claim.escalation, claim.team, claim.locale, to_millis(claim.until)};
    std::string const text = json::serialize(said);
    return for_url(base64(std::string{bytes_of(hmac_sha256(key, text))} + text));
}

Result<Claim> read_claim(std::string_view token, std::string_view key, Timestamp now) {
    Error const not_ours{Errc::unauthorized, "this link was not made here, or it was cut off"};
    auto const bytes = token.size() > token_most ? std::nullopt : from_url(std::string{token});
    if (!bytes || bytes->size() <= sizeof(Digest)) return not_ours;
    std::string_view const text = std::string_view{*bytes}.substr(sizeof(Digest));
    if (!same_secret(std::string_view{*bytes}.substr(0, sizeof(Digest)), bytes_of(hmac_sha256(key, text)))) return not_ours;
    // Signed by us: what we wrote.
    auto const said = payload::read_object("{\"claim\":" + std::string{text} + '}');
    auto const* parts = said ? payload::array_of(*said, "claim") : nullptr;
    if (parts == nullptr || parts->size() != 5) return not_ours;
    Claim claim;
    claim.conversation = ConversationId{std::string{(*parts)[0].as_string()}};
    claim.escalation = (*parts)[1].to_number<std::uint64_t>();
    claim.team = (*parts)[2].as_string();
    claim.locale = (*parts)[3].as_string();
    claim.until = from_millis((*parts)[4].to_number<std::int64_t>());
    if (now > claim.until) return Error{Errc::unauthorized, "this link has expired"};
    return claim;
}

Result<std::string> load_claim_key(std::filesystem::path const& file) {
    if (auto known = read_file(file); known && known->size() >= key_least) return known;
    std::string key = random_id() + random_id();
    auto const written = write_file(file, key, 0600);
    if (!written) return written.error();
    return key;
}

}  // namespace kefu
