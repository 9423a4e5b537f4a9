// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/web_chat/web_chat.hpp"

#include "daemon/media.hpp"
#include "daemon/services.hpp"

#include <algorithm>
#include <utility>

namespace kefu::web_chat {

namespace {

class WebChatConnector final : public Connector {
  public:
    WebChatConnector(ChannelSettings const& settings, ChannelPolicy policy, std::string shop, WaitingFiles uploads, Clock clock)
        : policy_(std::move(policy)),
          settings_(settings),
          shop_(std::move(shop)),
          uploads_(std::move(uploads)),
          clock_(std::move(clock)),
          hub_(std::make_shared<Hub>(settings)) {}

    ~WebChatConnector() override {
        if (!succeeded_) hub_->send_away();
    }
    WebChatConnector(WebChatConnector const&) = delete;
    WebChatConnector& operator=(WebChatConnector const&) = delete;

    ChannelId const& channel() const override { return settings_.id; }
    ChannelPolicy const& policy() const override { return policy_; }
    Desk::Channel as_channel() const { return {hub_, settings_, shop_}; }

    Result<Parsed> parse(Request const&, Timestamp) const override { return Error{Errc::unauthorized, "browsers have paths of their own"}; }

    bool add_routes(Router& router, std::string const& path, Inlet const& inlet) override {
        Desk const desk{[services = inlet.services, path](std::string_view id) { return channel_on(*services(), path, id); }, inlet, uploads_};
        add_websocket(router, path, desk);
        add_uploads(router, path, desk);
        add_page(router, path, desk);
        return true;
    }

    void succeed(Connector& before) override {
        auto* const chat = dynamic_cast<WebChatConnector*>(&before);
        if (chat == nullptr) return;
        hub_ = chat->hub_;
        chat->succeeded_ = true;
        hub_->change(settings_);
    }

    /// The journal has it: whoever is there sees it now, whoever comes back is given it then. A page that sees it twice knows its number.
    net::awaitable<SendResult> send(std::string to, Send send, SendAttempt) override {
        auto const line = line_of(send, clock_());
        SendResult result;
        bool const nothing = std::none_of(line.parts.begin(), line.parts.end(), [](auto const& part) { return part.image || !part.text.empty(); });
        if (nothing) {
            result.kind = SendResult::Kind::refused;
            result.detail = "it holds nothing that this chat can show";
            co_return result;
        }
        hub_->tell(to, write_line(line), line.number);
        result.platform_ids.push_back(std::to_string(line.number));
        co_return result;
    }

    net::awaitable<Result<ProfileLearned>> profile(std::string) override { co_return Error{Errc::not_found, "visitors tell no names"}; }

    void show_typing(std::string const& to) override { hub_->show_typing(to, Speaker::person); }
    void show_waiting(std::string const& to) override { hub_->show_typing(to, Speaker::assistant); }
    Timestamp typed_at(std::string const& sender) const override { return hub_->typed_at(sender); }

    net::awaitable<Result<Content>> content(Attachment attachment) override {
        auto bytes = co_await uploads_.read(std::move(attachment.platform_id));
        if (!bytes) co_return bytes.error();
        std::string type{image_type(*bytes)};
        if (type.empty()) co_return Error{Errc::not_found, "the file is no picture"};
        Content content;
        content.bytes = std::move(*bytes);
        content.content_type = std::move(type);
        co_return content;
    }

    net::awaitable<void> content_kept(Attachment attachment) override { co_await uploads_.remove(std::move(attachment.platform_id)); }

  private:
    static std::optional<Desk::Channel> channel_on(Services const& services, std::string const& path, std::string_view id) {
        auto const connectors = services.by_path.find(path);
        if (connectors == services.by_path.end()) return std::nullopt;
        for (auto* const connector : connectors->second) {
            auto const* const chat = dynamic_cast<WebChatConnector const*>(connector);
            if (chat == nullptr) continue;
            if (id.empty() ? chat->settings_.web_chat.page : chat->settings_.id.value == id) return chat->as_channel();
        }
        return std::nullopt;
    }

    ChannelPolicy policy_;
    ChannelSettings settings_;
    std::string shop_;
    WaitingFiles uploads_;
    Clock clock_;
    std::shared_ptr<Hub> hub_;
    bool succeeded_ = false;
};

}  // namespace

std::unique_ptr<Connector> make_connector(ChannelSettings const& settings, ChannelPolicy policy, std::string shop, WaitingFiles uploads, Clock clock) {
    return std::make_unique<WebChatConnector>(settings, std::move(policy), std::move(shop), std::move(uploads), std::move(clock));
}

}  // namespace kefu::web_chat
