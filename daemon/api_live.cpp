// SPDX-License-Identifier: Apache-2.0
#include "daemon/api_parts.hpp"
#include "daemon/console/live.hpp"
#include "daemon/log.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <charconv>
#include <utility>

/// GET /live: the page's end of what happens, and what the page says about itself: which conversation is open, that somebody types.
namespace kefu::api {

namespace json = boost::json;

namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_frames_a_minute = 600;
constexpr auto silent_for = 150s;  // a page pings at least once a minute
constexpr auto look_round = 2s;    // while a conversation is open
constexpr auto look_again = 30s;   // is the session still good?
constexpr std::uint16_t flood = 1008, restarting = 1012;

struct Resume {
    std::string epoch;
    std::uint64_t after = 0;
};

/// One page, from hello to goodbye.
class LiveConnection {
  public:
    LiveConnection(ContextPtr context, Caller caller, Resume resume, std::shared_ptr<WebSocket> socket)
        : context_(std::move(context)), hub_(context_->live), caller_(std::move(caller)), resume_(std::move(resume)), socket_(std::move(socket)) {}
    ~LiveConnection() {
        if (page_) hub_.leave(page_);
    }
    LiveConnection(LiveConnection const&) = delete;
    LiveConnection& operator=(LiveConnection const&) = delete;

    net::awaitable<void> run() {
        auto const pauses = co_await context_->store.pauses();
        json::array paused = pauses ? pauses_json(*pauses) : json::array{};
        json::object const hello{{"type", "hello"}, {"epoch", hub_.epoch()}, {"seq", hub_.newest()}, {"paused", std::move(paused)}};
        socket_->send(json::serialize(hello));
        auto welcome = hub_.enter(socket_, caller_.name, caller_.session, resume_.epoch, resume_.after);
        page_ = std::move(welcome.page);
        if (!welcome.frame.empty()) socket_->send(std::move(welcome.frame));
        heard_ = checked_ = minute_began_ = context_->clock();
        while (!socket_->ended() && !socket_->ending()) {
            auto const limit = page_->looking.empty() ? std::chrono::milliseconds{look_again} : std::chrono::milliseconds{look_round};
            auto const messages = co_await socket_->receive(limit);
            Timestamp const now = context_->clock();
            if (!messages.empty()) heard_ = now;
            if (now - heard_ > silent_for || !take(messages, now)) break;
            hub_.stop_typing(page_);
            co_await watch_customer(now);
            if (now - checked_ < look_again) continue;
            checked_ = now;
            bool const good = co_await still_signed_in(now);
            if (!good) co_return socket_->close(LiveHub::signed_out, "signed out");
        }
        if (socket_->ending()) socket_->close(restarting, "restarting");
    }

  private:
    /// False: no page of ours does that.
    bool take(std::vector<std::string> const& messages, Timestamp now) {
        if (now - minute_began_ > 1min) {
            minute_began_ = now;
            frames_ = 0;
        }
        frames_ += messages.size();
        if (frames_ > most_frames_a_minute) {
            socket_->close(flood, "too many frames");
            return false;
        }
        for (auto const& message : messages) {
            error_code error;
            json::value const frame = json::parse(message, error);
            if (error || !frame.is_object()) continue;
            std::string const type = text_in(frame.get_object(), "type");
            if (type == "ping") socket_->send(R"({"type":"pong"})");
            if (type == "look") look(text_in(frame.get_object(), "conversation"));
            if (type == "typing" && text_in(frame.get_object(), "conversation") == page_->looking) hub_.type(page_);
        }
        return true;
    }

    void look(std::string conversation) {
        customer_types_ = false;
        channel_.clear();
        hub_.look(page_, std::move(conversation));
    }

    /// The platform's word that the customer writes, where it gives one.
    net::awaitable<void> watch_customer(Timestamp now) {
        if (page_->looking.empty()) co_return;
        if (channel_.empty()) {
            ConversationId id{page_->looking};
            auto const view = co_await context_->store.view(std::move(id), 1);
            if (!view || !*view) co_return;
            channel_ = (*view)->conversation.channel.value;
            sender_ = (*view)->conversation.sender;
        }
        auto const services = context_->services();
        auto const connector = services->connectors.find(channel_);
        bool const types = connector != services->connectors.end() && now - connector->second->typed_at(sender_) < 6s;
        if (types == customer_types_) co_return;
        customer_types_ = types;
        socket_->send(json::serialize(json::object{{"type", "customer_typing"}, {"conversation", page_->looking}, {"typing", types}}));
    }

    net::awaitable<bool> still_signed_in(Timestamp now) {
        auto const services = context_->services();
        auto const& settings = services->snapshot->settings;
        if (caller_.session.empty()) co_return true;  // a token counts as long as the connection
        auto const found = co_await context_->store.accounts().signed_in(caller_.session);
        if (!found) co_return true;  // the store is busy; it is asked again
        co_return *found && !(*found)->person.disabled && now < expiry((*found)->session, settings.console);
    }

    ContextPtr context_;
    LiveHub& hub_;
    Caller caller_;
    Resume resume_;
    std::shared_ptr<WebSocket> socket_;
    std::shared_ptr<LivePage> page_;
    std::string channel_, sender_;  ///< of the conversation that is looked at
    bool customer_types_ = false;
    Timestamp heard_{}, checked_{}, minute_began_{};
    std::size_t frames_ = 0;
};

net::awaitable<void> serve(ContextPtr context, Caller caller, Resume resume, std::shared_ptr<WebSocket> socket) {
    LiveConnection connection{std::move(context), std::move(caller), std::move(resume), std::move(socket)};
    co_await connection.run();
}

net::awaitable<Response> open_live(ContextPtr context, Request request) {
    if (auto refused = refuse_upgrade(request)) co_return std::move(*refused);
    auto known = co_await identify(context, request);
    if (auto* refused = std::get_if<Response>(&known)) co_return std::move(*refused);
    Caller caller = std::get<Caller>(std::move(known));
    auto const services = context->services();
    // The cookie comes along whichever page asks; Origin says which one it is.
    if (!caller.session.empty() && !is_our_page(request, services->snapshot->settings)) {
        log_warn("live_refused", {{"person", caller.name}, {"remote", request.remote}, {"why", "origin"}});
        co_return problem(403, "Not from this page", "Origin is not this daemon's; is public_url right?");
    }
    Resume resume;
    resume.epoch = request.query["epoch"];
    std::string const after = request.query["after"];
    std::from_chars(after.data(), after.data() + after.size(), resume.after);
    WebSocketLimits limits;
    limits.max_message = 4096;
    limits.max_unread = 64;
    limits.max_unsent = std::size_t{256} * 1024;
    auto serving = [context, caller = std::move(caller), resume = std::move(resume)](std::shared_ptr<WebSocket> socket) {
        return serve(context, caller, resume, std::move(socket));
    };
    WebSocketUpgrade upgrade{limits, context->live.home(), std::move(serving)};
    co_return upgrade_response(request, {}, std::move(upgrade));
}

}  // namespace

void add_live(Router& router, std::string const& base, ContextPtr context) {
    router.add("GET", base + "/live", [context](Request request) { return open_live(context, std::move(request)); });
}

}  // namespace kefu::api
