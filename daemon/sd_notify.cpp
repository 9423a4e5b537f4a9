// SPDX-License-Identifier: Apache-2.0
#include "daemon/sd_notify.hpp"

#include <systemd/sd-daemon.h>

#include <algorithm>
#include <cstdint>
#include <ctime>

namespace kefu {

namespace {

/// A status is one line; another would be read as an assignment.
std::string status_line(std::string status) {
    std::replace(status.begin(), status.end(), '\n', ' ');
    return "STATUS=" + status;
}

}  // namespace

void notify_ready(std::string const& status) { sd_notify(0, ("READY=1\n" + status_line(status)).c_str()); }

void notify_reloading() {
    // systemd compares this with its own clock to tell this reload from an earlier one (systemd 253, Type=notify-reload).
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    auto const microseconds = static_cast<std::int64_t>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000;
    sd_notify(0, ("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(microseconds)).c_str());
}

void notify_stopping() { sd_notify(0, "STOPPING=1"); }
void notify_status(std::string const& status) { sd_notify(0, status_line(status).c_str()); }
void notify_watchdog() { sd_notify(0, "WATCHDOG=1"); }

std::chrono::milliseconds watchdog_interval() {
    std::uint64_t microseconds = 0;
    if (sd_watchdog_enabled(0, &microseconds) <= 0) return std::chrono::milliseconds{0};
    return std::chrono::milliseconds{std::max<std::int64_t>(1, static_cast<std::int64_t>(microseconds / 1000))};
}

}  // namespace kefu
