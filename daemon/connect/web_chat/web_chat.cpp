// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/web_chat/web_chat.hpp"

#include "daemon/media.hpp"
#include "daemon/services.hpp"

#include <algorithm>
#include <utility>

namespace kefu::web_chat {

namespace {

constexpr std::chrono::hours upload_life{48};
constexpr std::size_t most_uploads = 2000;
constexpr std::size_t most_uploads_of_a_visitor = 40;

class WebChatConnector final : public Connector {
  public:
    explicit WebChatConnector(ChannelSetup setup)
        : Connector(std::move(setup.settings), std::move(setup.policy)),
          shop_(std::move(setup.shop)),
          uploads_{setup.media / "uploads", setup.pool, upload_life, most_uploads, most_uploads_of_a_visitor},
          clock_(std::move(setup.clock)),
          hub_(std::make_shared<Hub>(settings())) {}

    Desk::Channel as_channel() const { return {hub_, settings(), shop_}; }

    bool add_routes(Router& router, std::string const& path, Inlet const& inlet) override {
        Desk const desk{[services = inlet.services, path](std::string_view id) { return channel_on(*services(), path, id); }, inlet, uploads_};
        add_websocket(router, path, desk);
        add_uploads(router, path, desk);
        add_page(router, path, desk);
        return true;
    }

    bool succeed(Connector& before) override {
        auto* const chat = dynamic_cast<WebChatConnector*>(&before);
        if (chat == nullptr) return false;
        hub_ = chat->hub_;
        hub_->change(settings());
        return true;
    }

    void retire() override { hub_->retire(); }
    AccountState state() const override {
        AccountState state;
        state.rate_limited = hub_->rate_limited();
        return state;
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
            if (id.empty() ? chat->settings().web_chat.page : chat->settings().id.value == id) return chat->as_channel();
        }
        return std::nullopt;
    }

    std::string shop_;
    WaitingFiles uploads_;
    Clock clock_;
    std::shared_ptr<Hub> hub_;
};

}  // namespace

std::unique_ptr<Connector> make_connector(ChannelSetup setup) { return std::make_unique<WebChatConnector>(std::move(setup)); }

}  // namespace kefu::web_chat
