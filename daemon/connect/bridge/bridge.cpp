// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/bridge/bridge.hpp"

#include "daemon/connect/bridge/blobs.hpp"
#include "daemon/connect/bridge/desk.hpp"
#include "daemon/connect/fetch_content.hpp"
#include "daemon/crypto.hpp"
#include "daemon/net/task_group.hpp"
#include "daemon/services.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace kefu::bridge {

using namespace std::chrono_literals;

namespace {

/// "data:image/png;base64,...": the bytes and their type (RFC 2397).
Result<Connector::Content> from_data_url(std::string_view url) {
    constexpr std::string_view marker = ";base64,";
    auto const comma = url.find(marker);
    if (comma == std::string_view::npos) return Error{Errc::not_found, "the data: address is not Base64"};
    auto bytes = from_base64(url.substr(comma + marker.size()));
    if (!bytes) return Error{Errc::not_found, "the data: address is not Base64"};
    return Connector::Content{std::move(*bytes), std::string{url.substr(5, comma - 5)}};
}

net::awaitable<void> tell_store(Store* store, Arrival arrival) {
    std::vector<Arrival> batch;
    batch.push_back(std::move(arrival));
    co_await store->apply(std::move(batch));
}

class BridgeConnector final : public Connector {
  public:
    BridgeConnector(ChannelSettings const& settings, ChannelPolicy policy, HttpClient& http, Clock clock, WaitingFiles blobs)
        : policy_(std::move(policy)),
          http_(http),
          channel_(settings.id),
          settings_(settings),
          blobs_(std::move(blobs)),
          hub_(std::make_shared<Hub>(settings, http, std::move(clock))) {}

    ChannelId const& channel() const override { return channel_; }
    ChannelPolicy const& policy() const override { return policy_; }
    std::shared_ptr<Hub> const& hub() const { return hub_; }

    Result<Parsed> parse(Request const&, Timestamp) const override { return Error{Errc::unauthorized, "bridges have paths of their own"}; }

    bool add_routes(Router& router, std::string const& path, Inlet const& inlet) override {
        Desk desk{[services = inlet.services, path] { return hubs_on(*services(), path); }, inlet};
        for (auto const& hub : desk.hubs()) {
            hub->tell_conversation = [store = &inlet.store, clock = inlet.clock, channel = hub->settings()->id](std::string to, Event event) {
                Arrival arrival;
                arrival.channel = channel;
                arrival.conversation = ConversationId{channel.value + '/' + to};
                arrival.sender = std::move(to);
                arrival.event = std::move(event);
                arrival.occurred_at = arrival.received_at = clock();
                return tell_store(store, std::move(arrival));
            };
            hub->report = [hub = hub.get(), tasks = inlet.tasks](std::string to, Event event) {
                if (tasks != nullptr) tasks->spawn("bridge report", hub->tell_conversation(std::move(to), std::move(event)));
            };
        }
        home_ = inlet.home;
        add_websocket(router, path, desk);
        add_webhook(router, path, desk);
        add_blobs(router, path, desk, blobs_);
        return true;
    }

    void succeed(Connector& before) override {
        auto* const bridge = dynamic_cast<BridgeConnector*>(&before);
        if (bridge == nullptr) return;
        hub_ = bridge->hub_;
        hub_->change(settings_);
    }

    void withdraw(std::string const& to) override {
        if (home_) net::post(home_, [hub = hub_, to] { hub->cancel(to); });
    }

    void show_typing(std::string const& to) override {
        if (home_) net::post(home_, [hub = hub_, to] { hub->show_typing(to); });
    }
    Timestamp typed_at(std::string const& sender) const override { return hub_->typed_at(sender); }

    AccountState state() const override { return hub_->state(); }

    net::awaitable<SendResult> send(std::string to, Send send, SendAttempt attempt) override {
        auto const hub = hub_;
        SendResult result = co_await hub->send(std::move(to), std::move(send), attempt);
        co_return result;
    }

    net::awaitable<Result<ProfileLearned>> profile(std::string) override { co_return Error{Errc::not_found, "bridges tell names with messages"}; }

    net::awaitable<Result<Content>> content(Attachment attachment) override {
        if (attachment.url.starts_with("data:")) co_return from_data_url(attachment.url);
        if (attachment.url.starts_with("kefud-blob:")) {
            auto uploaded = co_await read_blob(blobs_, channel_, std::move(attachment.url));
            co_return uploaded;
        }
        if (!attachment.url.starts_with("http")) attachment.url.clear();  // of no use to us
        ClientRequest request = content_request(std::move(attachment.url), settings_.bridge.allow_private_addresses);
        request.timeout = 20s;
        request.max_body = std::size_t{10} << 20;
        auto content = co_await fetch_content(http_, std::move(request));
        co_return content;
    }

  private:
    static std::vector<std::shared_ptr<Hub>> hubs_on(Services const& services, std::string const& path) {
        std::vector<std::shared_ptr<Hub>> hubs;
        auto const connectors = services.by_path.find(path);
        if (connectors == services.by_path.end()) return hubs;
        for (auto* const connector : connectors->second)
            if (auto const* const bridge = dynamic_cast<BridgeConnector const*>(connector)) hubs.push_back(bridge->hub());
        return hubs;
    }

    ChannelPolicy policy_;
    HttpClient& http_;
    ChannelId channel_;
    ChannelSettings settings_;
    WaitingFiles blobs_;
    std::shared_ptr<Hub> hub_;
    net::any_io_executor home_;  ///< empty before there are routes
};

}  // namespace

std::unique_ptr<Connector> make_connector(ChannelSettings const& settings, ChannelPolicy policy, HttpClient& http, Clock clock, WaitingFiles blobs) {
    return std::make_unique<BridgeConnector>(settings, std::move(policy), http, std::move(clock), std::move(blobs));
}

}  // namespace kefu::bridge
