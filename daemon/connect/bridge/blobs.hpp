// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/connect/bridge/bridge.hpp"
#include "daemon/connect/bridge/desk.hpp"
#include "daemon/connect/waiting_files.hpp"

#include <string>

namespace kefu::bridge {

/// Adds BASE/blobs (protocol B11): raw bytes in, {"url":"kefud-blob:<sha256>","expires_at":...} out. A bridge sees its own channel's only. A file stays for as
/// long as that says, whether a message has named it or not: the next one may name it again.
void add_blobs(Router& router, std::string const& base, Desk desk, WaitingFiles blobs);

/// The bytes behind kefud-blob:<sha256>; not_found: nobody uploaded it to this channel in the last hour.
net::awaitable<Result<Connector::Content>> read_blob(WaitingFiles blobs, ChannelId channel, std::string url);

}  // namespace kefu::bridge
