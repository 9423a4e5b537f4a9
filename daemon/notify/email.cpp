// SPDX-License-Identifier: Apache-2.0
#include "daemon/notify/email.hpp"

#include "daemon/connect/text_split.hpp"
#include "daemon/crypto.hpp"
#include "daemon/net/on_pool.hpp"
#include "daemon/notify/notifiers.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <utility>

namespace kefu {

using namespace std::chrono_literals;

namespace {

constexpr long connect_seconds = 3;
constexpr long whole_seconds = 10;
constexpr int tries_most = 40;

struct FreeCurl {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

/// RFC 2047: each word at most 75 characters, and no character cut in two.
std::string encoded_words(std::string_view text) {
    constexpr std::size_t bytes_a_word = 39;  // with "Subject: " before the first
    std::string out;
    std::string word;
    auto const flush = [&] {
        if (!word.empty()) out += (out.empty() ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?") + base64(word) + "?=";
        word.clear();
    };
    for (auto const& grapheme : graphemes(text)) {
        if (word.size() + grapheme.size() > bytes_a_word) flush();
        for (char const c : grapheme) word += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
    flush();
    return out;
}

std::string date_of(Timestamp now) {
    std::time_t const seconds = to_millis(now) / 1000;
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    static constexpr char const* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr char const* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    char rest[32];
    std::strftime(rest, sizeof rest, "%Y %H:%M:%S +0000", &parts);
    return std::string{days[parts.tm_wday]} + ", " + std::to_string(parts.tm_mday) + ' ' + months[parts.tm_mon] + ' ' + rest;  // not in the server's language
}

/// An address in a header: what would end the line, or the address, is no part of one.
std::string address(std::string_view text) {
    std::string out;
    for (char const c : text)
        if (static_cast<unsigned char>(c) > 0x20 && c != '<' && c != '>') out += c;
    return out;
}

struct Upload {
    std::string_view rest;
};

std::size_t read_some(char* buffer, std::size_t size, std::size_t count, void* from) {
    auto& rest = static_cast<Upload*>(from)->rest;
    std::size_t const n = std::min(size * count, rest.size());
    std::copy_n(rest.data(), n, buffer);
    rest.remove_prefix(n);
    return n;
}

SendResult meaning_of(CURLcode code, long status) {
    using Kind = SendResult::Kind;
    SendResult result;
    if (code == CURLE_OK) return result;
    result.detail = std::string{"the mail server: "} + curl_easy_strerror(code) + (status > 0 ? " (" + std::to_string(status) + ")" : "");
    result.kind = status >= 500 && status < 600 ? Kind::refused : Kind::retry;
    if (code == CURLE_LOGIN_DENIED || code == CURLE_USE_SSL_FAILED || code == CURLE_PEER_FAILED_VERIFICATION) {
        result.kind = Kind::hold;
        result.after = 60s;
    }
    return result;
}

class MailNotifier final : public Notifier {
  public:
    MailNotifier(NotifierSettings const& settings, net::thread_pool& pool, Clock clock) : settings_(settings), pool_(pool), clock_(std::move(clock)) {}
    std::string const& id() const override { return settings_.id; }

    net::awaitable<SendResult> notify(Notice notice, SendAttempt attempt) override {
        std::string const text = notice_text(notice, settings_.locale);
        std::string headline = notice_headline(notice, settings_.locale);
        std::string message = mail_message(settings_.email, headline.substr(0, headline.find('\n')), text, notice.id.value, clock_());
        auto work = [mail = settings_.email, message = std::move(message)] { return send_mail(mail, message); };
        SendResult result = co_await on_pool(pool_, std::move(work));
        if (result.kind != SendResult::Kind::retry && result.kind != SendResult::Kind::hold) co_return result;
        if (attempt.number >= tries_most) result.kind = SendResult::Kind::refused;
        if (result.after == 0ms) result.after = std::min<std::chrono::milliseconds>(2s * (1 << std::min(attempt.number, 11)), 1h);
        co_return result;
    }

  private:
    NotifierSettings settings_;
    net::thread_pool& pool_;
    Clock clock_;
};

}  // namespace

std::string mail_message(MailSettings const& settings, std::string_view subject, std::string_view text, std::string_view id, Timestamp now) {
    constexpr std::size_t line = 57;  // bytes that make 76 characters of Base64
    std::string const from = address(settings.from);
    auto const at = from.rfind('@');
    std::string to;
    for (auto const& one : settings.to) to += (to.empty() ? "<" : ",\r\n <") + address(one) + '>';
    std::string out = "Date: " + date_of(now) + "\r\nFrom: <" + from + ">\r\nTo: " + to + "\r\nSubject: " + encoded_words(subject) + "\r\nMessage-ID: <" +
                      hex(sha256(id)).substr(0, 32) + '@' + (at == std::string::npos ? std::string{"kefud"} : from.substr(at + 1)) +
                      ">\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                      "Content-Transfer-Encoding: base64\r\n\r\n";
    std::string body;
    for (char const c : text) body += c == '\n' ? std::string{"\r\n"} : std::string(1, c);
    for (std::size_t i = 0; i < body.size(); i += line) out += base64(std::string_view{body}.substr(i, line)) + "\r\n";
    return out;
}

SendResult send_mail(MailSettings const& settings, std::string const& message) {
    static CURLcode const ready = curl_global_init(CURL_GLOBAL_DEFAULT);
    std::unique_ptr<CURL, FreeCurl> const handle{ready == CURLE_OK ? curl_easy_init() : nullptr};
    if (!handle) return {SendResult::Kind::retry, "libcurl does not start", {}, {}};
    std::unique_ptr<curl_slist, FreeCurl> receivers;
    for (auto const& one : settings.to) {
        curl_slist* const longer = curl_slist_append(receivers.get(), ('<' + address(one) + '>').c_str());
        if (longer == nullptr) return {SendResult::Kind::retry, "out of memory", {}, {}};
        (void)receivers.release();
        receivers.reset(longer);
    }
    std::string const url = (settings.tls == MailTls::implicit ? "smtps://" : "smtp://") + settings.server + ':' + std::to_string(settings.port);
    std::string const from = '<' + address(settings.from) + '>';
    Upload upload{message};
    curl_easy_setopt(handle.get(), CURLOPT_URL, url.c_str());
    curl_easy_setopt(handle.get(), CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle.get(), CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(handle.get(), CURLOPT_CONNECTTIMEOUT, connect_seconds);
    curl_easy_setopt(handle.get(), CURLOPT_TIMEOUT, whole_seconds);
    // Insisted on: a server that offers none gets neither password nor mail.
    curl_easy_setopt(handle.get(), CURLOPT_USE_SSL, static_cast<long>(settings.tls == MailTls::none ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    if (char const* const file = std::getenv("SSL_CERT_FILE")) curl_easy_setopt(handle.get(), CURLOPT_CAINFO, file);
    if (!settings.user.empty()) {
        curl_easy_setopt(handle.get(), CURLOPT_USERNAME, settings.user.c_str());
        curl_easy_setopt(handle.get(), CURLOPT_PASSWORD, settings.password.reveal().c_str());
    }
    curl_easy_setopt(handle.get(), CURLOPT_MAIL_FROM, from.c_str());
    curl_easy_setopt(handle.get(), CURLOPT_MAIL_RCPT, receivers.get());
    curl_easy_setopt(handle.get(), CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(handle.get(), CURLOPT_READFUNCTION, &read_some);
    curl_easy_setopt(handle.get(), CURLOPT_READDATA, &upload);
    CURLcode const code = curl_easy_perform(handle.get());
    long status = 0;
    curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
    return meaning_of(code, status);
}

std::unique_ptr<Notifier> make_mail_notifier(NotifierSettings const& settings, net::thread_pool& pool, Clock clock) {
    return std::make_unique<MailNotifier>(settings, pool, std::move(clock));
}

}  // namespace kefu
