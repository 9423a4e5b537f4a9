// SPDX-License-Identifier: Apache-2.0
#include "daemon/health.hpp"

#include <algorithm>
#include <utility>

namespace kefu {

using namespace std::chrono_literals;

namespace {

constexpr auto gap_matters = 24h;      // by then somebody looked, or customers wrote again
constexpr auto absence_matters = 60s;  // a restart of the other side is nothing
constexpr auto forgery_matters = 1h;
constexpr auto unready_matters = 2min;  // it is asked at least each minute
constexpr int failures_matter = 3;
constexpr int forgeries_matter = 3;         // strangers try addresses, too
constexpr std::int64_t quota_warning = 80;  // percent
constexpr auto token_warning = 3min;        // the shortest tokens live 15, and are renewed when a fifth is left

bool is_end_of_send(Trouble trouble) {
    return trouble == Trouble::held || trouble == Trouble::refused || trouble == Trouble::unknown || trouble == Trouble::retried;
}

std::string in_words(Timestamp::duration span) {
    auto const minutes = std::chrono::duration_cast<std::chrono::minutes>(span).count();
    if (minutes < 120) return std::to_string(minutes) + " min";
    return minutes < 48 * 60 ? std::to_string(minutes / 60) + " h" : std::to_string(minutes / (24 * 60)) + " days";
}

ChannelRecord::Errors const* find(ChannelRecord const& record, Trouble trouble) {
    auto const found = record.errors.find(trouble);
    return found == record.errors.end() ? nullptr : &found->second;
}

/// Whether somebody must come (`down`) or look (`attention`), and why.
class Assessment {
  public:
    Assessment(ChannelSettings const& settings, ChannelRecord const& record, Timestamp now) : settings_(settings), record_(record), now_(now) {}

    ChannelReport run() {
        ways_out();
        ways_in();
        money();
        return std::move(report_);
    }

  private:
    using State = ChannelReport::State;

    void add(State state, std::string_view kind, std::string what) {
        report_.state = std::max(report_.state, state);
        report_.reasons.push_back({kind, std::move(what)});
    }

    void ways_out() {
        auto const& account = record_.account;
        if (record_.absent_since && now_ - *record_.absent_since >= absence_matters)
            add(State::down, "not_connected", "nobody is connected; look whether the program on the other side runs, and at its log");
        if (auto const* unready = find(record_, Trouble::not_ready); unready != nullptr && now_ - unready->last < unready_matters)
            add(State::attention, "not_ready", "the platform does not say who this account is: " + unready->detail);
        std::string const& why = record_.held.empty() ? account.obstacle : record_.held;
        if (!why.empty()) add(State::down, "cannot_send", "nothing can be sent: " + why);
        if (account.token_until && *account.token_until <= now_)
            add(State::down, "token", "the access token has ended and there is no new one; look for token_not_renewed in the log");
        else if (account.token_until && *account.token_until - now_ < token_warning)
            add(State::attention, "token", "the access token ends at " + to_rfc3339(*account.token_until) + " and there is no new one yet");
        if (record_.failures_in_a_row >= failures_matter && why.empty())
            add(State::attention, "sends_fail", "the last " + std::to_string(record_.failures_in_a_row) + " tries to send did not go");
    }

    void ways_in() {
        if (auto const* gap = find(record_, Trouble::gap); gap != nullptr && now_ - gap->last < gap_matters)
            add(State::attention, "gap", "messages may have been missed, last noticed at " + to_rfc3339(gap->last) + ": " + gap->detail);
        if (auto const* forged = find(record_, Trouble::signature);
            forged != nullptr && now_ - forged->last < forgery_matters && record_.forged_in_a_row >= forgeries_matter)
            add(State::attention, "signature", "requests are refused and none was genuine since; compare the secret with the platform's");
        auto const heard = record_.last_in.value_or(record_.since);
        if (settings_.quiet_alarm && now_ - heard >= *settings_.quiet_alarm)
            add(State::attention, "quiet", "nothing came in for " + in_words(now_ - heard) + "; look whether the platform still knows our address");
    }

    void money() {
        auto const& quota = record_.account.quota;
        if (!quota || !quota->limit) return;
        auto const used = std::max(quota->used, quota->to_customers + quota->to_team);
        auto const count = std::to_string(used) + " of " + std::to_string(*quota->limit) + " paid messages of this month are used";
        if (used >= *quota->limit)
            add(State::attention, "quota", count + "; only replies go out, buy more or wait for the next month");
        else if (used * 100 >= *quota->limit * quota_warning)
            add(State::attention, "quota", count);
    }

    ChannelSettings const& settings_;
    ChannelRecord const& record_;
    Timestamp now_;
    ChannelReport report_;
};

}  // namespace

std::string_view meaning_of(Trouble trouble) {
    switch (trouble) {
        case Trouble::signature:
            return "a request did not prove that it comes from the platform: the secret or token differs, or somebody else posts here";
        case Trouble::unreadable:
            return "a genuine request could not be read: the platform sends something new";
        case Trouble::not_stored:
            return "the store could not take what came in: look at the disk";
        case Trouble::gap:
            return "messages may have been missed while nobody was connected";
        case Trouble::not_ready:
            return "the platform did not say who this account is: the token or the network";
        case Trouble::held:
            return "nothing can be sent on this channel; sends wait and people were told";
        case Trouble::refused:
            return "the platform refused a send for good; people were told";
        case Trouble::unknown:
            return "nobody knows whether a send is out; it is not repeated and people were told";
        case Trouble::retried:
            return "a send did not go and is tried again";
    }
    return {};
}

ChannelReport assess(ChannelSettings const& settings, ChannelRecord const& record, Timestamp now) { return Assessment{settings, record, now}.run(); }

ChannelHealth::Entry& ChannelHealth::entry(ChannelId const& channel, Timestamp now) const {
    auto& found = entries_[channel];
    if (found.record.since == Timestamp{}) found.record.since = now;
    return found;
}

void ChannelHealth::came_in(ChannelId const& channel, Timestamp now) {
    std::lock_guard const lock{mutex_};
    auto& record = entry(channel, now).record;
    record.last_in = now;
    record.forged_in_a_row = 0;
}

void ChannelHealth::went_out(ChannelId const& channel, Timestamp now) {
    std::lock_guard const lock{mutex_};
    auto& record = entry(channel, now).record;
    record.last_out = now;
    record.held.clear();
    record.failures_in_a_row = 0;
}

void ChannelHealth::went_wrong(ChannelId const& channel, Trouble trouble, std::string detail, Timestamp now) {
    std::lock_guard const lock{mutex_};
    auto& record = entry(channel, now).record;
    if (is_end_of_send(trouble)) {
        ++record.failures_in_a_row;
        record.held = trouble == Trouble::held ? detail : std::string{};
    }
    if (trouble == Trouble::signature) ++record.forged_in_a_row;
    auto& errors = record.errors[trouble];
    ++errors.count;
    errors.last = now;
    errors.detail = std::move(detail);
}

void ChannelHealth::note(ChannelId const& channel, AccountState account, Timestamp now) {
    std::lock_guard const lock{mutex_};
    auto& record = entry(channel, now).record;
    if (account.connected != false)
        record.absent_since.reset();
    else if (!record.absent_since)
        record.absent_since = now;
    record.account = std::move(account);
}

ChannelRecord ChannelHealth::of(ChannelId const& channel, Timestamp now) const {
    std::lock_guard const lock{mutex_};
    return entry(channel, now).record;
}

std::optional<ChannelReport::State> ChannelHealth::tell(ChannelId const& channel, ChannelReport const& report) {
    std::vector<std::string_view> kinds;
    for (auto const& reason : report.reasons) kinds.push_back(reason.kind);
    std::lock_guard const lock{mutex_};
    auto& [record, told, told_kinds] = entries_[channel];
    bool const same = told == report.state && told_kinds == kinds;
    told_kinds = std::move(kinds);
    auto const before = std::exchange(told, report.state);
    return same ? std::nullopt : std::optional{before};
}

}  // namespace kefu
