// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/connect/line/calls.hpp"

#include <boost/json/array.hpp>

#include <memory>
#include <string>

namespace kefu::line {

/// Sends with the free reply token while it is young, else as a paid push under a retry key. One for each call of send(); keeps the account's calls alive.
class Sender {
  public:
    Sender(ChannelId channel, SendSettings limits, Clock clock, std::shared_ptr<Calls> calls)
        : channel_(std::move(channel)), limits_(limits), clock_(std::move(clock)), calls_(std::move(calls)) {}

    net::awaitable<SendResult> send(std::string to, Send send, SendAttempt attempt);

  private:
    struct Replied {
        SendResult result;
        bool used_up = false;  ///< counts as delivered, so that the rest follows under its keys; but nobody has seen that it arrived
    };

    net::awaitable<Replied> reply(std::string to, Send send, boost::json::array messages, SendAttempt attempt);
    net::awaitable<SendResult> push_instead(std::string to, Send send, boost::json::array messages, SendAttempt attempt);
    net::awaitable<SendResult> push(std::string to, std::string name, boost::json::array messages, SendAttempt attempt, PushFor whom);
    SendResult settle(Answer answer, SendAttempt const& attempt);
    std::string what_to_check() const;
    std::int64_t people_in(std::string const& to);

    ChannelId channel_;
    SendSettings limits_;
    Clock clock_;
    std::shared_ptr<Calls> calls_;
};

}  // namespace kefu::line
