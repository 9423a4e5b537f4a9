// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/channel_settings.hpp"
#include "daemon/clock.hpp"
#include "daemon/http/client.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace kefu::line {

/// The claims that ask LINE for a token, signed with the account's private key ("Issue channel access token v2.1"): RS256, good for 30 minutes.
/// bad_config: the key is not an RSA key in PEM.
Result<std::string> assertion(LineIssueSettings const& settings, Timestamp now);

/// The account's channel access token: the one in the settings, or one that LINE issues and that is renewed before it ends. Lives on the io thread.
class AccessToken {
  public:
    /// `http` outlives it.
    AccessToken(ChannelSettings const& settings, HttpClient& http, Clock clock);

    /// Empty: there is none yet.
    std::string const& value() const { return value_; }
    bool is_issued() const { return value_from_line_; }
    std::optional<Timestamp> until() const { return until_; }

    /// Why there is none that works, and what to do; empty: nothing is known to be wrong.
    std::string const& trouble() const { return trouble_; }

    /// Whether a token of these settings is this one's.
    bool fits(ChannelSettings const& settings) const;

    /// When a fifth of its life is left, or there is none. Far away for one that does not end.
    Timestamp renewal_due() const { return renewal_due_; }

    /// Asks LINE for a new one; until it is there, the old one stays in use. unavailable: again later; unauthorized, bad_config: somebody must look.
    net::awaitable<Result<void>> renew();

    /// LINE refused `used`. True: there is another one by now.
    net::awaitable<bool> replace(std::string used);

  private:
    net::awaitable<Result<void>> ask();
    net::awaitable<void> revoke(std::string old);

    ChannelId channel_;
    LineSettings line_;
    SendSettings send_;
    HttpClient& http_;
    Clock clock_;
    bool value_from_line_;
    std::string value_;
    std::optional<Timestamp> until_;
    Timestamp renewal_due_;
    std::string trouble_;
    int failures_ = 0;
    bool asking_ = false;
};

}  // namespace kefu::line
