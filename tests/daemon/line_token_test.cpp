// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/line/access_token.hpp"

#include "daemon/crypto.hpp"
#include "tests/support/line_platform.hpp"
#include "tests/support/rsa_key.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

/// Channel access tokens that LINE issues and that end.
namespace kefu::line {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string from_base64url(std::string text) {
    for (auto& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
    while (text.size() % 4 != 0) text += '=';
    return from_base64(text).value();
}

bool is_signed(std::string_view text, std::string const& signature) {
    auto* const bio = BIO_new_mem_buf(rsa_public_key, -1);
    auto* const key = PEM_read_bio_PUBKEY(bio, nullptr, nullptr, nullptr);
    auto* const context = EVP_MD_CTX_new();
    EVP_DigestVerifyInit(context, nullptr, EVP_sha256(), nullptr, key);
    auto const* bytes = [](std::string_view view) { return reinterpret_cast<unsigned char const*>(view.data()); }(text);
    bool const good = EVP_DigestVerify(context, reinterpret_cast<unsigned char const*>(signature.data()), signature.size(), bytes, text.size()) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    BIO_free(bio);
    return good;
}

LineIssueSettings with_key(LineTokenKind kind) {
    LineIssueSettings issue;
    issue.channel_id = "1654321987";
    issue.kind = kind;
    issue.private_key = Secret{rsa_private_key};
    issue.key_id = "key-1";
    issue.lifetime = 1h;
    return issue;
}

TEST(LineAssertion, is_signed_with_the_accounts_key_and_says_who_asks_for_how_long) {
    auto const jwt = assertion(with_key(LineTokenKind::v2_1), received).value();
    auto const first = jwt.find('.');
    auto const last = jwt.rfind('.');
    auto const header = json::parse(from_base64url(jwt.substr(0, first)));
    auto const claims = json::parse(from_base64url(jwt.substr(first + 1, last - first - 1)));
    EXPECT_EQ(header, json::value({{"alg", "RS256"}, {"typ", "JWT"}, {"kid", "key-1"}}));
    EXPECT_EQ(claims.at("iss"), "1654321987");
    EXPECT_EQ(claims.at("sub"), "1654321987");
    EXPECT_EQ(claims.at("aud"), "https://api.line.me/");
    EXPECT_EQ(claims.at("exp").as_int64(), to_millis(received) / 1000 + 1800);
    EXPECT_EQ(claims.at("token_exp").as_int64(), 3600);
    EXPECT_TRUE(is_signed(std::string_view{jwt}.substr(0, last), from_base64url(jwt.substr(last + 1))));
    EXPECT_FALSE(is_signed("something else", from_base64url(jwt.substr(last + 1))));
}

TEST(LineAssertion, of_a_stateless_token_asks_for_no_lifetime) {
    auto const jwt = assertion(with_key(LineTokenKind::stateless), received).value();
    auto const first = jwt.find('.');
    auto const claims = json::parse(from_base64url(jwt.substr(first + 1, jwt.rfind('.') - first - 1)));
    EXPECT_FALSE(claims.as_object().contains("token_exp"));
}

TEST(LineAssertion, needs_a_key_in_pem) {
    auto issue = with_key(LineTokenKind::v2_1);
    issue.private_key = Secret{"no key"};
    auto const jwt = assertion(issue, received);
    ASSERT_TRUE(jwt.has_error());
    EXPECT_EQ(jwt.error().message, "line.issue.private_key is no RSA private key in PEM");
}

Response issued(std::string const& token, int seconds = 900) {
    return json_response(R"({"access_token":")" + token + R"(","expires_in":)" + std::to_string(seconds) + R"(,"token_type":"Bearer"})");
}

/// An account whose tokens LINE issues, over time.
struct Story {
    LineIssueSettings issue;
    Answers answers;
    net::awaitable<void> (*act)(Connector&, Timestamp& now);
};

net::awaitable<std::vector<Request>> tell(Story story) {
    auto const executor = co_await this_coro::executor;
    ScriptedPeer platform{executor};
    platform.answers = std::move(story.answers);
    HttpClient http{executor};
    Timestamp now = received;
    ChannelSettings settings = settings_for(platform.url());
    settings.line.access_token = {};
    settings.line.issue = story.issue;
    auto const line = make_connector({settings, ChannelPolicy{}, http, [&now] { return now; }});
    co_await story.act(*line, now);
    http.close_idle();
    co_await platform.stop();
    co_return std::move(platform.seen);
}

LineIssueSettings with_secret() {
    LineIssueSettings issue;
    issue.channel_id = "1654321987";
    return issue;
}

std::vector<std::string> paths(std::vector<Request> const& seen) {
    std::vector<std::string> all;
    for (auto const& request : seen) all.push_back(request.path);
    return all;
}
std::string bearer(Request const& request) { return std::string{request.headers.get("Authorization")}; }

net::awaitable<SendResult> push(Connector& line) {
    std::string to = customer;
    Send send = without_token();
    SendAttempt const attempt;
    SendResult result = co_await line.send(std::move(to), std::move(send), attempt);
    co_return result;
}

net::awaitable<void> prepares_and_sends(Connector& line, Timestamp&) {
    EXPECT_EQ(line.state().obstacle, "LINE has not issued an access token yet");
    auto const ready = co_await line.prepare();
    EXPECT_TRUE(ready.has_value());
    EXPECT_EQ(line.state().token_until, received + 900s);
    EXPECT_EQ(line.state().obstacle, "");
    auto const result = co_await push(line);
    EXPECT_EQ(result.kind, Kind::delivered);
}

TEST(LineToken, is_issued_for_the_channels_id_and_secret_and_used) {
    auto const seen = run(tell({with_secret(), {issued("fresh-1"), says(404, ""), ok()}, prepares_and_sends}));
    EXPECT_THAT(paths(seen), ElementsAre("/oauth2/v3/token", "/v2/bot/info", "/v2/bot/message/push"));
    EXPECT_EQ(seen[0].headers.get("Content-Type"), "application/x-www-form-urlencoded");
    EXPECT_EQ(seen[0].body, std::string{"grant_type=client_credentials&client_id=1654321987&client_secret="} + channel_secret);
    EXPECT_EQ(bearer(seen[2]), "Bearer fresh-1");
}

TEST(LineToken, is_issued_for_an_assertion_where_there_is_a_key) {
    auto const seen = run(tell({with_key(LineTokenKind::stateless), {issued("fresh-1"), says(404, ""), ok()}, prepares_and_sends}));
    EXPECT_THAT(seen.at(0).body, HasSubstr("client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=eyJ"));
    EXPECT_THAT(seen.at(0).body, Not(HasSubstr(channel_secret)));
}

net::awaitable<void> sends_without(Connector& line, Timestamp&) {
    auto const ready = co_await line.prepare();
    EXPECT_EQ(ready.error().code, Errc::unauthorized);
    EXPECT_THAT(ready.error().message, HasSubstr("check line.issue: the channel id, and the secret"));
    auto const result = co_await push(line);
    EXPECT_EQ(result.kind, Kind::retry) << "nothing can be out without a token";
    EXPECT_FALSE(result.maybe_sent);
    EXPECT_THAT(result.detail, HasSubstr("invalid_client"));
    EXPECT_THAT(line.state().obstacle, HasSubstr("invalid_client"));
}

TEST(LineToken, that_is_refused_says_what_to_check_and_sends_wait) {
    auto const seen = run(tell({with_secret(), {json_response(R"({"error":"invalid_client"})", 400)}, sends_without}));
    EXPECT_THAT(paths(seen), ElementsAre("/oauth2/v3/token"));
}

net::awaitable<void> renews(Connector& line, Timestamp& now) {
    co_await line.prepare();
    now = received + 719s;
    co_await line.keep_up();
    EXPECT_EQ(line.state().token_until, received + 900s) << "more than a fifth is left";
    now = received + 720s;
    co_await line.keep_up();
    EXPECT_EQ(line.state().token_until, received + 900s) << "LINE did not answer: the old one stays";
    auto result = co_await push(line);
    EXPECT_EQ(result.kind, Kind::delivered);
    now = received + 730s;
    co_await line.keep_up();
    EXPECT_EQ(line.state().token_until, received + 730s + 900s);
    result = co_await push(line);
    EXPECT_EQ(result.kind, Kind::delivered);
}

TEST(LineToken, is_renewed_before_it_ends_and_stays_in_use_until_the_new_one_is_there) {
    auto const seen =
        run(tell({with_secret(), {issued("fresh-1"), says(404, ""), says(404, ""), says(404, ""), server_error(), ok(), issued("fresh-2"), ok()}, renews}));
    EXPECT_THAT(paths(seen), ElementsAre("/oauth2/v3/token", "/v2/bot/info", "/v2/bot/message/quota", "/v2/bot/message/quota/consumption", "/oauth2/v3/token",
                                         "/v2/bot/message/push", "/oauth2/v3/token", "/v2/bot/message/push"));
    EXPECT_EQ(bearer(seen.at(5)), "Bearer fresh-1");
    EXPECT_EQ(bearer(seen.at(7)), "Bearer fresh-2");
}

net::awaitable<void> is_refused_once(Connector& line, Timestamp&) {
    co_await line.prepare();
    auto const result = co_await push(line);
    EXPECT_EQ(result.kind, Kind::delivered);
}

TEST(LineToken, that_line_refuses_in_a_call_is_replaced_and_the_call_made_again_under_its_key) {
    auto const seen = run(tell({with_secret(), {issued("fresh-1"), says(404, ""), says(401, "expired"), issued("fresh-2"), ok()}, is_refused_once}));
    EXPECT_THAT(paths(seen), ElementsAre("/oauth2/v3/token", "/v2/bot/info", "/v2/bot/message/push", "/oauth2/v3/token", "/v2/bot/message/push"));
    EXPECT_EQ(bearer(seen.at(4)), "Bearer fresh-2");
    EXPECT_EQ(seen.at(2).headers.get("X-Line-Retry-Key"), seen.at(4).headers.get("X-Line-Retry-Key"));
    EXPECT_EQ(seen.at(2).body, seen.at(4).body);
}

net::awaitable<void> is_refused_twice(Connector& line, Timestamp&) {
    co_await line.prepare();
    auto const result = co_await push(line);
    EXPECT_EQ(result.kind, Kind::hold);
}

TEST(LineToken, is_replaced_once_only_in_a_call) {
    auto const seen = run(tell({with_secret(), {issued("fresh-1"), says(404, ""), says(401, "no"), issued("fresh-2"), says(401, "no")}, is_refused_twice}));
    EXPECT_EQ(seen.size(), 5u);
}

net::awaitable<void> renews_v2_1(Connector& line, Timestamp& now) {
    co_await line.prepare();
    now = received + 2880s;
    co_await line.keep_up();
    EXPECT_EQ(line.state().token_until, received + 2880s + 3600s);
}

TEST(LineToken, of_kind_v2_1_is_revoked_when_the_new_one_is_there_as_line_counts_30) {
    auto const seen = run(tell({with_key(LineTokenKind::v2_1),
                                {issued("old", 3600), says(404, ""), issued("new", 3600), json_response("{}"), says(404, ""), says(404, "")},
                                renews_v2_1}));
    EXPECT_EQ(seen.at(0).path, "/oauth2/v2.1/token");
    EXPECT_EQ(seen.at(2).path, "/oauth2/v2.1/token");
    EXPECT_EQ(seen.at(3).path, "/oauth2/v2.1/revoke");
    EXPECT_THAT(seen.at(3).body, HasSubstr("access_token=old"));
}

}  // namespace
}  // namespace kefu::line
