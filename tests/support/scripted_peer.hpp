// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/http/listener.hpp"

#include <boost/asio/redirect_error.hpp>

#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace kefu {

/// Answers in the order requests come and keeps what it was sent. Status 0: no answer at all.
class ScriptedPeer {
  public:
    explicit ScriptedPeer(net::any_io_executor const& executor) : never_(executor, net::steady_timer::time_point::max()) {
        ListenSettings settings;
        settings.port = 0;
        settings.activation = false;
        listener_ = Listener::open(executor, settings, [this](Request request) { return answer(std::move(request)); }).value();
    }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(listener_->port()); }
    net::awaitable<void> stop() {
        never_.cancel();
        co_await listener_->stop(std::chrono::seconds{1});
    }

    std::deque<Response> answers;
    std::vector<Request> seen;

  private:
    net::awaitable<Response> answer(Request request) {
        seen.push_back(std::move(request));
        Response response = answers.empty() ? text_response("one request too many", 418) : std::move(answers.front());
        if (!answers.empty()) answers.pop_front();
        if (response.status == 0) {
            error_code ignored;
            co_await never_.async_wait(net::redirect_error(net::use_awaitable, ignored));
            response.status = 500;
        }
        co_return response;
    }

    net::steady_timer never_;
    std::unique_ptr<Listener> listener_;
};

}  // namespace kefu
