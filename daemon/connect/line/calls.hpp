// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/connect/connector.hpp"
#include "daemon/connect/line/live.hpp"

#include <boost/json/object.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace kefu::line {

/// "Error responses" of the Messaging API, as what to do about each.
struct Answer {
    enum class Kind { accepted, accepted_before, invalid_token, bad_request, unauthorized, forbidden, rate_limited, quota_used, ambiguous, not_sent };
    Kind kind = Kind::accepted;
    std::string detail;
    std::vector<std::string> ids;
};

/// What we ask LINE, with the account's token. Shared: a call may outlive the connector that made it. Lives on the io thread.
class Calls {
  public:
    /// `http` outlives it.
    Calls(ChannelSettings settings, HttpClient& http, Clock clock, std::shared_ptr<Live> live)
        : settings_(std::move(settings)), http_(http), clock_(std::move(clock)), live_(std::move(live)) {}

    Live& live() const { return *live_; }

    /// A message. `retry_key`: for pushes.
    net::awaitable<Answer> post(std::string path, boost::json::object body, std::string retry_key);

    /// Any call; when LINE refuses an issued token, once more with a new one.
    net::awaitable<Result<Response>> fetch(ClientRequest request);

    ClientRequest get(std::string path) const { return request("GET", settings_.line.api_base + std::move(path)); }
    ClientRequest content(std::string const& message) const { return request("GET", settings_.line.data_base + "/v2/bot/message/" + message + "/content"); }

    /// What the account is: whether we have to mark messages as read, and whether it is the one in the settings. unauthorized, unavailable.
    net::awaitable<Result<void>> introduce();

    /// How many paid messages there are and how many are used: each hour, each minute until LINE answers.
    net::awaitable<void> ask_quota();

    /// How large a few of the groups are that we push to.
    net::awaitable<void> ask_group_sizes();

    // For the customer's eyes; a failure holds up nothing. -------------------------------------------------------------------------------

    /// "Display a loading indicator": for 20 seconds, or until a message comes.
    net::awaitable<void> show_loading(std::string customer);
    net::awaitable<void> mark_as_read(std::string token);

  private:
    ClientRequest request(std::string method, std::string url) const;
    /// unauthorized; not_found: LINE has no such thing for this account; unavailable: later.
    net::awaitable<Result<boost::json::object>> ask(std::string path);
    net::awaitable<void> tell(std::string path, boost::json::object body);

    ChannelSettings settings_;
    HttpClient& http_;
    Clock clock_;
    std::shared_ptr<Live> live_;
};

/// Some of them as tasks: whoever runs one keeps the calls alive.
net::awaitable<void> show_loading(std::shared_ptr<Calls> calls, std::string customer);
net::awaitable<void> mark_as_read(std::shared_ptr<Calls> calls, std::string token);

}  // namespace kefu::line
