// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/settings.hpp"
#include "daemon/clock.hpp"
#include "daemon/connect/connector.hpp"
#include "daemon/http/client.hpp"

#include <memory>

/// Programs that have access to a chat themselves and carry its messages: kefud bridge protocol v1 (docs/bridge.md has it for their authors).
///
/// frames.hpp     frames as values, pure
/// hub.hpp        who is connected, which sends wait
/// connection.cpp one WebSocket: hello, events into the store, acks
/// bridge.cpp     the connector
namespace kefu::bridge {

/// `http` outlives it.
std::unique_ptr<Connector> make_connector(ChannelSettings const& settings, ChannelPolicy policy, HttpClient& http, Clock clock);

}  // namespace kefu::bridge
