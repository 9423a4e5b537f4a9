// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/channel_settings.hpp"
#include "daemon/clock.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// How each channel is, for who is on call. In memory since start; what must survive is in the store and the log.
namespace kefu {

/// What can go wrong on a channel.
enum class Trouble {
    signature,   ///< a request that is not genuine
    unreadable,  ///< genuine, but not what the platform documents
    not_stored,  ///< the store took nothing; the platform repeats where it can
    gap,         ///< messages may have been missed
    not_ready,   ///< the account could not be asked what it is
    held,        ///< nothing can be sent
    refused,     ///< one send, never tried again
    unknown,     ///< one send; nobody knows whether it is out
    retried,     ///< one try of a send; another follows
};
inline constexpr std::array<std::string_view, 9> trouble_names{"signature", "unreadable", "not_stored", "gap",    "not_ready",
                                                               "held",      "refused",    "unknown",    "retried"};

/// What that means and what to look at, in words for who is on call.
std::string_view meaning_of(Trouble trouble);

/// Messages that cost, this month.
struct Quota {
    std::optional<std::int64_t> limit;  ///< nothing: none
    std::int64_t used = 0;              ///< as the platform counts, which may lag behind
    std::int64_t to_customers = 0;      ///< as we count
    std::int64_t to_team = 0;
    friend bool operator==(Quota const&, Quota const&) = default;
};

/// What a connector knows of its account beside single messages. Absent: it has no such thing, or does not know.
struct AccountState {
    std::optional<bool> connected;         ///< somebody holds a connection, or was there a moment ago
    std::optional<Quota> quota;            ///< where messages cost
    std::optional<Timestamp> token_until;  ///< when the token in use ends
    std::uint64_t connects = 0;            ///< with `connected`: connections that came to be since start
    std::uint64_t rate_limited = 0;        ///< what visitors said or uploaded too fast since start
    std::string obstacle;                  ///< why nothing can be sent, and what to do; empty: nothing is known to be wrong
};

/// What was seen of a channel since start.
struct ChannelRecord {
    struct Errors {
        std::uint64_t count = 0;
        Timestamp last{};
        std::string detail;  ///< of the last one; no customer text, no secret
    };
    Timestamp since{};  ///< start, or when the channel was first heard of
    std::optional<Timestamp> last_in;
    std::optional<Timestamp> last_out;
    std::map<Trouble, Errors> errors;
    std::string held;           ///< why nothing can be sent, since the last send that was not held
    int failures_in_a_row = 0;  ///< tries of sends that did not go
    int forged_in_a_row = 0;    ///< requests with a wrong signature, since the last that was right
    AccountState account;
    std::optional<Timestamp> absent_since;  ///< when the last connection went
};

/// One channel as it is now.
struct ChannelReport {
    enum class State { ok, attention, down };
    struct Reason {
        std::string_view kind;  ///< not_connected, not_ready, cannot_send, quota, token, gap, quiet, signature, sends_fail
        std::string what;       ///< in words, with what to do
    };
    State state = State::ok;
    std::vector<Reason> reasons;
};
inline constexpr std::array<std::string_view, 3> channel_state_names{"ok", "attention", "down"};

/// What a record means. Pure.
ChannelReport assess(ChannelSettings const& settings, ChannelRecord const& record, Timestamp now);

/// The records of all channels. Fed by intake (in), the dispatcher (out) and whoever sees something go wrong; from any thread.
class ChannelHealth {
  public:
    void came_in(ChannelId const& channel, Timestamp now);
    void went_out(ChannelId const& channel, Timestamp now);

    /// `held`, `refused`, `unknown` and `retried` are ends of sends.
    void went_wrong(ChannelId const& channel, Trouble trouble, std::string detail, Timestamp now);

    /// Asked from the connector now and then, on the io thread.
    void note(ChannelId const& channel, AccountState account, Timestamp now);

    ChannelRecord of(ChannelId const& channel, Timestamp now) const;

    /// The report is told about when its state or the kinds of its reasons differ from the last one's: then, the state before. First: ok.
    std::optional<ChannelReport::State> tell(ChannelId const& channel, ChannelReport const& report);

  private:
    struct Entry {
        ChannelRecord record;
        ChannelReport::State told = ChannelReport::State::ok;
        std::vector<std::string_view> told_kinds;
    };
    Entry& entry(ChannelId const& channel, Timestamp now) const;

    mutable std::mutex mutex_;
    mutable std::map<ChannelId, Entry> entries_;
};

}  // namespace kefu
