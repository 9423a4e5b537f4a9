// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "config/channel_settings.hpp"
#include "daemon/clock.hpp"
#include "daemon/health.hpp"
#include "daemon/http/message.hpp"
#include "daemon/net/net.hpp"
#include "replies/decide.hpp"
#include "replies/effect.hpp"
#include "replies/event.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace boost::asio {
class thread_pool;
}

namespace kefu {

class HttpClient;
class Router;
class Store;
class TaskGroup;
struct IntakeCounts;
struct Services;

/// What a connector needs that takes things in by itself: over WebSockets, or with answers of its own kind. Outlives the routes it is given to.
struct Inlet {
    Store& store;
    IntakeCounts& counts;
    Clock clock;
    net::any_io_executor home;                                  ///< the io thread; handlers of routes may run on others
    std::function<std::shared_ptr<Services const>()> services;  ///< the newest: a reload replaces connectors
    TaskGroup* tasks = nullptr;                                 ///< of the io thread, for what lives beside connections; cancelled when the daemon stops
};

/// One thing that reached us from a platform, before it is understood: MessageReceived carries an empty meaning here; intake fills it.
struct InboundEvent {
    ConversationId conversation;
    std::string sender;    ///< where answers go: the platform's id of the customer or the group
    std::string event_id;  ///< the platform's, repeated by a redelivery
    Event event;
    Timestamp occurred_at{};
    std::string raw;  ///< this event as received, for evidence; UTF-8
};

/// What parsing one webhook body gives.
struct Parsed {
    std::vector<InboundEvent> events;
    std::vector<std::string> ignored;  ///< kinds we do not know, for the counters
    bool for_others_too = false;       ///< the body may hold events of other accounts on the same path; each takes its own
    std::string answer;                ///< JSON for the body of the 200, where a platform does something with it; empty: nothing
};

/// Why and how a send ended.
struct SendResult {
    enum class Kind {
        delivered,
        refused,  ///< never tried again
        unknown,  ///< may be out; never tried again
        retry,    ///< certainly not out (or the platform knows our key): again after `after`
        hold,     ///< nothing can be sent on this channel now (token refused, quota): again after `after`, people are told
    };
    Kind kind = Kind::delivered;
    std::string detail;  ///< for people and logs; no customer text, no secret
    std::chrono::milliseconds after{0};
    std::vector<std::string> platform_ids;  ///< of what was sent, when the platform says
    bool maybe_sent = false;                ///< with retry and hold: this try may be out; the next one must know
    bool unreachable = false;               ///< with refused: nothing can be sent to this customer any more
    bool handle_spent = false;              ///< with retry and hold: the reply handle is of no use any more; the next try goes without it
};

/// What is known about earlier tries of the same send.
struct SendAttempt {
    int number = 1;           ///< 1 = first
    bool maybe_sent = false;  ///< an earlier try may have reached the platform (we died or timed out in the middle)
    Timestamp first_tried{};
};

/// What a connector is made of.
struct ChannelSetup {
    ChannelSettings settings;
    ChannelPolicy policy;
    HttpClient& http;  ///< outlives it
    Clock clock;
    std::string shop = {};             ///< its name, for customers
    std::filesystem::path media = {};  ///< the folder of photos and files
    net::thread_pool* pool = nullptr;  ///< for reading and writing those; outlives it; null: no uploads are taken
};

/// One chat platform account. parse() is pure, so recorded payloads test it; only the others do I/O. Lives on the io thread, but may be destroyed on any: a
/// request there may be the last to know it.
class Connector {
  public:
    Connector(ChannelSettings settings, ChannelPolicy policy) : settings_(std::move(settings)), policy_(std::move(policy)) {}
    virtual ~Connector() = default;
    Connector(Connector const&) = delete;
    Connector& operator=(Connector const&) = delete;

    ChannelId const& channel() const { return settings_.id; }
    ChannelSettings const& settings() const { return settings_; }
    ChannelPolicy const& policy() const { return policy_; }

    /// Once, on the io thread, after succeed() and before anything else reaches it: where what it takes in goes.
    virtual void attach(Inlet const& inlet) { (void)inlet; }

    /// Checks the platform's signature over the raw body, then reads every event in it: messages, unsends, follows, buttons.
    /// Errors: unauthorized; bad_payload, naming the JSON member.
    virtual Result<Parsed> parse(Request const& request, Timestamp now) const {
        (void)request, (void)now;
        return Error{Errc::unauthorized, "this channel has paths of its own"};
    }

    /// Adds routes of its own under `path`, for all connectors of its kind on that path: WebSockets, or a handshake such as Meta's GET. True: these are all
    /// there are. False: POSTs to `path` go through parse().
    virtual bool add_routes(Router& router, std::string const& path, Inlet const& inlet) {
        (void)router, (void)path, (void)inlet;
        return false;
    }

    /// After a reload: takes over the connections of the connector that had this channel before. False: it cannot, as that is of another kind, or need not.
    virtual bool succeed(Connector& before) {
        (void)before;
        return false;
    }

    /// After a reload, on the io thread: no other connector took over. Ends its connections; nothing that they bring is stored any more.
    virtual void retire() {}

    /// Learns from the platform what this account needs to know of itself, such as the bot's name. Called on the io thread until it succeeds; the connector
    /// works meanwhile, only knowing less.
    virtual net::awaitable<Result<void>> prepare() { co_return Result<void>{}; }

    /// What is known of the account beside single messages. On the io thread, each second.
    virtual AccountState state() const { return {}; }

    /// Does what has to be done from time to time, such as renewing a token, and says when it wants to be called again; 0: never. Called on the io thread
    /// when prepare() has succeeded. Failures are the connector's to log and to try again.
    virtual net::awaitable<std::chrono::milliseconds> keep_up() { co_return std::chrono::milliseconds{0}; }

    /// Sends one batch to the customer `to`; Send::id is the idempotency key. When an earlier try may be out and the platform honours no key, the answer is
    /// `unknown`: silence over a double answer. Never throws for what a platform does.
    virtual net::awaitable<SendResult> send(std::string to, Send send, SendAttempt attempt) = 0;

    /// The customer's name and language; not_found when the platform will not tell. Channels without profiles: not_found.
    virtual net::awaitable<Result<ProfileLearned>> profile(std::string sender) {
        (void)sender;
        co_return Error{Errc::not_found, "this platform tells names with messages, or never"};
    }

    /// A colleague is writing to `to`: shown for some seconds, where the platform can. From any thread.
    virtual void show_typing(std::string const& to) { (void)to; }

    /// The answer to `to` takes a moment: shown until it comes, or for some seconds, where the platform can. From any thread.
    virtual void show_waiting(std::string const& to) { (void)to; }

    /// A colleague has taken the conversation: what is on its way to `to` is called back, where the platform still can. From any thread.
    virtual void withdraw(std::string const& to) { (void)to; }

    /// When the customer was last seen writing; Timestamp{}: never, or the platform does not say. From any thread.
    virtual Timestamp typed_at(std::string const& sender) const {
        (void)sender;
        return {};
    }

    /// The bytes of a photo or file and its content type; unavailable: later (still being prepared).
    struct Content {
        std::string bytes;
        std::string content_type;
    };
    virtual net::awaitable<Result<Content>> content(Attachment attachment) = 0;

    /// What content() gave is in the media folder, and the store knows it: a copy that only waited for that may go.
    virtual net::awaitable<void> content_kept(Attachment attachment) {
        (void)attachment;
        co_return;
    }

  private:
    ChannelSettings settings_;
    ChannelPolicy policy_;
};

}  // namespace kefu
