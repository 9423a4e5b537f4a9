// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/password.hpp"
#include "daemon/console/sessions.hpp"
#include "daemon/console/spans.hpp"
#include "daemon/console/throttle.hpp"
#include "daemon/console/totp.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

namespace kefu {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

constexpr Timestamp noon{std::chrono::milliseconds{1'790'000'000'000}};

/// RFC 6238, appendix B, the rows for SHA-1.
TEST(Totp, gives_the_codes_of_the_rfc) {
    std::string const secret = "12345678901234567890";
    for (auto const& [second, code] : {std::pair{59L, "94287082"},
                                       {1111111109L, "07081804"},
                                       {1111111111L, "14050471"},
                                       {1234567890L, "89005924"},
                                       {2000000000L, "69279037"},
                                       {20000000000L, "65353130"}})
        EXPECT_EQ(totp_code(secret, second / 30, 8), code) << second;
}

TEST(Totp, takes_a_code_once_and_one_step_early_or_late) {
    std::string const secret = "12345678901234567890";
    std::int64_t const step = noon.time_since_epoch() / 30s;
    for (auto const off : {-1, 0, 1}) EXPECT_EQ(totp_step_of(totp_code(secret, step + off), secret, noon, 0), step + off);
    for (auto const off : {-2, 2}) EXPECT_FALSE(totp_step_of(totp_code(secret, step + off), secret, noon, 0)) << off;
    EXPECT_FALSE(totp_step_of(totp_code(secret, step), secret, noon, step)) << "it was used";
    EXPECT_FALSE(totp_step_of(totp_code(secret, step - 1), secret, noon, step)) << "a newer one was used";
    for (auto const* wrong : {"", "12345", "abcdef", "0000000"}) EXPECT_FALSE(totp_step_of(wrong, secret, noon, 0)) << wrong;
}

TEST(Totp, writes_secrets_as_authenticators_read_them) {
    // RFC 4648, section 10, without the padding.
    for (auto const& [bytes, text] : {std::pair{"", ""}, {"f", "MY"}, {"fo", "MZXQ"}, {"foo", "MZXW6"}, {"foob", "MZXW6YQ"}, {"fooba", "MZXW6YTB"}})
        EXPECT_EQ(base32(bytes), text);
    EXPECT_EQ(totp_uri("foobar", "Shop & Co", "mei"), "otpauth://totp/Shop%20%26%20Co:mei?secret=MZXW6YTBOI&issuer=Shop%20%26%20Co");
}

TEST(RecoveryCodes, are_ten_and_may_be_typed_in_any_way) {
    auto const codes = new_recovery_codes();
    EXPECT_EQ(codes.size(), 10u);
    EXPECT_EQ(recovery_hash("abcde-fghjk"), recovery_hash("ABCDE FGHJK"));
    EXPECT_NE(recovery_hash(codes[0]), recovery_hash(codes[1]));
}

TEST(Passwords, are_known_again_by_their_hash_alone) {
    auto const hash = hash_password("correct horse");
    EXPECT_THAT(hash, HasSubstr("$argon2id$v=19$m=19456,t=2,p=1$"));
    EXPECT_NE(hash, hash_password("correct horse")) << "salted";
    EXPECT_TRUE(is_password("correct horse", hash));
    EXPECT_FALSE(is_password("correct horsf", hash));
    EXPECT_FALSE(is_password("nobody has this one", "")) << "nobody of that name";
}

TEST(SignInThrottle, slows_an_account_down_after_five_tries_for_a_minute_at_most) {
    SignInThrottle throttle;
    Timestamp now = noon;
    for (int i = 0; i < 5; ++i) EXPECT_EQ(throttle.try_now("mei", "a" + std::to_string(i), now), 0ms);
    EXPECT_EQ(throttle.try_now("mei", "b", now), 1s);
    now += 1s;
    EXPECT_EQ(throttle.try_now("mei", "b", now), 0ms);
    EXPECT_EQ(throttle.try_now("mei", "c", now), 2s);
    for (int i = 0; i < 20; ++i) {
        now += throttle.try_now("mei", "d" + std::to_string(i), now);
        EXPECT_LE(throttle.try_now("mei", "d" + std::to_string(i), now), 1min);
    }
    EXPECT_EQ(throttle.try_now("jan", "a0", now), 0ms) << "others are not slowed down";
}

TEST(SignInThrottle, slows_an_address_down_that_tries_many_accounts) {
    SignInThrottle throttle;
    for (int i = 0; i < 20; ++i) EXPECT_EQ(throttle.try_now("p" + std::to_string(i), "evil", noon), 0ms);
    EXPECT_GT(throttle.try_now("p20", "evil", noon), 0ms);
    EXPECT_EQ(throttle.try_now("p20", "good", noon), 0ms);
}

TEST(SignInThrottle, forgets_after_success_and_after_an_hour) {
    SignInThrottle throttle;
    for (int i = 0; i < 5; ++i) throttle.try_now("mei", "home", noon);
    throttle.succeeded("mei", "home");
    EXPECT_EQ(throttle.try_now("mei", "home", noon), 0ms);
    for (int i = 0; i < 4; ++i) throttle.try_now("mei", "home", noon);
    EXPECT_GT(throttle.try_now("mei", "home", noon), 0ms);
    EXPECT_EQ(throttle.try_now("mei", "home", noon + 1h), 0ms);
}

TEST(Roles, may_do_what_the_lower_ones_may) {
    std::vector<Role> const all{Role::agent, Role::operator_, Role::owner, Role::admin};
    for (std::size_t i = 0; i < all.size(); ++i)
        for (std::size_t j = 0; j < all.size(); ++j) EXPECT_EQ(reaches(all[i], all[j]), i >= j);
    for (auto const role : all) EXPECT_EQ(role_from_string(to_string(role)), role);
    EXPECT_FALSE(role_from_string("root"));
}

TEST(SessionCookie, is_kept_from_scripts_other_sites_and_plain_http) {
    EXPECT_EQ(session_cookie("t", true, 2min), "__Host-kefud=t; Path=/; Max-Age=120; HttpOnly; SameSite=Strict; Secure");
    EXPECT_EQ(session_cookie("t", false, 2min), "kefud=t; Path=/; Max-Age=120; HttpOnly; SameSite=Strict");
    Request request;
    request.headers.set("Cookie", "a=b; kefud=plain; __Host-kefud=safe");
    EXPECT_EQ(session_token(request, true), "safe");
    EXPECT_EQ(session_token(request, false), "plain");
    request.headers.set("Cookie", "xkefud=1");
    EXPECT_EQ(session_token(request, false), "");
}

TEST(SessionCookie, has_a_csrf_token_of_its_own) {
    EXPECT_EQ(csrf_token("one"), csrf_token("one"));
    EXPECT_NE(csrf_token("one"), csrf_token("two"));
    EXPECT_THAT(csrf_token("one"), Not(HasSubstr("one")));
}

TEST(OurPage, is_known_by_its_origin) {
    Settings settings;
    auto const from = [](std::string const& origin) {
        Request request;
        request.headers.set("Host", "desk.example");
        if (!origin.empty()) request.headers.set("Origin", origin);
        return request;
    };
    for (auto const* ours : {"http://desk.example", "https://desk.example"}) EXPECT_TRUE(is_our_page(from(ours), settings)) << ours;
    for (auto const* other : {"", "null", "http://evil.example", "http://desk.example.evil.example", "http://desk.example:81"})
        EXPECT_FALSE(is_our_page(from(other), settings)) << other;
    Request nowhere;
    nowhere.headers.set("Origin", "https://");
    EXPECT_FALSE(is_our_page(nowhere, settings)) << "no host is nobody's";
    settings.public_url = "https://kefud.example/desk";
    EXPECT_TRUE(is_our_page(from("https://kefud.example"), settings));
    EXPECT_FALSE(is_our_page(from("http://desk.example"), settings)) << "somebody between us took the TLS away";
}

TEST(Sessions, end_when_idle_or_too_old) {
    ConsoleSettings settings;
    settings.idle = 1h;
    settings.longest = 8h;
    EXPECT_EQ(expiry({"", "mei", noon, noon + 3h}, settings), noon + 4h);
    EXPECT_EQ(expiry({"", "mei", noon, noon + 7h + 30min}, settings), noon + 8h);
}

TEST(Links, keep_their_token_out_of_logs_and_of_the_store) {
    auto const link = new_link("mei", Role::agent, noon);
    EXPECT_EQ(link.invitation.hash, token_hash(link.token));
    EXPECT_EQ(link.invitation.expires_at, noon + 72h);
    EXPECT_EQ(link_address("https://kefud.example", "T"), "https://kefud.example/console/#setup=T");
    EXPECT_EQ(link_address("https://kefud.example/", "T"), "https://kefud.example/console/#setup=T");
    ListenSettings listen;
    listen.address = "::";
    EXPECT_EQ(local_address(listen, 8080), "http://127.0.0.1:8080");
    listen.address = "::1";
    EXPECT_EQ(local_address(listen, 8080), "http://[::1]:8080");
}

TEST(Spans, count_as_javascript_does) {
    std::string const text = "a\u00e9\u9000\U0001F600b";  // 1, 2, 3 and 4 bytes, then one
    EXPECT_EQ(utf16_offset(text, 0), 0u);
    EXPECT_EQ(utf16_offset(text, 1), 1u);
    EXPECT_EQ(utf16_offset(text, 3), 2u);
    EXPECT_EQ(utf16_offset(text, 6), 3u);
    EXPECT_EQ(utf16_offset(text, 10), 5u);
    EXPECT_EQ(utf16_offset(text, 999), 6u);
}

}  // namespace
}  // namespace kefu
