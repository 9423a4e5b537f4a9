// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/line/access_token.hpp"

#include "daemon/connect/payload.hpp"
#include "daemon/crypto.hpp"
#include "daemon/http/target.hpp"
#include "daemon/log.hpp"
#include "daemon/net/backoff.hpp"

#include <boost/json/serialize.hpp>

#include <utility>

namespace kefu::line {

namespace json = boost::json;
using namespace std::chrono_literals;

namespace {

constexpr auto assertion_life = 30min;  // LINE: `exp` is at most 30 minutes away
constexpr Backoff asking_again{5s, 5min};
constexpr std::string_view assertion_type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

std::string form(std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
    std::string body;
    for (auto const& [name, value] : fields) body.append(body.empty() ? "" : "&").append(name).append("=").append(percent_encoded(value));
    return body;
}

/// OAuth's errors, or the Messaging API's: both are seen.
std::string words_of(Response const& response) {
    auto const object = payload::read_object(response.body);
    if (!object) return {};
    for (auto const* key : {"error_description", "error", "message"})
        if (auto words = payload::text_of(*object, key); !words.empty()) return ": " + words;
    return {};
}

}  // namespace

Result<std::string> assertion(LineIssueSettings const& settings, Timestamp now) {
    auto const seconds = to_millis(now) / 1000;
    json::object const header{{"alg", "RS256"}, {"typ", "JWT"}, {"kid", settings.key_id}};
    json::object claims{{"iss", settings.channel_id},
                        {"sub", settings.channel_id},
                        {"aud", "https://api.line.me/"},
                        {"exp", seconds + std::chrono::seconds{assertion_life}.count()}};
    if (settings.kind == LineTokenKind::v2_1) claims["token_exp"] = std::chrono::duration_cast<std::chrono::seconds>(settings.lifetime).count();
    std::string text = base64url(json::serialize(header)) + '.' + base64url(json::serialize(claims));
    auto const signature = sign_rs256(settings.private_key.reveal(), text);
    if (!signature) return Error{Errc::bad_config, "line.issue.private_key is no RSA private key in PEM"};
    text += '.' + base64url(*signature);
    return text;
}

AccessToken::AccessToken(ChannelSettings const& settings, HttpClient& http, Clock clock)
    : channel_(settings.id),
      line_(settings.line),
      send_(settings.send),
      http_(http),
      clock_(std::move(clock)),
      value_from_line_(!settings.line.issue.channel_id.empty()),
      value_(settings.line.access_token.reveal()),
      renewal_due_(value_from_line_ ? Timestamp{} : Timestamp::max()) {
    if (value_.empty()) trouble_ = "LINE has not issued an access token yet";
}

bool AccessToken::fits(ChannelSettings const& settings) const {
    auto const& theirs = settings.line;
    return theirs.issue == line_.issue && theirs.access_token == line_.access_token && theirs.channel_secrets == line_.channel_secrets &&
           theirs.api_base == line_.api_base;
}

net::awaitable<bool> AccessToken::replace(std::string used) {
    if (!value_from_line_) co_return false;
    if (value_ != used) co_return !value_.empty();
    auto const renewed = co_await renew();
    co_return renewed.has_value();
}

net::awaitable<Result<void>> AccessToken::renew() {
    if (asking_) co_return Error{Errc::unavailable, "LINE is being asked for a new access token"};
    asking_ = true;
    auto const asked = co_await ask();
    asking_ = false;
    if (asked) {
        failures_ = 0;
        trouble_.clear();
        log_info("token_renewed", {{"channel", channel_.value}, {"until", to_rfc3339(*until_)}});
        co_return asked;
    }
    trouble_ = asked.error().message;
    renewal_due_ = clock_() + backoff_after(++failures_, 1.0, asking_again);
    log_error("token_not_renewed",
              {{"channel", channel_.value}, {"why", trouble_}, {"until", until_ ? to_rfc3339(*until_) : std::string{"there is none"}}, {"tries", failures_}});
    co_return asked;
}

net::awaitable<Result<void>> AccessToken::ask() {
    auto const& issue = line_.issue;
    bool const stateless = issue.kind == LineTokenKind::stateless;
    ClientRequest request;
    request.url = line_.api_base + (stateless ? "/oauth2/v3/token" : "/oauth2/v2.1/token");
    request.connect_timeout = send_.connect;
    request.timeout = send_.timeout;
    request.headers.set("Content-Type", "application/x-www-form-urlencoded");
    if (issue.private_key.empty()) {
        auto const& secret = line_.channel_secrets.front().reveal();
        request.body = form({{"grant_type", "client_credentials"}, {"client_id", issue.channel_id}, {"client_secret", secret}});
    } else {
        auto const claims = assertion(issue, clock_());
        if (!claims) co_return claims.error();
        request.body = form({{"grant_type", "client_credentials"}, {"client_assertion_type", assertion_type}, {"client_assertion", *claims}});
    }
    auto const response = co_await http_.fetch(std::move(request));
    if (!response) co_return Error{Errc::unavailable, "LINE could not be asked for an access token: " + response.error().message};
    std::string const said = "LINE answered " + std::to_string(response->status) + words_of(*response);
    if (response->status == 429 || response->status >= 500) co_return Error{Errc::unavailable, said};
    if (response->status != 200)
        co_return Error{Errc::unauthorized, said + "; check line.issue: the channel id, and the secret or the key with its id" +
                                                (stateless ? "" : "; LINE allows 30 tokens of this kind at once, `kind: stateless` any number")};
    auto const object = payload::read_object(response->body);
    auto token = object ? payload::text_of(*object, "access_token") : std::string{};
    auto const seconds = object ? payload::integer_of(*object, "expires_in").value_or(0) : 0;
    if (token.empty() || seconds <= 0) co_return Error{Errc::bad_payload, "LINE's answer holds no access token"};
    std::string old = std::exchange(value_, std::move(token));
    until_ = clock_() + std::chrono::seconds{seconds};
    renewal_due_ = clock_() + std::chrono::seconds{seconds * 4 / 5};
    if (!stateless && !old.empty()) co_await revoke(std::move(old));
    co_return Result<void>{};
}

/// LINE counts 30 at most. What cannot be revoked ends by itself.
net::awaitable<void> AccessToken::revoke(std::string old) {
    ClientRequest request;
    request.url = line_.api_base + "/oauth2/v2.1/revoke";
    request.connect_timeout = send_.connect;
    request.timeout = send_.timeout;
    request.headers.set("Content-Type", "application/x-www-form-urlencoded");
    request.body = form({{"client_id", line_.issue.channel_id}, {"client_secret", line_.channel_secrets.front().reveal()}, {"access_token", old}});
    auto const response = co_await http_.fetch(std::move(request));
    if (!response || response->status != 200)
        log_warn("token_not_revoked", {{"channel", channel_.value}, {"why", response ? std::to_string(response->status) : response.error().message}});
}

}  // namespace kefu::line
