// SPDX-License-Identifier: Apache-2.0
#include "daemon/watch/self_watch.hpp"

#include "daemon/log.hpp"
#include "daemon/net/deadline.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace kefu {

using namespace std::chrono_literals;

namespace {

constexpr auto look_every = 1s;
constexpr auto tell_every = 1h;
constexpr std::size_t most_looked_at_again = 1000;
constexpr std::size_t most_named = 20;
constexpr int certain = 2;  // looks in a row: between two of a store's answers things move on

Notice alarm_notice(std::string_view name, std::string what, std::string time_zone, std::string const& url, Timestamp now) {
    Notice notice;
    notice.kind = Notice::Kind::alarm;
    notice.id = EffectId{"alarm#" + std::string{name} + '#' + std::to_string(to_millis(now))};
    notice.what = std::move(what);
    notice.time_zone = std::move(time_zone);
    if (!url.empty()) notice.link = url + "/console/";
    return notice;
}

}  // namespace

Alarm::Change Alarm::note(bool wrong, Timestamp now, std::chrono::milliseconds repeat) {
    bool const was_wrong = std::exchange(wrong_, wrong);
    if (!wrong) return was_wrong ? Change::over : Change::none;
    if (was_wrong && now - told_ < repeat) return Change::none;
    told_ = now;
    if (!was_wrong) since_ = now;
    return was_wrong ? Change::goes_on : Change::begun;
}

SelfWatch::SelfWatch(Store& store, std::function<ServicesPtr()> services, Clock clock)
    : store_(store), services_(std::move(services)), clock_(std::move(clock)) {}

net::awaitable<void> SelfWatch::run() {
    for (;;) {
        co_await look();
        bool const slept = co_await sleep_for(look_every);
        if (!slept) co_return;
    }
}

net::awaitable<void> SelfWatch::look() {
    ServicesPtr const services = services_();
    auto const patience = services->snapshot->settings.watch.patience;
    Timestamp const now = clock_();
    WatchQuery query;
    query.after = until_;
    query.before = now - patience;
    for (auto const& [difference, places] : seen_)
        for (auto const& [conversation, times] : places)
            if (!conversation.empty() && query.again.size() < most_looked_at_again) query.again.push_back(ConversationId{conversation});
    auto const page = co_await store_.watch(std::move(query));
    if (!page) {
        log_warn("self_watch_blind", {{"why", page.error().message}});
        co_return;
    }
    until_ = page->until;
    take(*page, now, patience);
    services->metrics->watch_lag.of().Set(static_cast<double>(page->newest - std::min(page->newest, page->until)));
    co_await tell(services, now);
}

void SelfWatch::take(WatchPage const& page, Timestamp now, std::chrono::milliseconds patience) {
    std::map<Difference, Seen> found;
    for (auto const& watched : page.conversations)
        for (auto const difference : differences_in(watched, now, patience)) note(difference, watched.conversation.id.value, found[difference]);
    if (page.late_items > 0) note(Difference::outbox_late, "", found[Difference::outbox_late]);
    if (page.late_timers > 0) note(Difference::timers_late, "", found[Difference::timers_late]);
    seen_ = std::move(found);
}

void SelfWatch::note(Difference difference, std::string const& where, Seen& found) {
    if (found.size() >= most_looked_at_again) return;
    auto const& before = seen_[difference];
    auto const known = before.find(where);
    int const times = known == before.end() ? 1 : known->second + 1;
    if (times == certain)
        log_error("self_watch",
                  {{"difference", difference_names[static_cast<std::size_t>(difference)]}, {"conversation", where}, {"what", meaning_of(difference)}});
    found.insert_or_assign(where, times);
}

net::awaitable<void> SelfWatch::tell(ServicesPtr services, Timestamp now) {
    for (std::size_t i = 0; i < difference_names.size(); ++i) {
        auto const difference = static_cast<Difference>(i);
        std::size_t count = 0;
        std::string where;
        for (auto const& [conversation, times] : seen_[difference]) {
            if (times < certain) continue;
            if (++count <= most_named && !conversation.empty()) where += (where.empty() ? "" : ", ") + conversation;
        }
        services->metrics->watch_differences.of(difference_names[i]).Set(static_cast<double>(count));
        std::string what{meaning_of(difference)};
        switch (alarms_[difference].note(count > 0, now, tell_every)) {
            case Alarm::Change::none:
                continue;
            case Alarm::Change::begun:
                break;
            case Alarm::Change::goes_on:
                what += " (since " + to_rfc3339(alarms_[difference].since()) + ")";
                break;
            case Alarm::Change::over:
                what = "over: " + what;
                log_info("self_watch_over", {{"difference", difference_names[i]}});
                break;
        }
        if (!where.empty()) what += "\n" + std::to_string(count) + ": " + where;
        co_await tell_people(services, difference_names[i], std::move(what), now);
    }
}

/// Not through the outbox, which may be what is stuck. A notifier that does not get it now is told again within the hour.
net::awaitable<void> SelfWatch::tell_people(ServicesPtr services, std::string_view difference, std::string what, Timestamp now) {
    auto const& settings = services->snapshot->settings;
    for (auto const& configured : settings.notifiers) {
        auto const found = services->notifiers.find(configured.id);
        if (found == services->notifiers.end()) continue;
        Notice notice = alarm_notice(difference, what, settings.shop.time_zone, settings.public_url, now);
        SendAttempt attempt;
        attempt.number = 1;
        attempt.first_tried = now;
        SendResult const sent = co_await found->second->notify(std::move(notice), attempt);
        if (sent.kind == SendResult::Kind::delivered)
            log_info("people_told", {{"notifier", configured.id}, {"about", "self_watch"}});
        else
            log_warn("people_not_told", {{"notifier", configured.id}, {"about", "self_watch"}, {"why", sent.detail}});
    }
}

}  // namespace kefu
