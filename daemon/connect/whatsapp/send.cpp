// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/fetch_content.hpp"
#include "daemon/connect/meta/meta.hpp"
#include "daemon/connect/send_parts.hpp"
#include "daemon/connect/text_split.hpp"
#include "daemon/connect/whatsapp/whatsapp.hpp"

#include <utility>

namespace kefu::whatsapp {

namespace json = boost::json;
using namespace std::chrono_literals;
using payload::array_of;
using payload::text_of;

namespace {

constexpr std::size_t text_units = 4096;         // "Text messages": body
constexpr std::size_t button_text_units = 1024;  // "Interactive reply buttons": body text
constexpr std::size_t buttons_most = 3;
constexpr std::size_t label_graphemes = 20;
constexpr std::size_t button_id_bytes = 256;

class WhatsAppConnector final : public Connector {
  public:
    explicit WhatsAppConnector(ChannelSetup setup)
        : Connector(std::move(setup.settings), std::move(setup.policy)),
          http_(setup.http),
          clock_(std::move(setup.clock)),
          account_{channel(), settings().whatsapp.phone_number_id},
          graph_{settings().whatsapp.api_base, settings().whatsapp.access_token, settings().send} {}

    bool add_routes(Router& router, std::string const& path, Inlet const& inlet) override { return meta::add_handshake(router, path, inlet.services); }

    Result<Parsed> parse(Request const& request, Timestamp now) const override {
        if (auto const signed_by_meta = meta::verify(request, settings().whatsapp.app_secrets); !signed_by_meta) return signed_by_meta.error();
        auto parsed = whatsapp::parse(account_, request.body, now);
        if (parsed) meta::keep_signed_body(*parsed, request);
        return parsed;
    }

    net::awaitable<SendResult> send(std::string to, Send send, SendAttempt attempt) override {
        auto const silent_for = send.customer_wrote_at == Timestamp{} ? 0ms : clock_() - send.customer_wrote_at;
        if (silent_for > meta::window) {
            SendResult closed;
            closed.kind = attempt.maybe_sent ? SendResult::Kind::unknown : SendResult::Kind::refused;
            closed.detail = "the customer's last message is more than 24 hours ago: WhatsApp lets only approved templates through";
            co_return closed;
        }
        std::vector<json::object> const bodies = to_wire(send.messages, to, send.id);
        auto send_part = [this, &bodies](std::size_t i) { return post(bodies[i]); };
        SendResult result = co_await send_parts(bodies.size(), std::move(send_part), attempt, settings().send);
        co_return result;
    }

    net::awaitable<Result<Content>> content(Attachment attachment) override {
        if (attachment.platform_id.empty()) co_return Error{Errc::not_found, "WhatsApp has no file for it"};
        ClientRequest ask = graph_.get(attachment.platform_id);
        auto const where = co_await http_.fetch(std::move(ask));
        auto const answer = meta::read_answer("WhatsApp", where);
        std::string url = text_of(answer.body, "url");
        if (url.empty()) {
            bool const never = answer.result.kind == SendResult::Kind::refused || answer.result.kind == SendResult::Kind::delivered;
            co_return Error{never ? Errc::not_found : Errc::unavailable, answer.result.detail};
        }
        ClientRequest request = graph_.get("");
        request.url = std::move(url);  // lives for 5 minutes and wants the token too
        request.timeout = 60s;
        request.max_body = 64u << 20;
        auto content = co_await fetch_content(http_, std::move(request));
        co_return content;
    }

  private:
    net::awaitable<SendResult> post(json::object body) {
        ClientRequest request = graph_.post(settings().whatsapp.phone_number_id + "/messages", body);
        auto const response = co_await http_.fetch(std::move(request));
        auto answer = meta::read_answer("WhatsApp", response);
        auto const* messages = array_of(answer.body, "messages");
        if (messages != nullptr && !messages->empty() && messages->front().is_object())
            answer.result.platform_ids.push_back(text_of(messages->front().get_object(), "id"));
        co_return answer.result;
    }

    HttpClient& http_;
    Clock clock_;
    Account account_;
    meta::Graph graph_;
};

/// A text with buttons instead of a plain one, where it fits.
void add_buttons(json::object& body, std::vector<QuickReply> const& replies) {
    auto const* text = payload::object_of(body, "text");
    if (text == nullptr || replies.empty() || replies.size() > buttons_most) return;
    std::string words = text_of(*text, "body");
    if (utf16_length(words) > button_text_units) return;
    json::array buttons;
    for (auto const& reply : replies) {
        std::string id = button_data(reply);
        if (id.size() > button_id_bytes) return;
        json::object button{{"id", std::move(id)}, {"title", first_graphemes(reply.label, label_graphemes)}};
        buttons.push_back(json::object{{"type", "reply"}, {"reply", std::move(button)}});
    }
    body.erase("text");
    body["type"] = "interactive";
    body["interactive"] =
        json::object{{"type", "button"}, {"body", json::object{{"text", std::move(words)}}}, {"action", json::object{{"buttons", std::move(buttons)}}}};
}

}  // namespace

std::vector<json::object> to_wire(std::vector<OutboundMessage> const& messages, std::string_view to, EffectId const& id) {
    // "Business-scoped user ids": a country, a dot, the id. They go into a member of their own.
    bool const user_id = to.find('.') != std::string_view::npos;
    json::object const start{{"messaging_product", "whatsapp"}, {"recipient_type", "individual"}, {user_id ? "recipient" : "to", to}};
    std::vector<json::object> wire;
    std::vector<QuickReply> const* buttons = nullptr;
    for (auto const& message : messages) {
        if (message.image) {
            json::object& body = wire.emplace_back(start);
            body["type"] = "image";
            body["image"] = json::object{{"link", message.image->url}};
        } else {
            for (auto& piece : split_text(message.text, text_units)) {
                json::object& body = wire.emplace_back(start);
                body["type"] = "text";
                body["text"] = json::object{{"body", std::move(piece)}, {"preview_url", false}};
            }
        }
        if (!message.quick_replies.empty()) buttons = &message.quick_replies;
    }
    if (!wire.empty()) wire.back()["biz_opaque_callback_data"] = id.value;  // the last is only sent when the others are out
    if (buttons != nullptr && !wire.empty()) add_buttons(wire.back(), *buttons);
    return wire;
}

std::unique_ptr<Connector> make_connector(ChannelSetup setup) { return std::make_unique<WhatsAppConnector>(std::move(setup)); }

}  // namespace kefu::whatsapp
