// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/notifier_settings.hpp"
#include "daemon/clock.hpp"
#include "daemon/notify/notifier.hpp"

#include <boost/asio/thread_pool.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace kefu {

/// One mail as it goes over the wire (RFC 5322, MIME): UTF-8 in Base64, its subject in encoded words (RFC 2047), the same Message-ID for the same `id`.
/// What stands in headers holds no line breaks, whatever the customer is called.
std::string mail_message(MailSettings const& settings, std::string_view subject, std::string_view text, std::string_view id, Timestamp now);

/// Hands one mail to the server (libcurl): blocks, at most 10 s. The same `retry` and `refused` as everywhere; a password that is refused is `hold`.
/// TLS is checked against the system's certificates, or those in SSL_CERT_FILE.
SendResult send_mail(MailSettings const& settings, std::string const& message);

/// Mails about cases, at least once. `pool`, whose threads wait for the server, outlives it.
std::unique_ptr<Notifier> make_mail_notifier(NotifierSettings const& settings, net::thread_pool& pool, Clock clock);

}  // namespace kefu
