// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/bridge/bridge.hpp"

#include "daemon/connect/bridge/blobs.hpp"
#include "daemon/connect/bridge/desk.hpp"
#include "daemon/connect/fetch_content.hpp"
#include "daemon/crypto.hpp"
#include "daemon/intake.hpp"
#include "daemon/net/task_group.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace kefu::bridge {

using namespace std::chrono_literals;

namespace {

constexpr std::chrono::hours blob_life{1};
constexpr std::size_t most_blobs = 2000;
constexpr std::size_t most_blobs_of_a_channel = 1000;

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
    explicit BridgeConnector(ChannelSetup setup)
        : Connector(std::move(setup.settings), std::move(setup.policy)),
          http_(setup.http),
          blobs_{setup.media / "blobs", setup.pool, blob_life, most_blobs, most_blobs_of_a_channel},
          hub_(std::make_shared<Hub>(settings(), setup.http, std::move(setup.clock))) {}

    std::shared_ptr<Hub> const& hub() const { return hub_; }

    void attach(Inlet const& inlet) override {
        home_ = inlet.home;
        hub_->tell_conversation = [store = &inlet.store, clock = inlet.clock, id = channel()](std::string to, Event event) {
            Timestamp const now = clock();
            InboundEvent inbound{ConversationId{id.value + '/' + to}, to, {}, std::move(event), now, {}};
            return tell_store(store, arrival_of(id, std::move(inbound), now));
        };
        hub_->report = [hub = hub_.get(), tasks = inlet.tasks](std::string to, Event event) {
            if (tasks != nullptr) tasks->spawn("bridge report", hub->tell_conversation(std::move(to), std::move(event)));
        };
    }

    bool add_routes(Router& router, std::string const& path, Inlet const& inlet) override {
        Desk const desk{[services = inlet.services, path] { return hubs_on(*services(), path); }, inlet};
        add_websocket(router, path, desk);
        add_webhook(router, path, desk);
        add_blobs(router, path, desk, blobs_);
        return true;
    }

    bool succeed(Connector& before) override {
        auto* const bridge = dynamic_cast<BridgeConnector*>(&before);
        if (bridge == nullptr) return false;
        hub_ = bridge->hub_;
        hub_->change(settings());
        return true;
    }

    void retire() override { hub_->retire(); }

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

    net::awaitable<Result<Content>> content(Attachment attachment) override {
        if (attachment.url.starts_with("data:")) co_return from_data_url(attachment.url);
        if (attachment.url.starts_with("kefud-blob:")) {
            auto uploaded = co_await read_blob(blobs_, channel(), std::move(attachment.url));
            co_return uploaded;
        }
        if (!attachment.url.starts_with("http")) attachment.url.clear();  // of no use to us
        ClientRequest request = content_request(std::move(attachment.url), settings().bridge.allow_private_addresses);
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

    HttpClient& http_;
    WaitingFiles blobs_;
    std::shared_ptr<Hub> hub_;
    net::any_io_executor home_;  ///< empty before attach()
};

}  // namespace

std::unique_ptr<Connector> make_connector(ChannelSetup setup) { return std::make_unique<BridgeConnector>(std::move(setup)); }

}  // namespace kefu::bridge
