// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/onebot/onebot.hpp"

#include "daemon/connect/fetch_content.hpp"
#include "daemon/connect/onebot/connection.hpp"
#include "daemon/connect/onebot/routes.hpp"
#include "daemon/connect/payload.hpp"
#include "daemon/crypto.hpp"
#include "daemon/net/task_group.hpp"
#include "daemon/services.hpp"

#include <utility>

namespace kefu::onebot {

using namespace std::chrono_literals;

namespace {

constexpr auto file_limit = 60s;
constexpr std::string_view inline_bytes = "base64://";

Result<Connector::Content> from_inline(std::string_view text) {
    auto bytes = from_base64(text);
    if (!bytes) return Error{Errc::not_found, "the file is not Base64"};
    return Connector::Content{std::move(*bytes), {}};
}

class OneBotConnector final : public Connector {
  public:
    explicit OneBotConnector(ChannelSetup setup)
        : Connector(std::move(setup.settings), std::move(setup.policy)),
          http_(setup.http),
          link_(std::make_shared<Link>(settings(), policy(), setup.http, std::move(setup.clock))) {}

    void attach(Inlet const& inlet) override {
        if (inlet.tasks != nullptr && !std::exchange(link_->attended, true)) inlet.tasks->spawn("onebot " + channel().value, attend(link_, inlet));
    }

    bool add_routes(Router& router, std::string const& path, Inlet const& inlet) override {
        auto door = [services = inlet.services, channel = settings().id.value]() -> std::optional<Door> {
            auto const current = services();
            auto const found = current->connectors.find(channel);
            auto const* onebot = found == current->connectors.end() ? nullptr : dynamic_cast<OneBotConnector const*>(found->second.get());
            return onebot == nullptr ? std::nullopt : std::optional{Door{onebot->settings(), onebot->link_}};
        };
        onebot::add_routes(router, path, inlet, std::move(door));
        return true;
    }

    bool succeed(Connector& before) override {
        auto* const onebot = dynamic_cast<OneBotConnector*>(&before);
        if (onebot == nullptr) return false;
        link_ = onebot->link_;
        link_->change(settings(), policy());
        return true;
    }

    void retire() override { link_->retire(); }

    net::awaitable<Result<void>> prepare() override {
        if (settings().onebot.api.empty() || !settings().onebot.connect.empty()) co_return Result<void>{};
        auto const link = link_;
        Action who{settings().onebot.version == OneBotVersion::v11 ? "get_login_info" : "get_self_info", {}};
        auto const answer = co_await link->ask(std::move(who), settings().send.timeout);
        if (!answer) co_return answer.error();
        auto const* data = answer->data.if_object();
        auto const account = data == nullptr ? std::string{} : payload::id_of(*data, "user_id");
        if (account == settings().onebot.account) co_return Result<void>{};
        co_return Error{Errc::bad_payload, account.empty() ? "it does not say which account it has: " + answer->words : "it has another account: " + account};
    }

    AccountState state() const override { return link_->state(); }

    net::awaitable<SendResult> send(std::string to, Send send, SendAttempt attempt) override {
        auto const link = link_;
        SendResult result = co_await link->send(std::move(to), std::move(send), attempt);
        co_return result;
    }

    net::awaitable<Result<Content>> content(Attachment attachment) override {
        if (attachment.url.empty() && settings().onebot.version == OneBotVersion::v12 && !attachment.platform_id.empty()) {
            auto const link = link_;
            Action get{"get_file", {{"file_id", attachment.platform_id}, {"type", "url"}}};
            auto const reply = co_await link->ask(std::move(get), file_limit);
            if (!reply) co_return Error{Errc::unavailable, reply.error().message};
            auto const* data = reply->data.if_object();
            if (!reply->ok() || data == nullptr) co_return Error{Errc::not_found, "get_file: " + std::to_string(reply->code) + ' ' + reply->words};
            attachment.url = payload::text_of(*data, "url");
            if (attachment.url.empty()) attachment.url = std::string{inline_bytes} + payload::text_of(*data, "data");
        }
        if (attachment.url.starts_with(inline_bytes)) co_return from_inline(std::string_view{attachment.url}.substr(inline_bytes.size()));
        if (!attachment.url.starts_with("http")) attachment.url.clear();  // a path on the implementation's machine
        auto content = co_await fetch_content(http_, content_request(std::move(attachment.url), settings().onebot.allow_private_addresses));
        co_return content;
    }

  private:
    HttpClient& http_;
    std::shared_ptr<Link> link_;
};

}  // namespace

std::unique_ptr<Connector> make_connector(ChannelSetup setup) { return std::make_unique<OneBotConnector>(std::move(setup)); }

}  // namespace kefu::onebot
