// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/web_chat/desk.hpp"
#include "daemon/connect/web_chat/identity.hpp"
#include "daemon/http/websocket.hpp"
#include "daemon/intake.hpp"
#include "daemon/log.hpp"

#include <algorithm>
#include <utility>

namespace kefu::web_chat {

using namespace std::chrono_literals;

namespace {

constexpr auto hello_limit = 10s;
constexpr auto again_later = 3s;
constexpr double frames_burst = 60;
constexpr double frames_a_minute = 600;

/// Close codes of our own (RFC 6455, 7.4.2).
namespace code {
constexpr std::uint16_t identity_wrong = 4001, hello_timeout = 4004, idle = 4005, malformed = 4006, flood = 4008, full = 4013;
}

/// What is known before the hello.
struct Caller {
    Inlet inlet;
    std::shared_ptr<Hub> hub;
    std::string shop;
    std::string address;
};

/// One connection from its first frame to its last.
class Connection {
  public:
    Connection(Caller caller, std::shared_ptr<WebSocket> socket) : caller_(std::move(caller)), hub_(caller_.hub), socket_(std::move(socket)) {}
    ~Connection() {
        if (page_) hub_->close(page_);
        if (entered_) hub_->leave(caller_.address);
    }
    Connection(Connection const&) = delete;
    Connection& operator=(Connection const&) = delete;

    net::awaitable<void> run() {
        entered_ = hub_->enter(caller_.address);
        if (!entered_) co_return end("full", code::full, 30s);
        auto messages = co_await socket_->receive(hello_limit);
        if (messages.empty()) {
            if (!socket_->ended() && !socket_->ending()) end("hello_timeout", code::hello_timeout);
            co_return;
        }
        auto const first = read_frame(messages.front());
        auto const* hello = first ? std::get_if<Hello>(&*first) : nullptr;
        if (hello == nullptr) co_return end("malformed", code::malformed);
        messages.erase(messages.begin());
        bool const greeted = co_await greet(*hello);
        if (!greeted) co_return;
        co_await listen(std::move(messages));
        if (socket_->ending()) socket_->send(write_bye("restarting", 1s));
    }

  private:
    void end(std::string_view why, std::uint16_t close_with, std::chrono::milliseconds retry_after = {}) {
        log_info("web_chat_ended", {{"channel", hub_->settings().id.value}, {"remote", caller_.address}, {"why", why}});
        socket_->send(write_bye(why, retry_after));
        socket_->close(close_with, std::string{why});
    }

    Timestamp now() const { return caller_.inlet.clock(); }
    ConversationId conversation() const { return ConversationId{hub_->settings().id.value + '/' + page_->sender}; }

    net::awaitable<bool> greet(Hello hello) {
        auto const person = person_of(hello, hub_->settings().web_chat.identity_secrets);
        if (!person) {
            end("identity_wrong", code::identity_wrong);
            co_return false;
        }
        language_ = hello.language;
        page_ = std::make_shared<Page>();
        page_->socket = socket_;
        page_->sender = person->sender;
        page_->address = caller_.address;
        // Before its history is read: what goes out from now on reaches it either way, and a line that comes twice has its number.
        if (!hub_->open(page_)) {
            end("restarting", close_code::restarting, again_later);
            co_return false;
        }
        ConversationId const id = conversation();
        auto const view = co_await caller_.inlet.store.view(id, most_lines);
        if (!view) {
            end("unavailable", close_code::restarting, again_later);
            co_return false;
        }
        std::vector<Line> lines;
        if (*view)
            for (auto const& stored : (*view)->history)
                if (auto line = line_of(stored)) lines.push_back(std::move(*line));
        for (auto const& line : lines)
            if (line.number != 0) page_->note(line.number);
        auto rest = rest_after(std::move(lines), hello.after);
        Welcome welcome;
        welcome.token = person->new_token;
        welcome.ticket = new_ticket(person->sender, hub_->key(), now());
        welcome.title = hub_->settings().web_chat.title.empty() ? caller_.shop : hub_->settings().web_chat.title;
        welcome.max_file = hub_->settings().web_chat.max_file;
        welcome.whole = !rest.found;
        welcome.lines = std::move(rest.lines);
        hub_->welcome(page_, write_welcome(welcome));
        log_debug("web_chat_connected", {{"channel", hub_->settings().id.value}, {"conversation", id.value}, {"lines", welcome.lines.size()}});
        co_return true;
    }

    /// Until the page leaves, is idle for too long, or does what none of ours does.
    net::awaitable<void> listen(std::vector<std::string> messages) {
        auto heard = std::chrono::steady_clock::now();
        while (true) {
            bool active = false;
            bool const go_on = messages.empty() || co_await take(std::move(messages), active);
            if (!go_on) co_return;
            auto const at = std::chrono::steady_clock::now();
            if (active) heard = at;
            auto const left = std::chrono::ceil<std::chrono::milliseconds>(heard + hub_->settings().web_chat.idle - at);
            if (left <= 0ms) co_return end("idle", code::idle);
            messages = co_await socket_->receive(left);
            if (hub_->retired() || (messages.empty() && (socket_->ended() || socket_->ending()))) co_return;
        }
    }

    /// False: the connection is over. `active`: a person did something.
    net::awaitable<bool> take(std::vector<std::string> messages, bool& active) {
        std::vector<Said> said;
        std::uint64_t read = 0;
        for (auto& message : messages) {
            if (frames_.take(frames_a_minute, now()).count() > 0) {
                end("flood", code::flood, 30s);
                co_return false;
            }
            auto frame = read_frame(message);
            if (!frame) {
                end("malformed", code::malformed);
                co_return false;
            }
            active = active || !std::holds_alternative<Ping>(*frame);
            if (std::holds_alternative<Typing>(*frame)) hub_->note_typing(page_->sender, now());
            if (std::holds_alternative<Ping>(*frame)) socket_->send(write_pong());
            // Only of what this page was given: nobody makes up a conversation by having read in it.
            if (auto const* seen = std::get_if<Read>(&*frame); seen != nullptr && page_->given.contains(seen->number)) read = seen->number;
            if (auto* one = std::get_if<Said>(&*frame)) said.push_back(std::move(*one)), raw_.push_back(std::move(message));
        }
        co_await store(std::move(said));
        if (read != 0 && read != read_) co_await note_read(read);
        co_return !socket_->ended();
    }

    /// Answers each with its fate, when it is on disk.
    net::awaitable<void> store(std::vector<Said> all) {
        auto const raw = std::exchange(raw_, {});
        std::vector<Arrival> arrivals;
        std::vector<Said> taken;
        for (std::size_t i = 0; i < all.size(); ++i) {
            auto const wait = hub_->wait_before_message(page_->sender, caller_.address, now());
            if (wait.count() > 0) {
                socket_->send(write_refused(all[i].id, "rate_limited", wait));
                continue;
            }
            arrivals.push_back(arrival_of(all[i], raw[i]));
            taken.push_back(std::move(all[i]));
        }
        if (arrivals.empty()) co_return;
        auto& inlet = caller_.inlet;
        auto const applied = co_await inlet.store.apply(std::move(arrivals));
        note_stored(*inlet.services(), inlet.counts, hub_->settings().id, applied, now());
        if (!applied) {
            log_error("web_chat_not_stored", {{"channel", hub_->settings().id.value}, {"why", applied.error().message}});
            for (auto const& one : taken) socket_->send(write_refused(one.id, "unavailable", again_later));
            co_return;
        }
        for (std::size_t i = 0; i < taken.size(); ++i) {
            socket_->send(write_stored(taken[i].id));
            if (!(*applied)[i].duplicate) tell_other_pages(taken[i]);
        }
        co_await tell_that_we_write();
    }

    Arrival arrival_of(Said const& said, std::string const& raw) const {
        Message message;
        message.id = MessageId{said.id};
        message.sender = page_->sender;
        message.sender_language = language_;
        message.text = said.text;
        // Ours, not the page's: what was written without a connection is as new to the visitor, who waits for an answer now.
        message.sent_at = now();
        for (auto const& file : said.files) message.attachments.push_back({ContentKind::image, WaitingFiles::name_of(page_->sender, file.id), {}, file.name});
        return arrival_of("/" + said.id, MessageReceived{std::move(message), {}, false}, raw);
    }

    /// Of this visitor, now. `id`: what names it among theirs.
    Arrival arrival_of(std::string const& id, Event event, std::string raw) const {
        Timestamp const at = now();
        InboundEvent inbound{conversation(), page_->sender, page_->sender + id, std::move(event), at, std::move(raw)};
        return kefu::arrival_of(hub_->settings().id, std::move(inbound), at);
    }

    void tell_other_pages(Said const& said) {
        Line line;
        line.from = Speaker::customer;
        line.id = said.id;
        line.at = now();
        line.files = said.files.size();
        line.parts.emplace_back().text = said.text;
        hub_->tell(page_->sender, write_line(line), 0, page_.get());
    }

    /// The assistant is about to answer, unless a person has the conversation or it is being answered already.
    net::awaitable<void> tell_that_we_write() {
        auto const view = co_await caller_.inlet.store.view(conversation(), 1);
        if (!view || !*view) co_return;
        auto const& talk = (*view)->conversation;
        if (talk.owner == Owner::bot && !talk.unanswered.empty()) hub_->show_typing(page_->sender, Speaker::assistant);
    }

    net::awaitable<void> note_read(std::uint64_t number) {
        read_ = number;
        SendReported report{send_of(conversation(), number), DeliveryReport::read, {}};
        Arrival arrival = arrival_of("/read/" + std::to_string(number), std::move(report), {});
        std::vector<Arrival> batch;
        batch.push_back(std::move(arrival));
        auto const applied = co_await caller_.inlet.store.apply(std::move(batch));
        if (!applied) read_ = 0;  // the page says it again with the next line
    }

    Caller caller_;
    std::shared_ptr<Hub> hub_;
    std::shared_ptr<WebSocket> socket_;
    std::shared_ptr<Page> page_;
    std::string language_;
    std::vector<std::string> raw_;  ///< of the messages that are being taken
    TokenBucket frames_{frames_burst, now()};
    std::uint64_t read_ = 0;
    bool entered_ = false;
};

net::awaitable<void> serve(Caller caller, std::shared_ptr<WebSocket> socket) {
    Connection connection{std::move(caller), std::move(socket)};
    co_await connection.run();
}

Response upgrade(Desk const& desk, Request const& request) {
    if (auto refused = refuse_upgrade(request)) return std::move(*refused);
    auto const wanted = request.query.find("channel");
    auto channel = desk.channel(wanted == request.query.end() ? std::string_view{} : std::string_view{wanted->second});
    if (!channel) return problem(404, "No such chat", "Give data-channel the id of a channel of type web_chat.");
    auto const& settings = channel->settings.web_chat;
    if (!origin_may(request, settings)) {
        auto const& inlet = desk.inlet;
        note_refused(*inlet.services(), inlet.counts, channel->settings.id, Trouble::signature, "a page that is not in web_chat.origins", inlet.clock());
        log_warn("web_chat_refused", {{"channel", channel->settings.id.value}, {"remote", request.remote}, {"why", "origin"}});
        return problem(403, "Not from this page", "Add the page's origin to web_chat.origins.");
    }
    WebSocketLimits limits;
    limits.max_message = max_frame_bytes;
    limits.max_unread = 64;
    limits.max_unsent = std::size_t{2} * 1024 * 1024;  // a welcome with the longest lines there can be
    Caller caller{desk.inlet, channel->hub, channel->shop, address_of(request, settings.behind_proxy)};
    auto serving = [caller = std::move(caller)](std::shared_ptr<WebSocket> socket) { return serve(caller, std::move(socket)); };
    return upgrade_response(request, {}, {limits, desk.inlet.home, std::move(serving)});
}

}  // namespace

void add_websocket(Router& router, std::string const& base, Desk desk) {
    router.add("GET", base + "/ws", [desk = std::move(desk)](Request const& request) { return at_once(upgrade(desk, request)); });
}

}  // namespace kefu::web_chat
