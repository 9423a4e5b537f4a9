// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/connect/onebot/link.hpp"

#include <memory>
#include <vector>

namespace kefu::onebot {

/// Messages of one connection that wait to be taken: each may be as large as `max_frame`.
inline constexpr std::size_t most_unread = 64;

/// Serves one WebSocket, whoever opened it, until it ends. Runs on the io thread.
net::awaitable<void> serve(std::shared_ptr<Link> link, Inlet inlet, Role role, std::shared_ptr<WebSocket> socket);

/// Looks after the channel for as long as it is there: keeps the connections that we open, watches heartbeats, asks how the account is. Once a link.
net::awaitable<void> attend(std::shared_ptr<Link> link, Inlet inlet);

/// What came cannot be read: counted, and noted for the health of the channel.
void note_unreadable(Inlet const& inlet, Link const& link, Error const& error);

/// Takes what came to the store; resumes when it is on disk. unavailable: it is not.
net::awaitable<Result<void>> store(Inlet inlet, ChannelId channel, std::vector<Arrival> arrivals);

}  // namespace kefu::onebot
