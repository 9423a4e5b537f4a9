// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/onebot/connection.hpp"

#include "daemon/http/websocket_client.hpp"
#include "daemon/intake.hpp"
#include "daemon/log.hpp"
#include "daemon/net/backoff.hpp"
#include "daemon/net/deadline.hpp"
#include "daemon/net/task_group.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

namespace kefu::onebot {

namespace json = boost::json;
using namespace std::chrono_literals;

namespace {

constexpr std::chrono::milliseconds look_every = 500ms;
constexpr std::chrono::milliseconds after_refusal = 60s;  // a wrong token does not become right by trying
constexpr Backoff redial{1s, 60s};
constexpr auto lasted_long = 60s;
constexpr auto history_limit = 10s;
constexpr std::size_t most_conversations = 50;  // of which what was missed is asked for
constexpr int most_messages = 20;
constexpr auto keep_heard_every = 10s;
constexpr auto overlap = 2s;  // clocks differ
constexpr char const* heard_mark = "heard";
constexpr char const* latest_events = "get_latest_events";
constexpr int most_polled = 100;
constexpr std::chrono::seconds poll_wait{20};

/// When the account was last heard of, for after a restart.
net::awaitable<void> keep_heard(Inlet inlet, ChannelId channel) {
    Bookmark mark{channel, heard_mark, std::to_string(to_millis(inlet.clock()))};
    co_await inlet.store.keep(std::move(mark));
}

net::awaitable<void> recall_heard(std::shared_ptr<Link> link, Inlet inlet) {
    ChannelId const channel = link->settings().id;
    auto const stored = co_await inlet.store.bookmark(channel, heard_mark);
    std::int64_t millis = 0;
    if (stored) std::from_chars(stored->data(), stored->data() + stored->size(), millis);
    if (millis > 0 && !link->lost_since) link->lost_since = from_millis(millis);
}

Action history_of(Peer const& peer) {
    bool const group = peer.kind == Peer::Kind::group;
    Action action;
    action.name = group ? "get_group_msg_history" : "get_friend_msg_history";
    std::int64_t id = 0;
    std::from_chars(peer.id.data(), peer.id.data() + peer.id.size(), id);
    action.params = {{group ? "group_id" : "user_id", id}, {"count", most_messages}};
    return action;
}

/// OneBot delivers at most once: what came while nobody was connected is asked for where the implementation has a history, else it is lost.
net::awaitable<void> catch_up(std::shared_ptr<Link> link, Inlet inlet, Timestamp since) {
    auto const& settings = link->settings();
    Timestamp const now = inlet.clock();
    log_warn("onebot_gap", {{"channel", settings.id.value}, {"seconds", (now - since).count() / 1000}});
    inlet.services()->health->went_wrong(settings.id, Trouble::gap, "nobody was connected since " + to_rfc3339(since), now);
    if (!settings.onebot.history || settings.onebot.version != OneBotVersion::v11) co_return;
    // With two connections the one for actions may come a moment later.
    for (int looks = 0; looks < 20 && !link->can_ask(); ++looks) {
        bool const slept = co_await sleep_for(look_every);
        if (!slept) co_return;
    }
    ConversationFilter filter;
    filter.channel = settings.id.value;
    filter.limit = most_conversations;
    filter.newest_first = true;
    auto const views = co_await inlet.store.list(std::move(filter));
    if (!views) co_return;
    std::size_t found = 0;
    for (auto const& view : *views) {
        auto const peer = read_peer(view.conversation.sender);
        if (!peer) continue;
        Action action = history_of(*peer);
        std::string const name = action.name;
        if (link->unknown_actions.contains(name)) continue;
        auto const reply = co_await link->ask(std::move(action), history_limit);
        if (!reply || link->retired()) break;
        if (is_unknown_action(*reply)) {
            link->unknown_actions.insert(name);
            continue;
        }
        std::vector<Arrival> arrivals;
        found += link->take_history(reply->data, since - overlap, arrivals);
        if (!arrivals.empty()) co_await store(inlet, link->settings().id, std::move(arrivals));
    }
    log_info("onebot_caught_up", {{"channel", link->settings().id.value}, {"messages", found}});
}

/// `refused` outlives the connection: the implementation does not want our token.
net::awaitable<void> serve_dialled(std::shared_ptr<Link> link, Inlet inlet, Role role, std::shared_ptr<WebSocket> socket, std::shared_ptr<bool> refused) {
    co_await serve(link, std::move(inlet), role, std::move(socket));
    *refused = std::exchange(link->token_refused, false);
}

/// In the link's list of addresses that a task looks after.
struct Listed {
    std::shared_ptr<Link> link;
    std::string address;
    ~Listed() { link->dialling.erase(address); }
};

bool polls(Link const& link) {
    auto const& onebot = link.settings().onebot;
    return !link.retired() && onebot.version == OneBotVersion::v12 && onebot.connect.empty() && !onebot.api.empty() &&
           !link.unknown_actions.contains(latest_events);
}

/// v12 over HTTP: where there is no webhook, events wait in the implementation's buffer (onebot-12 `connect/communication/http.md`), if it has one.
net::awaitable<void> poll(std::shared_ptr<Link> link, Inlet inlet, std::string address) {
    Listed const listed{link, address};
    int failures = 0;
    while (polls(*link) && address == link->settings().onebot.api) {
        Action latest;
        latest.name = latest_events;
        latest.params = {{"limit", most_polled}, {"timeout", poll_wait.count()}};
        auto const reply = co_await link->ask(std::move(latest), poll_wait + history_limit);
        if (reply && is_unknown_action(*reply)) {
            link->unknown_actions.insert(latest_events);
            co_return;
        }
        if (link->retired()) co_return;
        auto const* events = reply && reply->ok() ? reply->data.if_array() : nullptr;
        std::vector<Arrival> arrivals;
        for (std::size_t i = 0; events != nullptr && i < events->size(); ++i)
            if (auto const taken = link->take(json::serialize((*events)[i]), nullptr, arrivals); !taken) note_unreadable(inlet, *link, taken.error());
        failures = events != nullptr ? 0 : failures + 1;
        if (!arrivals.empty()) {
            ChannelId const channel = link->settings().id;
            auto wait_on = [link] { return !link->retired(); };
            bool const stored = co_await store_at_last(inlet, channel, std::move(arrivals), std::move(wait_on));
            if (!stored) co_return;
        } else {
            auto const wait = backoff_after(std::max(failures, 1), random_share(), redial);
            bool const slept = co_await sleep_for(wait);
            if (!slept) co_return;
        }
    }
}

net::awaitable<void> dial(std::shared_ptr<Link> link, Inlet inlet, std::string address, Role role) {
    Listed const listed{link, address};
    auto const wanted = [&] {
        auto const& onebot = link->settings().onebot;
        return !link->retired() && address == (role == Role::events ? onebot.connect_events : onebot.connect);
    };
    auto const executor = co_await this_coro::executor;
    int failures = 0;
    while (wanted()) {
        auto const& settings = link->settings();
        WebSocketDial target;
        target.url = address;
        target.timeout = settings.send.connect;
        if (!settings.onebot.tokens.empty()) target.headers.set("Authorization", "Bearer " + settings.onebot.tokens.front().reveal());
        WebSocketUpgrade upgrade;
        upgrade.limits.max_message = settings.onebot.max_frame;
        upgrade.limits.max_unread = most_unread;
        upgrade.limits.max_unsent = settings.onebot.max_frame;
        upgrade.limits.heartbeat = 30s;
        upgrade.home = executor;
        auto const refused = std::make_shared<bool>(false);
        upgrade.serve = [link, inlet, role, refused](std::shared_ptr<WebSocket> socket) {
            return serve_dialled(link, inlet, role, std::move(socket), refused);
        };
        auto const began = std::chrono::steady_clock::now();
        auto const served = co_await dial_websocket(link->http(), std::move(target), std::move(upgrade));
        if (!served && served.error().code == Errc::cancelled) co_return;
        if (!served) log_warn("onebot_not_connected", {{"channel", link->settings().id.value}, {"why", served.error().message}});
        bool const token = *refused || (!served && served.error().code == Errc::unauthorized);
        if (token && !*refused) log_error("onebot_token_refused", {{"channel", link->settings().id.value}, {"why", served.error().message}});
        failures = served && std::chrono::steady_clock::now() - began > lasted_long ? 1 : failures + 1;
        auto const wait = token ? after_refusal : backoff_after(failures, random_share(), redial);
        bool const slept = co_await sleep_for(wait);
        if (!slept) co_return;
    }
}

}  // namespace

void note_unreadable(Inlet const& inlet, Link const& link, Error const& error) {
    note_refused(*inlet.services(), inlet.counts, link.settings().id, Trouble::unreadable, error.message, inlet.clock());
}

net::awaitable<Result<void>> store(Inlet inlet, ChannelId channel, std::vector<Arrival> arrivals) {
    auto const applied = co_await inlet.store.apply(std::move(arrivals));
    note_stored(*inlet.services(), inlet.counts, channel, applied, inlet.clock());
    if (!applied) co_return applied.error();
    co_return Result<void>{};
}

net::awaitable<void> serve(std::shared_ptr<Link> link, Inlet inlet, Role role, std::shared_ptr<WebSocket> socket) {
    if (link->retired()) co_return socket->close(close_code::going_away, "the channel is gone");
    auto const line = link->open(role, socket);
    struct Leave {
        Link& link;
        std::shared_ptr<Line> const& line;
        ~Leave() { link.leave(line); }
    };
    Leave const leave{*link, line};
    ChannelId const channel = link->settings().id;
    if (inlet.tasks != nullptr && role != Role::events) inlet.tasks->spawn("onebot probe " + channel.value, link->probe(true));
    auto const lost_since = role == Role::actions ? std::nullopt : std::exchange(link->lost_since, std::nullopt);
    if (inlet.tasks != nullptr && lost_since) inlet.tasks->spawn("onebot history " + channel.value, catch_up(link, inlet, *lost_since));
    auto kept_at = std::chrono::steady_clock::now();
    while (true) {
        auto const messages = co_await socket->receive();
        if (link->retired() || (messages.empty() && (socket->ended() || socket->ending()))) break;
        std::vector<Arrival> arrivals;
        for (auto const& message : messages) {
            auto const taken = link->take(message, line.get(), arrivals);
            if (!taken && !std::exchange(line->told_bad_frame, true))
                log_warn("onebot_frame_unreadable", {{"channel", channel.value}, {"remote", socket->remote()}, {"why", taken.error().message}});
            if (!taken) note_unreadable(inlet, *link, taken.error());
        }
        if (!arrivals.empty()) {
            auto wait_on = [socket, link] { return !socket->ending() && !link->retired(); };
            bool const stored = co_await store_at_last(inlet, channel, std::move(arrivals), std::move(wait_on));
            if (!stored) break;  // lost here, which the gap after the restart shows
        }
        if (role == Role::actions || std::chrono::steady_clock::now() - kept_at < keep_heard_every) continue;
        kept_at = std::chrono::steady_clock::now();
        co_await keep_heard(inlet, channel);
    }
    if (role != Role::actions) co_await keep_heard(inlet, channel);
}

net::awaitable<void> attend(std::shared_ptr<Link> link, Inlet inlet) {
    co_await recall_heard(link, inlet);
    while (!link->retired()) {
        auto const& onebot = link->settings().onebot;
        for (auto const& [address, role] :
             {std::pair{onebot.connect, onebot.connect_events.empty() ? Role::both : Role::actions}, {onebot.connect_events, Role::events}}) {
            if (address.empty() || !link->dialling.insert(address).second) continue;
            inlet.tasks->spawn("onebot " + link->settings().id.value, dial(link, inlet, address, role));
        }
        if (polls(*link) && link->dialling.insert(onebot.api).second)
            inlet.tasks->spawn("onebot poll " + link->settings().id.value, poll(link, inlet, onebot.api));
        if (link->tick()) inlet.tasks->spawn("onebot probe " + link->settings().id.value, link->probe(false));
        bool const slept = co_await sleep_for(look_every);
        if (!slept) co_return;
    }
}

}  // namespace kefu::onebot
