// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "config/settings.hpp"
#include "daemon/http/message.hpp"
#include "daemon/net/task_group.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace kefu {

/// Serves HTTP/1.1 on one address, or on every socket systemd passed: keep-alive, limits on header, body, idle time, slow clients and the number of
/// connections, TLS when a certificate is configured. One thread.
class Listener {
  public:
    /// Binds (or takes the sockets systemd passed, TCP and Unix) and starts accepting. environment: address in use, bad certificate, ...
    static Result<std::unique_ptr<Listener>> open(net::any_io_executor const& executor, ListenSettings const& settings, Handler handler);
    ~Listener();

    std::uint16_t port() const;   ///< of the first socket; 0 for a Unix one
    std::string address() const;  ///< of the first socket: an IP address or a path
    std::size_t connections() const;

    /// Reads certificate and key again; connections that are open keep theirs. On an error the old ones stay.
    Result<void> reload_tls(ListenSettings const& settings);

    /// No more connections are taken; idle ones close, busy ones finish their answer, new ones have a second for their first request. Resumes when all are
    /// gone or after `limit`, when the rest is cut. Whoever comes meanwhile waits in systemd's socket for the next daemon.
    net::awaitable<void> stop(std::chrono::milliseconds limit);

  private:
    struct State;
    explicit Listener(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace kefu
