// SPDX-License-Identifier: Apache-2.0
#include "daemon/cli/commands.hpp"

#include "daemon/clock.hpp"
#include "daemon/http/listener.hpp"
#include "daemon/http/router.hpp"
#include "daemon/log.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <csignal>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <set>

namespace kefu::cli {

namespace json = boost::json;

namespace {

/// What LINE remembers: which reply tokens were used and which retry keys were accepted. Faults can be asked for, so that the daemon's reactions can be seen.
class Platform {
  public:
    explicit Platform(LoopbackOptions options) : options_(std::move(options)) {
        if (!options_.record.empty()) record_.open(options_.record, std::ios::app);
    }

    void add_routes(Router& router) {
        router.add("POST", "/v2/bot/message/reply", [this](Request request) { return reply(std::move(request)); });
        router.add("POST", "/v2/bot/message/push", [this](Request request) { return push(std::move(request)); });
        router.add("GET", "/v2/bot/profile/{user}", [this](Request request) { return profile(std::move(request)); });
        router.add("GET", "/v2/bot/message/{id}/content", [this](Request request) { return content(std::move(request)); });
        router.add("POST", "/webhooks/{channel}", [this](Request request) { return webhook(std::move(request)); });
        router.add("POST", "/notify", [this](Request request) { return notice(std::move(request)); });
        router.add("POST", "/_fault", [this](Request request) { return set_fault(std::move(request)); });
        router.add("GET", "/_sent", [this](Request request) { return sent(std::move(request)); });
    }

  private:
    static Response line_error(int status, char const* message) { return json_response(json::serialize(json::object{{"message", message}}), status); }

    /// {"kind":"refuse","status":500,"times":3} answers so many calls with that status without taking them; "lose" takes them and then answers 500.
    std::optional<Response> fault(bool& lose) {
        if (fault_times_ == 0) return std::nullopt;
        --fault_times_;
        if (fault_kind_ == "lose") {
            lose = true;
            return std::nullopt;
        }
        return line_error(fault_status_, fault_status_ == 429 ? "The API rate limit has been exceeded. Try again later." : "asked to fail");
    }

    net::awaitable<Response> set_fault(Request request) {
        error_code error;
        json::value const document = json::parse(request.body, error);
        auto const* object = error ? nullptr : document.if_object();
        if (object == nullptr) co_return problem(400, "Send {\"kind\":\"refuse\"|\"lose\",\"status\":500,\"times\":1}");
        auto const* kind = object->if_contains("kind");
        auto const* status = object->if_contains("status");
        auto const* times = object->if_contains("times");
        fault_kind_ = kind != nullptr && kind->is_string() ? std::string{kind->get_string()} : "refuse";
        fault_status_ = status != nullptr && status->is_int64() ? static_cast<int>(status->get_int64()) : 500;
        fault_times_ = times != nullptr && times->is_int64() ? static_cast<int>(times->get_int64()) : 1;
        co_return json_response("{}");
    }

    void show(std::string const& how, std::string_view to, json::value const& messages) {
        if (options_.quiet || !messages.is_array()) return;
        for (auto const& message : messages.get_array()) {
            auto const* object = message.if_object();
            auto const* text = object == nullptr ? nullptr : object->if_contains("text");
            std::cout << how << " to " << to << ": " << (text != nullptr && text->is_string() ? std::string{text->get_string()} : json::serialize(message))
                      << std::endl;
        }
    }

    void keep(json::object entry) {
        entry["at"] = to_rfc3339(system_now());
        if (record_.is_open()) record_ << json::serialize(entry) << std::endl;
        sent_.push_back(std::move(entry));
        constexpr std::size_t kept = 10'000;
        if (sent_.size() > kept) sent_.erase(sent_.begin());
    }

    Response accepted(std::size_t messages) {
        json::array ids;
        for (std::size_t i = 0; i < messages; ++i)
            ids.push_back(json::object{{"id", std::to_string(++next_id_)}, {"quoteToken", "q" + std::to_string(next_id_)}});
        return json_response(json::serialize(json::object{{"sentMessages", std::move(ids)}}));
    }

    static json::array const* messages_of(json::value const& document, Response& refusal) {
        auto const* object = document.if_object();
        auto const* messages = object == nullptr ? nullptr : object->if_contains("messages");
        auto const* list = messages == nullptr ? nullptr : messages->if_array();
        if (list != nullptr && !list->empty() && list->size() <= 5) return list;
        refusal = line_error(400, "The request body has 1 error(s)");
        return nullptr;
    }

    net::awaitable<Response> reply(Request request) {
        bool lose = false;
        if (auto refused = fault(lose)) co_return std::move(*refused);
        error_code error;
        json::value const document = json::parse(request.body, error);
        Response refusal;
        auto const* messages = messages_of(document, refusal);
        if (messages == nullptr) co_return refusal;
        auto const* value = document.get_object().if_contains("replyToken");
        std::string const token = value != nullptr && value->is_string() ? std::string{value->get_string()} : std::string{};
        if (request.headers.has("x-line-retry-key")) co_return line_error(400, "X-Line-Retry-Key is not supported");
        if (token.empty() || !used_tokens_.insert(token).second) co_return line_error(400, "Invalid reply token");
        show("reply", token, *messages);
        json::object entry{{"call", "reply"}, {"replyToken", token}, {"messages", *messages}};
        keep(std::move(entry));
        if (lose) co_return line_error(500, "taken, but the answer is lost");
        co_return accepted(messages->size());
    }

    net::awaitable<Response> push(Request request) {
        bool lose = false;
        if (auto refused = fault(lose)) co_return std::move(*refused);
        error_code error;
        json::value const document = json::parse(request.body, error);
        Response refusal;
        auto const* messages = messages_of(document, refusal);
        if (messages == nullptr) co_return refusal;
        std::string const key{request.headers.get("x-line-retry-key")};
        auto const known = accepted_keys_.find(key);
        if (!key.empty() && known != accepted_keys_.end()) {
            json::object body = json::parse(known->second).as_object();
            body["message"] = "The retry key is already accepted";
            Response again = json_response(json::serialize(body), 409);
            again.headers.set("X-Line-Accepted-Request-Id", "loopback");
            co_return again;
        }
        auto const* to = document.get_object().if_contains("to");
        std::string const recipient = to != nullptr && to->is_string() ? std::string{to->get_string()} : std::string{};
        Response response = accepted(messages->size());
        if (!key.empty()) accepted_keys_.emplace(key, response.body);
        show("push", recipient, *messages);
        json::object entry{{"call", "push"}, {"to", recipient}, {"key", key}, {"messages", *messages}};
        keep(std::move(entry));
        if (lose) co_return line_error(500, "taken, but the answer is lost");
        co_return response;
    }

    net::awaitable<Response> profile(Request request) {
        json::object body{{"userId", request.query["user"]}, {"displayName", "Loopback"}, {"language", "zh-TW"}};
        co_return json_response(json::serialize(body));
    }

    net::awaitable<Response> content(Request) {
        // The smallest PNG there is: one transparent pixel.
        static constexpr unsigned char pixel[] = {0x89, 'P',  'N',  'G',  0x0d, 0x0a, 0x1a, 0x0a, 0,    0,    0,   0x0d, 'I',  'H',  'D',  'R',  0,
                                                  0,    0,    1,    0,    0,    0,    1,    8,    6,    0,    0,   0,    0x1f, 0x15, 0xc4, 0x89, 0,
                                                  0,    0,    0x0d, 'I',  'D',  'A',  'T',  0x78, 0x9c, 0x63, 0,   1,    0,    0,    5,    0,    1,
                                                  0x0d, 0x0a, 0x2d, 0xb4, 0,    0,    0,    0,    'I',  'E',  'N', 'D',  0xae, 0x42, 0x60, 0x82};
        Response response;
        response.headers.set("Content-Type", "image/png");
        response.body.assign(reinterpret_cast<char const*>(pixel), sizeof pixel);
        co_return response;
    }

    net::awaitable<Response> webhook(Request request) {
        bool lose = false;
        if (auto refused = fault(lose)) co_return std::move(*refused);
        std::string const id{request.headers.get("webhook-id")};
        error_code error;
        json::value const document = json::parse(request.body, error);
        if (error || !document.is_object()) co_return problem(400, "not JSON");
        if (!accepted_keys_.emplace("webhook " + id, "").second) co_return json_response("{}");
        auto const* data = document.get_object().if_contains("data");
        if (data != nullptr && data->is_object() && data->get_object().contains("messages"))
            show("webhook", request.query["channel"], data->get_object().at("messages"));
        json::object entry{{"call", "webhook"}, {"channel", request.query["channel"]}, {"id", id}, {"body", document}};
        keep(std::move(entry));
        if (lose) co_return problem(500, "taken, but the answer is lost");
        co_return json_response("{}");
    }

    net::awaitable<Response> notice(Request request) {
        error_code error;
        json::value const document = json::parse(request.body, error);
        if (error || !document.is_object()) co_return problem(400, "not JSON");
        if (!options_.quiet) {
            auto const type = document.get_object().contains("type") ? json::serialize(document.get_object().at("type")) : std::string{};
            auto const* data = document.get_object().if_contains("data");
            std::cout << "notice " << type;
            if (data != nullptr && data->is_object()) {
                for (auto const* key : {"conversation", "what", "evidence_words"})
                    if (data->get_object().contains(key)) std::cout << ' ' << key << '=' << json::serialize(data->get_object().at(key));
                auto const* escalation = data->get_object().if_contains("escalation");
                if (escalation != nullptr && escalation->is_object())
                    for (auto const* key : {"reason", "tier", "summary"})
                        if (escalation->get_object().contains(key)) std::cout << ' ' << key << '=' << json::serialize(escalation->get_object().at(key));
            }
            std::cout << std::endl;
        }
        json::object entry{{"call", "notify"}, {"id", request.headers.get("webhook-id")}, {"body", document}};
        keep(std::move(entry));
        co_return json_response("{}");
    }

    net::awaitable<Response> sent(Request) {
        std::string lines;
        for (auto const& entry : sent_) lines += json::serialize(entry) + '\n';
        co_return text_response(std::move(lines));
    }

    LoopbackOptions options_;
    std::ofstream record_;
    std::set<std::string> used_tokens_;
    std::map<std::string, std::string> accepted_keys_;
    std::vector<json::object> sent_;
    std::uint64_t next_id_ = 1000;
    std::string fault_kind_;
    int fault_status_ = 500;
    int fault_times_ = 0;
};

net::awaitable<void> stop_on_signal(net::io_context& io, Listener& listener) {
    net::signal_set signals{io, SIGTERM, SIGINT};
    error_code error;
    co_await signals.async_wait(net::redirect_error(net::use_awaitable, error));
    co_await listener.stop(std::chrono::seconds{2});
}

}  // namespace

int loopback(LoopbackOptions const& options) {
    std::signal(SIGPIPE, SIG_IGN);
    start_logging({.level = LogLevel::warning, .format = LogFormat::text, .mask = true});
    net::io_context io{1};
    Platform platform{options};
    Router router;
    platform.add_routes(router);
    ListenSettings listen;
    listen.address = options.address;
    listen.port = static_cast<std::uint16_t>(options.port);
    listen.activation = false;
    auto listener = Listener::open(io.get_executor(), listen, [&router](Request request) { return router.handle(std::move(request)); });
    if (!listener) return report("loopback", listener.error().to_string());
    std::cout << "loopback platform on http://" << options.address << ':' << (*listener)->port() << std::endl;
    {
        TaskGroup group{io.get_executor()};
        group.spawn("signals", stop_on_signal(io, **listener));
        io.run();
    }
    return ok;
}

}  // namespace kefu::cli
