// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/settings.hpp"
#include "daemon/clock.hpp"
#include "daemon/connect/onebot/actions.hpp"
#include "daemon/connect/onebot/calls.hpp"
#include "daemon/connect/onebot/health.hpp"
#include "daemon/connect/onebot/pace.hpp"
#include "daemon/connect/own_words.hpp"
#include "daemon/http/client.hpp"
#include "daemon/store/store.hpp"

#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace kefu {
class WebSocket;
}

namespace kefu::onebot {

/// What a connection carries (v11: X-Client-Role).
enum class Role { both, actions, events };
inline constexpr std::array<std::string_view, 3> role_names{"universal", "api", "event"};

struct Line {
    std::shared_ptr<WebSocket> socket;
    Role role = Role::both;
    bool told_bad_frame = false;
};

/// The live side of a channel: its connections, what waits for answers, how the account is. It outlives a reload. Lives on the io thread.
class Link : public std::enable_shared_from_this<Link> {
  public:
    /// `http` outlives it.
    Link(ChannelSettings settings, ChannelPolicy const& policy, HttpClient& http, Clock clock);
    HttpClient& http() const { return http_; }

    ChannelSettings const& settings() const { return settings_; }

    /// After a reload. Connections made with what does not hold any more are closed.
    void change(ChannelSettings settings, ChannelPolicy const& policy);

    /// The channel is no more.
    void retire();
    bool retired() const { return retired_; }

    // For connections. -----------------------------------------------------------------------------------------------------------------

    /// A newer connection takes the place of an older one with the same role; what waited for answers there has an unknown outcome.
    std::shared_ptr<Line> open(Role role, std::shared_ptr<WebSocket> socket);
    void leave(std::shared_ptr<Line> const& line);

    /// A frame of a connection, or (`line` null) of a request: answers go to who waits for them, events to `arrivals`. bad_payload.
    Result<void> take(std::string const& text, Line* line, std::vector<Arrival>& arrivals);

    /// Messages of the account's history that are newer than `since`. How many.
    std::size_t take_history(boost::json::value const& data, Timestamp since, std::vector<Arrival>& arrivals);

    /// Asks get_login_info and get_status. A connection of another account is closed.
    net::awaitable<void> probe(bool first);

    /// Looks at the clock; true when it is time to probe.
    bool tick();

    /// When events may have begun to be lost; nothing: they are not.
    std::optional<Timestamp> lost_since;

    std::set<std::string> dialling;         ///< addresses that a task keeps connected
    std::set<std::string> unknown_actions;  ///< what the implementation said it does not know
    bool token_refused = false;             ///< the implementation said so over a connection
    bool attended = false;

    // For the connector. ---------------------------------------------------------------------------------------------------------------

    /// Waits for the account's next turn, sends part after part and waits for each answer.
    net::awaitable<SendResult> send(std::string to, Send send, SendAttempt attempt);

    AccountState state() const;

    /// Whether somebody is there to ask.
    bool can_ask() const { return line_for(Role::actions) || !settings_.onebot.api.empty(); }

    /// unavailable: certainly not carried out; timed_out: nobody knows.
    net::awaitable<Result<Reply>> ask(Action action, std::chrono::milliseconds limit);

  private:
    /// A send whose outcome is not known; its words may still come back.
    struct Doubtful {
        EffectId effect;
        std::string conversation;
        std::string text;
        Timestamp at;
    };
    struct Job {
        Peer peer;
        std::string conversation;
        EffectId effect;
        bool by_person = false;
        Timestamp since{};
        std::vector<Part> parts;
    };

    Arrival arrival_of(InboundEvent event) const;
    void take_own(OwnMessage own, std::vector<Arrival>& arrivals);
    std::shared_ptr<Line> line_for(Role role) const;
    std::optional<SendResult> obstacle(SendAttempt const& attempt);
    net::awaitable<SendResult> send_part(Job const& job, Part const& part);
    net::awaitable<SendResult> put(Job const& job, Part const& part);
    net::awaitable<Result<Reply>> ask_over(std::shared_ptr<Line> line, Action action, std::chrono::milliseconds limit, Job const* job, std::string text,
                                           bool* seen_out);
    net::awaitable<Result<Reply>> post(Action action, std::chrono::milliseconds limit);

    ChannelSettings settings_;
    HttpClient& http_;
    Clock clock_;
    Account account_;
    bool retired_ = false;
    std::list<std::shared_ptr<Line>> lines_;
    std::uint64_t connects_ = 0;  ///< since start
    Calls calls_;
    Watch watch_;
    State told_state_ = State::dialing;
    Timestamp probed_at_{};
    Timestamp gone_since_{};
    Pace pace_;
    OwnWords own_words_;
    std::deque<std::string> sent_;  ///< ids of our newest messages
    std::deque<Doubtful> doubtful_;
    std::map<std::string, Timestamp> persons_;  ///< who wrote in a conversation beside us, and when
};

}  // namespace kefu::onebot
