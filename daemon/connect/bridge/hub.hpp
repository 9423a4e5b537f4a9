// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/channel_settings.hpp"
#include "daemon/clock.hpp"
#include "daemon/connect/bridge/frames.hpp"
#include "daemon/connect/connector.hpp"
#include "daemon/connect/own_words.hpp"
#include "daemon/http/client.hpp"

#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

namespace kefu {
class WebSocket;
}

namespace kefu::bridge {

/// One connection of a bridge, after its hello.
struct Line {
    std::shared_ptr<WebSocket> socket;
    std::string bridge;
    std::string session;
    Capabilities can;
    std::set<std::string> accounts;
    bool ready = false;          ///< it has its welcome
    std::size_t open_sends = 0;  ///< on the wire without any result
};

/// How far a bridge's frames are stored (protocol B3).
struct Stream {
    std::string session;
    std::int64_t last_seq = 0;
};

/// The live side of a channel: who is connected and which sends wait for a result. It outlives a reload. Lives on the io thread.
class Hub : public std::enable_shared_from_this<Hub> {
  public:
    /// `http` outlives it.
    Hub(ChannelSettings settings, HttpClient& http, Clock clock)
        : settings_(std::make_shared<ChannelSettings const>(std::move(settings))), http_(http), clock_(std::move(clock)) {}

    /// The newest. From any thread: who asks to connect is looked at where the listener runs.
    std::shared_ptr<ChannelSettings const> settings() const {
        std::lock_guard const lock{settings_mutex_};
        return settings_;
    }

    /// After a reload. Bridges whose token is gone are sent away.
    void change(ChannelSettings settings);

    /// The channel is no more: bridges are sent away, and nothing of theirs is taken.
    void retire();
    bool retired() const { return retired_; }

    // For connections. -----------------------------------------------------------------------------------------------------------------

    /// Which accounts of `hello` this channel has, which are its own from now on; a conflict: another bridge serves one of them.
    struct Admission {
        std::shared_ptr<Line> line;  ///< null: conflict
        std::vector<Welcome::Bound> accounts;
    };
    Admission admit(Hello const& hello, std::shared_ptr<WebSocket> socket);

    /// The bridge has its welcome: what it has not answered goes out again, or has an unknown outcome (B5).
    void open(std::shared_ptr<Line> const& line);
    void leave(std::shared_ptr<Line> const& line);

    /// By bridge id. `before_start` is what was stored when this daemon started: sends of which we do not know more went out in that session.
    struct Streams {
        Stream now;
        std::string before_start;
        bool loaded = false;
    };
    Streams& streams(std::string const& bridge) { return streams_[bridge]; }

    void take(ResultFrame result);
    void set_online(std::string const& account, bool online);

    /// True when this message of an agent is one of ours come back; a send of unknown outcome is then known to be out.
    bool is_own(EventFrame const& frame);

    /// A person took over: what the bot has on the wire is called back, if the bridge still can. What people said stays on its way.
    void cancel(std::string const& account, std::string const& conversation);
    void cancel(std::string const& to);  ///< account/conversation

    /// The customer is writing, or a colleague is: the bridge is told, if it can show it.
    void heard_typing(std::string const& to);
    void show_typing(std::string const& to);
    Timestamp typed_at(std::string const& to) const;  ///< from any thread

    // For bridges without a connection (B10). -------------------------------------------------------------------------------------------

    /// False: this webhook-id came with another body before. Remembers the newest 4096.
    bool is_same_request(std::string const& id, std::string body_hash);

    /// What waits for a bridge that fetches its sends; resumes when there is something, or after `limit`. conflict: another request waits already.
    net::awaitable<Result<std::vector<SendFrame>>> poll(std::string account, std::chrono::milliseconds limit);

    // For the connector. ---------------------------------------------------------------------------------------------------------------

    AccountState state() const;

    /// Sends over the account's connection, else to its callback or to who fetches its sends, and waits for the last word.
    net::awaitable<SendResult> send(std::string to, Send send, SendAttempt attempt);

    /// What a result means for the customer's conversation: it cannot be reached any more, or a person has it. The connector takes it to the store.
    std::function<net::awaitable<void>(std::string to, Event event)> tell_conversation;

    /// The same, without anybody who waits for it.
    std::function<void(std::string to, Event event)> report;

  private:
    struct Waiting;
    class Listed;
    enum class Way { line, callback, poll };
    /// The place where one bridge fetches the sends of one account.
    struct Counter {
        explicit Counter(net::any_io_executor const& executor) : news(executor) {}
        net::steady_timer news;
        bool busy = false;
        Timestamp seen{};
    };

    /// A send that ended as unknown; a later result may still say what became of it.
    struct Doubtful {
        std::string frame;
        std::string to;
        EffectId effect;
    };

    void send_away(std::string const& why);
    void take_late(ResultFrame const& result);
    std::shared_ptr<Line> line_of(std::string const& account) const;
    bool fetches(std::string const& account) const;
    net::awaitable<SendResult> attempt_once(Waiting& waiting, Way way);
    void put(Waiting& waiting);
    net::awaitable<std::optional<SendResult>> post(Waiting& waiting);
    SendResult without_line(std::string const& account, SendAttempt const& attempt) const;
    net::awaitable<SendResult> wait(Waiting& waiting);

    mutable std::mutex settings_mutex_;
    std::shared_ptr<ChannelSettings const> settings_;
    HttpClient& http_;
    Clock clock_;
    bool retired_ = false;
    std::list<std::shared_ptr<Line>> lines_;
    std::uint64_t connects_ = 0;  ///< since start
    std::map<std::string, Streams> streams_;
    std::map<std::string, bool> offline_;          ///< accounts whose client is logged out
    std::map<std::string, Timestamp> gone_since_;  ///< accounts without a connection
    std::list<Waiting*> waiting_;
    std::map<std::string, int> refused_tries_;                  ///< by send: how often it certainly failed; each try has an id of its own
    std::map<std::string, std::unique_ptr<Counter>> counters_;  ///< by account
    std::deque<std::pair<std::string, std::string>> requests_;  ///< webhook-id and hash of its body
    OwnWords own_words_;
    std::deque<Doubtful> doubtful_;
    mutable std::mutex typing_mutex_;
    std::map<std::string, Timestamp> typed_at_;  ///< by account/conversation; the newest 4096
};

/// What a final `failed` or `unknown` result means (B9).
struct Verdict {
    SendResult send;
    std::optional<Event> event;
    bool new_id = false;  ///< a repetition needs another id: the bridge has answered this one for good
};
Verdict verdict_of(ResultFrame const& result, SendAttempt const& attempt);

}  // namespace kefu::bridge
