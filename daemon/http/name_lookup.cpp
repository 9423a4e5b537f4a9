// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/name_lookup.hpp"

#include "daemon/http/client_connector.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>

#include <list>
#include <utility>

namespace kefu {

using net::ip::tcp;
using std::chrono::steady_clock;

namespace {
constexpr std::size_t at_once_most = 4;
}

/// Lives on the home executor.
struct NameLookup::Running {
    std::list<net::steady_timer*> waiting;
    Endpoints found;
    error_code error = net::error::timed_out;
};

NameLookup::NameLookup(net::any_io_executor home) : home_(std::move(home)), running_(std::make_shared<Table>()) {}
NameLookup::~NameLookup() { shut_down(); }

void NameLookup::shut_down() {
    if (!threads_) return;
    threads_->stop();
    threads_->join();
}

std::shared_ptr<NameLookup::Running> NameLookup::start(Url const& url) {
    if (!threads_) threads_ = std::make_unique<net::thread_pool>(at_once_most);
    std::string const key = url.host + ' ' + url.port;
    auto& running = (*running_)[key];
    if (running) return running;
    running = std::make_shared<Running>();
    auto finish = [running, key, table = std::weak_ptr{running_}](error_code error, Endpoints found) {
        running->error = error;
        running->found = std::move(found);
        for (auto* timer : running->waiting) timer->cancel();
        if (auto const all = table.lock()) all->erase(key);
    };
    net::post(*threads_, [home = home_, finish, host = url.host, port = url.port, &threads = *threads_] {
        error_code error;
        tcp::resolver resolver{threads};
        auto const results = resolver.resolve(host, port, tcp::resolver::numeric_service, error);
        Endpoints found;
        for (auto const& result : results) found.push_back(result.endpoint());
        net::post(home, [finish, error, found = std::move(found)]() mutable { finish(error, std::move(found)); });
    });
    return running;
}

net::awaitable<Result<NameLookup::Endpoints>> NameLookup::find(Url const& url, steady_clock::time_point when) {
    error_code no_literal;
    auto const literal = net::ip::make_address(url.host, no_literal);
    if (!no_literal) co_return Endpoints{{literal, static_cast<std::uint16_t>(std::stoul(url.port))}};

    auto const running = start(url);
    net::steady_timer turn{home_, when};
    auto const place = running->waiting.insert(running->waiting.end(), &turn);
    error_code woken;
    co_await turn.async_wait(net::redirect_error(net::use_awaitable, woken));
    running->waiting.erase(place);
    bool const cancelled = co_await was_cancelled();
    if (cancelled) co_return cancelled_unsent();
    if (running->found.empty()) co_return Error{Errc::unavailable, "cannot look up " + url.host + ": " + running->error.message()};
    co_return running->found;
}

}  // namespace kefu
