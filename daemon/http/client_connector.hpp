// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "daemon/http/client_connection.hpp"
#include "daemon/http/name_lookup.hpp"
#include "daemon/http/target.hpp"

#include <chrono>
#include <memory>

/// Opening connections to servers: look-up, TCP, TLS. Private to daemon/http/.
namespace kefu {

class ClientConnector {
  public:
    explicit ClientConnector(net::any_io_executor const& executor) : executor_(executor), names_(executor) {}

    /// Whose tunnel to use: its address, and what it wants to hear.
    struct Tunnel {
        Url proxy;
        std::string authorization;
        bool for_plain = false;  ///< not only for TLS: without it a plain request is the proxy's own to make
    };

    /// The addresses of the host are tried in turn until `when`; TLS checks the host's name against the system's CAs. Never throws when cancelled, as long as
    /// the caller has switched throw_if_cancelled off. unavailable: no connection; bad_config: not a public address where only those are allowed; cancelled.
    net::awaitable<Result<std::unique_ptr<ClientConnection>>> open(Url url, std::chrono::steady_clock::time_point when, bool public_addresses_only,
                                                                   Tunnel const* through = nullptr);

    /// Waits for the look-ups that run; nothing may be opened afterwards.
    void shut_down() { names_.shut_down(); }

  private:
    net::awaitable<Result<std::unique_ptr<ClientConnection>>> secure(net::ip::tcp::socket socket, Url url, std::chrono::steady_clock::time_point when);

    net::any_io_executor executor_;
    NameLookup names_;
    std::shared_ptr<net::ssl::context> tls_;  ///< made when first needed: reading the system's CAs takes some 20 ms
};

/// Whether the calling coroutine was asked to stop, and what it answers when nothing has been sent yet.
net::awaitable<bool> was_cancelled();
Error cancelled_unsent();

}  // namespace kefu
