// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/channel_settings.hpp"
#include "daemon/clock.hpp"
#include "daemon/health.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kefu::line {

/// Whom a push is for.
enum class PushFor { customer, team };

/// The account's paid messages of this month: what LINE says of them, what we sent, and what may still be sent for whom. Replies are free and not counted.
/// A push counts once for each person who gets it. The month is Japan's.
class Ledger {
  public:
    explicit Ledger(LineQuotaSettings const& budget) : budget_(budget) {}
    void change(LineQuotaSettings const& budget) { budget_ = budget; }

    /// What LINE said: GET /v2/bot/message/quota and /quota/consumption. `limit` absent: none.
    void told(std::optional<std::int64_t> limit, std::int64_t used, Timestamp now);

    /// LINE refused a push: "You have reached your monthly limit."
    void used_up(Timestamp now);

    void sent(PushFor whom, std::int64_t people, Timestamp now);

    /// Why no more may be sent for them this month; nothing: it may.
    std::optional<std::string> objection(PushFor whom, std::int64_t people, Timestamp now);

    std::optional<Quota> quota() const;

    /// True once when less than a fifth of the month's messages is left, and once when none is.
    bool warns();

    /// Our own counts, for after a restart: "2026-11 12 3". Unreadable or of another month: nothing.
    std::string save() const;
    void recall(std::string_view saved, Timestamp now);

  private:
    void turn_page(Timestamp now);

    LineQuotaSettings budget_;
    std::string month_;
    bool known_ = false;
    bool gone_ = false;
    std::optional<std::int64_t> limit_;
    std::int64_t used_ = 0;
    std::int64_t to_customers_ = 0;
    std::int64_t to_team_ = 0;
    int warned_ = 0;  ///< 1: little is left, 2: nothing
};

}  // namespace kefu::line
