// SPDX-License-Identifier: Apache-2.0
#include "daemon/channel_upkeep.hpp"

#include "daemon/log.hpp"
#include "daemon/net/backoff.hpp"
#include "daemon/net/deadline.hpp"

#include <algorithm>
#include <utility>

namespace kefu {

void ChannelUpkeep::begin() {
    ServicesPtr const services = services_();
    for (auto const& [id, connector] : services->connectors) group_.spawn("prepare " + id, prepare(services, connector.get()));
}

net::awaitable<void> ChannelUpkeep::prepare(ServicesPtr services, Connector* connector) {
    for (int tries = 1; services == services_(); ++tries) {
        auto const ready = co_await connector->prepare();
        if (ready) break;
        log_warn("channel_not_prepared", {{"channel", connector->channel().value}, {"why", ready.error().message}});
        services->health->went_wrong(connector->channel(), Trouble::not_ready, ready.error().message, clock_());
        auto const wait = backoff_after(tries, 1.0, {std::chrono::seconds{1}, std::chrono::minutes{1}});
        bool const current = co_await stay_current(services, wait);
        if (!current) co_return;
    }
    while (services == services_()) {
        auto const wait = co_await connector->keep_up();
        if (wait.count() == 0) co_return;
        bool const current = co_await stay_current(services, wait);
        if (!current) co_return;
    }
}

net::awaitable<bool> ChannelUpkeep::stay_current(ServicesPtr services, std::chrono::milliseconds wait) {
    constexpr std::chrono::milliseconds step{1000};
    for (; wait.count() > 0 && services == services_(); wait -= step) {
        bool const slept = co_await sleep_for(std::min(wait, step));
        if (!slept) co_return false;
    }
    co_return services == services_();
}

net::awaitable<void> ChannelUpkeep::watch() {
    for (;;) {
        ServicesPtr const services = services_();
        for (auto const& channel : services->snapshot->settings.channels) report_change(*services, channel);
        bool const slept = co_await sleep_for(std::chrono::seconds{1});
        if (!slept) co_return;
    }
}

void ChannelUpkeep::report_change(Services const& services, ChannelSettings const& channel) {
    Timestamp const now = clock_();
    auto& health = *services.health;
    health.note(channel.id, services.connectors.at(channel.id.value)->state(), now);
    auto const report = assess(channel, health.of(channel.id, now), now);
    auto const before = health.tell(channel.id, report);
    if (!before) return;
    auto const& word = channel_state_names[static_cast<std::size_t>(report.state)];
    std::string why;
    for (auto const& reason : report.reasons) why += (why.empty() ? "" : "; ") + reason.what;
    auto const log = report.state == ChannelReport::State::down ? log_error : report.state == ChannelReport::State::attention ? log_warn : log_info;
    log("channel_health", {{"channel", channel.id.value}, {"state", word}, {"before", channel_state_names[static_cast<std::size_t>(*before)]}, {"why", why}});
}

}  // namespace kefu
