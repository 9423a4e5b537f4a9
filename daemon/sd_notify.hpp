// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

/// Tells systemd how the daemon is (Type=notify-reload). Each does nothing when systemd did not start us.
namespace kefu {

void notify_ready(std::string const& status);
void notify_reloading();  ///< followed by notify_ready
void notify_stopping();
void notify_status(std::string const& status);
void notify_watchdog();

/// How often systemd wants to hear from the watchdog; zero when it does not. Twice as often is customary.
std::chrono::milliseconds watchdog_interval();

}  // namespace kefu
