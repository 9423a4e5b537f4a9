// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/fetch_content.hpp"
#include "daemon/connect/messenger/messenger.hpp"
#include "daemon/connect/meta/meta.hpp"
#include "daemon/connect/send_parts.hpp"
#include "daemon/connect/text_split.hpp"

#include <utility>

namespace kefu::messenger {

namespace json = boost::json;
using namespace std::chrono_literals;
using payload::text_of;

namespace {

constexpr std::size_t messenger_units = 2000;   // Send API: "up to 2000 characters"
constexpr std::size_t instagram_units = 333;    // Instagram: 1,000 bytes of UTF-8, at most three for each unit
constexpr std::size_t quick_replies_most = 13;  // "Quick replies"
constexpr std::size_t label_graphemes = 20;
constexpr std::chrono::hours human_agent{7 * 24};  // "Message tags", HUMAN_AGENT

class MessengerConnector final : public Connector {
  public:
    explicit MessengerConnector(ChannelSetup setup)
        : Connector(std::move(setup.settings), std::move(setup.policy)),
          http_(setup.http),
          clock_(std::move(setup.clock)),
          account_{channel(), settings().messenger.page_id, settings().messenger.app_id},
          graph_{settings().messenger.api_base, settings().messenger.access_token, settings().send} {}

    bool add_routes(Router& router, std::string const& path, Inlet const& inlet) override { return meta::add_handshake(router, path, inlet.services); }

    Result<Parsed> parse(Request const& request, Timestamp now) const override {
        if (auto const signed_by_meta = meta::verify(request, settings().messenger.app_secrets); !signed_by_meta) return signed_by_meta.error();
        auto parsed = messenger::parse(account_, request.body, now);
        if (parsed) meta::keep_signed_body(*parsed, request);
        return parsed;
    }

    net::awaitable<SendResult> send(std::string to, Send send, SendAttempt attempt) override {
        auto const silent_for = send.customer_wrote_at == Timestamp{} ? 0ms : clock_() - send.customer_wrote_at;
        bool const by_person = send.purpose == SendPurpose::agent;
        if (silent_for > (by_person ? human_agent : meta::window)) {
            SendResult closed;
            closed.kind = attempt.maybe_sent ? SendResult::Kind::unknown : SendResult::Kind::refused;
            closed.detail = by_person ? "the customer's last message is more than 7 days ago: Meta lets nobody write until they write again"
                                      : "the customer's last message is more than 24 hours ago: Meta lets only people answer now";
            co_return closed;
        }
        std::vector<json::object> const messages = to_wire(send.messages, settings().messenger.instagram ? instagram_units : messenger_units, send.id);
        bool const tagged = silent_for > meta::window;
        auto send_part = [this, &to, &messages, tagged](std::size_t i) { return post(to, messages[i], tagged); };
        SendResult result = co_await send_parts(messages.size(), std::move(send_part), attempt, settings().send);
        co_return result;
    }

    net::awaitable<Result<ProfileLearned>> profile(std::string sender) override {
        ClientRequest request = graph_.get(sender + (settings().messenger.instagram ? "?fields=name,username" : "?fields=first_name,last_name"));
        auto const response = co_await http_.fetch(std::move(request));
        auto const answer = meta::read_answer("Meta", response);
        if (answer.result.kind == SendResult::Kind::refused) co_return Error{Errc::not_found, answer.result.detail};
        if (answer.result.kind != SendResult::Kind::delivered) co_return Error{Errc::unavailable, answer.result.detail};
        ProfileLearned learned;
        for (auto const* part : {"name", "first_name", "last_name"})
            if (auto const text = text_of(answer.body, part); !text.empty()) learned.display_name += (learned.display_name.empty() ? "" : " ") + text;
        co_return learned;
    }

    net::awaitable<Result<Content>> content(Attachment attachment) override {
        // The address is signed in itself: no token.
        ClientRequest request = content_request(std::move(attachment.url), settings().messenger.allow_private_addresses);
        auto content = co_await fetch_content(http_, std::move(request));
        co_return content;
    }

  private:
    net::awaitable<SendResult> post(std::string to, json::object message, bool tagged) {
        json::object body{{"recipient", json::object{{"id", to}}}, {"messaging_type", tagged ? "MESSAGE_TAG" : "RESPONSE"}, {"message", std::move(message)}};
        if (tagged) body["tag"] = "HUMAN_AGENT";
        ClientRequest request = graph_.post(settings().messenger.page_id + "/messages", body);
        auto const response = co_await http_.fetch(std::move(request));
        auto answer = meta::read_answer("Messenger", response);
        if (auto id = text_of(answer.body, "message_id"); !id.empty()) answer.result.platform_ids.push_back(std::move(id));
        co_return answer.result;
    }

    HttpClient& http_;
    Clock clock_;
    Account account_;
    meta::Graph graph_;
};

}  // namespace

std::vector<json::object> to_wire(std::vector<OutboundMessage> const& messages, std::size_t units, EffectId const& id) {
    std::vector<json::object> wire;
    json::array buttons;
    for (auto const& message : messages) {
        if (message.image) {
            json::object attachment{{"type", "image"}, {"payload", json::object{{"url", message.image->url}}}};
            wire.push_back({{"attachment", std::move(attachment)}});
        } else {
            for (auto& piece : split_text(message.text, units)) wire.push_back({{"text", std::move(piece)}});
        }
        if (!message.quick_replies.empty()) buttons.clear();
        for (auto const& reply : message.quick_replies)
            if (buttons.size() < quick_replies_most)
                buttons.push_back(
                    json::object{{"content_type", "text"}, {"title", first_graphemes(reply.label, label_graphemes)}, {"payload", button_data(reply)}});
    }
    if (!wire.empty()) wire.back()["metadata"] = id.value;  // the last is only sent when the others are out
    if (!wire.empty() && !buttons.empty()) wire.back()["quick_replies"] = std::move(buttons);
    return wire;
}

std::unique_ptr<Connector> make_connector(ChannelSetup setup) { return std::make_unique<MessengerConnector>(std::move(setup)); }

}  // namespace kefu::messenger
