// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/onebot/calls.hpp"

#include <boost/asio/redirect_error.hpp>

#include <algorithm>
#include <utility>

namespace kefu::onebot {

Calls::Call::Call(Calls& calls, net::any_io_executor const& executor, void const* line)
    : calls_(calls), line_(line), echo_("k" + std::to_string(++calls.counted_)), news_(executor), place_(calls.waiting_.insert(calls.waiting_.end(), this)) {}

Calls::Call::~Call() { calls_.waiting_.erase(place_); }

net::awaitable<Result<Reply>> Calls::Call::answer(std::chrono::milliseconds limit) {
    auto const until = std::chrono::steady_clock::now() + limit;
    while (!reply_ && !lost_ && std::chrono::steady_clock::now() < until) {
        news_.expires_at(until);
        error_code woken;
        co_await news_.async_wait(net::redirect_error(net::use_awaitable, woken));
    }
    if (reply_) co_return std::move(*reply_);
    if (lost_) co_return Error{Errc::timed_out, "the connection was lost before the implementation answered"};
    co_return Error{Errc::timed_out, "the implementation did not answer in " + std::to_string(limit.count()) + " ms"};
}

bool Calls::take(Reply reply) {
    auto const found = std::find_if(waiting_.begin(), waiting_.end(), [&](Call const* call) { return call->echo_ == reply.echo; });
    if (found == waiting_.end() || (*found)->reply_) return false;
    (*found)->reply_ = std::move(reply);
    (*found)->news_.cancel();
    return true;
}

void Calls::lose(void const* line) {
    for (auto* call : waiting_) {
        if (call->line_ != line) continue;
        call->lost_ = true;
        call->news_.cancel();
    }
}

bool Calls::seen(std::string const& to, std::string const& text) {
    for (auto* call : waiting_)
        if (!call->seen_out && !call->text.empty() && call->to == to && call->text == text) return call->seen_out = true;
    return false;
}

}  // namespace kefu::onebot
