// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/client_pool.hpp"

#include <boost/asio/redirect_error.hpp>

#include <algorithm>
#include <utility>

namespace kefu {

using std::chrono::steady_clock;

ClientPool::ClientPool(net::any_io_executor const& executor) : expiry_(executor) {}

ClientPool::Lease::~Lease() {
    if (pool_) pool_->give_back(host_);
}

std::unique_ptr<ClientConnection> ClientPool::Lease::take_idle() {
    auto& idle = pool_->hosts_[host_].idle;
    while (!idle.empty()) {
        auto connection = std::move(idle.back().connection);
        idle.pop_back();
        if (connection->still_quiet()) return connection;
    }
    return nullptr;
}

void ClientPool::Lease::keep(std::unique_ptr<ClientConnection> connection) {
    if (pool_->down_) return;
    pool_->hosts_[host_].idle.push_back({std::move(connection), steady_clock::now() + idle_limit});
    pool_->expect_expiry();
}

net::awaitable<Result<ClientPool::Lease>> ClientPool::lease(std::string name, steady_clock::time_point when) {
    auto const self = shared_from_this();
    auto& host = hosts_[name];
    if (host.leased < most_per_host) {
        ++host.leased;
        co_return Lease{self, std::move(name)};
    }
    if (host.waiting.size() >= most_waiting) co_return Error{Errc::unavailable, "too many requests wait for a connection"};

    Waiting turn{net::steady_timer{expiry_.get_executor(), when}, host.waiting};
    host.waiting.push_back(&turn);
    error_code woken;
    co_await turn.wake.async_wait(net::redirect_error(net::use_awaitable, woken));
    if (turn.granted) co_return Lease{self, std::move(name)};  // a cancelled caller gives it back at once
    if (woken) co_return Error{Errc::cancelled, "cancelled before the request was sent"};
    co_return Error{Errc::unavailable, "no connection became free in time"};
}

ClientPool::Waiting::~Waiting() {
    if (!granted) std::erase(line, this);
}

void ClientPool::give_back(std::string const& name) {
    auto const host = hosts_.find(name);
    if (!host->second.waiting.empty()) {
        auto* next = host->second.waiting.front();
        host->second.waiting.pop_front();
        next->granted = true;
        next->wake.cancel();
        return;
    }
    --host->second.leased;
    forget_if_unused(host);
}

void ClientPool::forget_if_unused(std::map<std::string, Host>::iterator host) {
    if (host->second.leased == 0 && host->second.idle.empty() && host->second.waiting.empty()) hosts_.erase(host);
}

void ClientPool::expect_expiry() {
    if (std::exchange(expecting_, true)) return;
    expiry_.expires_after(idle_limit);
    expiry_.async_wait([weak = weak_from_this()](error_code const& error) {
        auto const self = weak.lock();
        if (!self) return;
        self->expecting_ = false;
        if (!error) self->drop_expired();
    });
}

void ClientPool::drop_expired() {
    auto const now = steady_clock::now();
    bool some_left = false;
    for (auto host = hosts_.begin(); host != hosts_.end();) {
        auto const current = host++;
        std::erase_if(current->second.idle, [now](Idle const& idle) { return idle.until <= now; });
        some_left = some_left || !current->second.idle.empty();
        forget_if_unused(current);
    }
    if (some_left) expect_expiry();
}

void ClientPool::close_idle() {
    for (auto host = hosts_.begin(); host != hosts_.end();) {
        auto const current = host++;
        current->second.idle.clear();
        forget_if_unused(current);
    }
    expiry_.cancel();
}

void ClientPool::shut_down() {
    down_ = true;
    close_idle();
}

}  // namespace kefu
