// SPDX-License-Identifier: Apache-2.0
#include "daemon/notify/email.hpp"

#include "daemon/crypto.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kefu {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

MailSettings settings() {
    MailSettings settings;
    settings.server = "127.0.0.1";
    settings.port = 1;
    settings.tls = MailTls::none;
    settings.from = "kefud@shop.example";
    settings.to = {"eva@shop.example", "jan@shop.example\r\nBcc: thief@evil.example"};
    return settings;
}

Timestamp const now = *from_rfc3339("2026-11-24T02:05:09Z");

TEST(Mail, is_utf8_in_headers_and_body) {
    auto const mail = mail_message(settings(), "有顧客需要專人處理", "第一行\n第二行", "line-main/U1#7", now);
    EXPECT_THAT(mail, HasSubstr("Date: Tue, 24 Nov 2026 02:05:09 +0000\r\n"));
    EXPECT_THAT(mail, HasSubstr("Subject: =?UTF-8?B?" + base64("有顧客需要專人處理") + "?=\r\n"));
    EXPECT_THAT(mail, HasSubstr("\r\n\r\n" + base64("第一行\r\n第二行") + "\r\n"));
    EXPECT_EQ(mail, mail_message(settings(), "有顧客需要專人處理", "第一行\n第二行", "line-main/U1#7", now));
    EXPECT_NE(mail.substr(mail.find("Message-ID")), mail_message(settings(), "x", "y", "line-main/U1#8", now).substr(mail.find("Message-ID")));
}

TEST(Mail, lets_nobody_write_headers) {
    auto const mail = mail_message(settings(), "Jan\r\nBcc: thief@evil.example", "x", "1", now);
    std::string const headers = mail.substr(0, mail.find("\r\n\r\n"));
    EXPECT_THAT(headers, Not(HasSubstr("\r\nBcc")));
    EXPECT_THAT(headers, HasSubstr("jan@shop.exampleBcc:thief@evil.example>"));
}

TEST(Mail, has_no_line_longer_than_mail_allows) {
    std::string subject;
    for (int i = 0; i < 100; ++i) subject += "客服👍";
    auto const mail = mail_message(settings(), subject, std::string(100'000, 'x'), "1", now);
    for (std::size_t from = 0; from < mail.size();) {
        auto const to = mail.find("\r\n", from);
        ASSERT_NE(to, std::string::npos);
        EXPECT_LE(to - from, 78U);
        from = to + 2;
    }
}

TEST(Mail, to_a_server_that_is_not_there_is_tried_again) {
    auto const result = send_mail(settings(), "x");
    EXPECT_EQ(result.kind, SendResult::Kind::retry);
    EXPECT_THAT(result.detail, HasSubstr("mail server"));
}

}  // namespace
}  // namespace kefu
