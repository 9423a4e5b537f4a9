// SPDX-License-Identifier: Apache-2.0
#include "daemon/intake.hpp"

#include "daemon/log.hpp"
#include "daemon/net/backoff.hpp"
#include "daemon/net/deadline.hpp"

#include <chrono>
#include <utility>

namespace kefu {

namespace {

/// What the connectors on one path make of a request.
struct Reading {
    std::vector<std::pair<Connector const*, Parsed>> taken;  ///< by whom, in their order
    Error why_not{Errc::unauthorized, "no signature matches"};
};

Reading read(std::vector<Connector*> const& connectors, Request const& request, Timestamp now) {
    Reading reading;
    for (Connector const* connector : connectors) {
        auto parsed = connector->parse(request, now);
        if (!parsed && parsed.error().code == Errc::unauthorized) continue;
        if (!parsed) {
            reading.why_not = parsed.error();
            // Signed for this account's secret but addressed to another one: perhaps the next connector's.
            if (parsed.error().code == Errc::not_found) continue;
            break;
        }
        bool const go_on = parsed->for_others_too;
        reading.taken.emplace_back(connector, std::move(*parsed));
        if (!go_on) break;
    }
    return reading;
}

}  // namespace

Arrival arrival_of(ChannelId const& channel, InboundEvent event, Timestamp now) {
    Arrival arrival;
    arrival.channel = channel;
    arrival.conversation = std::move(event.conversation);
    arrival.sender = std::move(event.sender);
    arrival.event_id = std::move(event.event_id);
    arrival.event = std::move(event.event);
    arrival.occurred_at = event.occurred_at;
    arrival.received_at = now;
    arrival.raw = std::move(event.raw);
    return arrival;
}

Arrival arrival_in(Conversation const& conversation, Event event, Timestamp now) {
    return arrival_of(conversation.channel, {conversation.id, conversation.sender, {}, std::move(event), now, {}}, now);
}

void note_stored(Services const& services, IntakeCounts& counts, ChannelId const& channel, Result<std::vector<Applied>> const& applied, Timestamp now) {
    if (!applied) {
        ++counts.unavailable;
        services.health->went_wrong(channel, Trouble::not_stored, applied.error().message, now);
        return;
    }
    for (auto const& one : *applied) {
        ++counts.events;
        if (one.duplicate) ++counts.duplicates;
    }
    services.health->came_in(channel, now);
}

void note_refused(Services const& services, IntakeCounts& counts, ChannelId const& channel, Trouble trouble, std::string why, Timestamp now) {
    ++counts.refused;
    services.health->went_wrong(channel, trouble, std::move(why), now);
}

net::awaitable<bool> store_at_last(Inlet inlet, ChannelId channel, std::vector<Arrival> arrivals, std::function<bool()> wait_on) {
    constexpr Backoff pauses{std::chrono::milliseconds{100}, std::chrono::seconds{5}};
    for (int tries = 1;; ++tries) {
        auto batch = arrivals;
        auto const applied = co_await inlet.store.apply(std::move(batch));
        note_stored(*inlet.services(), inlet.counts, channel, applied, inlet.clock());
        if (applied) co_return true;
        log_error("events_not_stored", {{"channel", channel.value}, {"events", arrivals.size()}, {"why", applied.error().message}});
        if (!wait_on()) co_return false;
        auto const pause = backoff_after(tries, 1.0, pauses);
        bool const slept = co_await sleep_for(pause);
        if (!slept) co_return false;
    }
}

net::awaitable<Response> take_webhook(ServicesPtr services, std::string path, Request request, Store& store, Clock const& clock, IntakeCounts& counts) {
    ++counts.requests;
    auto const started = std::chrono::steady_clock::now();
    Timestamp const now = clock();
    auto const connectors = services->by_path.find(path);
    if (connectors == services->by_path.end()) co_return problem(404, "No such channel", "A reload has just taken this path away.");
    Reading reading = read(connectors->second, request, now);
    if (reading.taken.empty()) {
        Error const& error = reading.why_not;
        if (error.code == Errc::not_found) {
            // LINE and its like must get 200, or they repeat for ever what will never fit.
            log_warn("webhook_for_unknown_account", {{"path", path}, {"why", error.message}});
            ++counts.ignored;
            co_return text_response("");
        }
        bool const unsigned_request = error.code == Errc::unauthorized;
        note_refused(*services, counts, connectors->second.front()->channel(), unsigned_request ? Trouble::signature : Trouble::unreadable, error.message, now);
        log_warn("webhook_refused", {{"path", path}, {"remote", request.remote}, {"bytes", request.body.size()}, {"why", error.message}});
        Response refused = unsigned_request ? text_response("", 401) : problem(400, "The webhook body cannot be read", error.message);
        co_return refused;
    }
    ChannelId const channel = reading.taken.front().first->channel();
    std::vector<Arrival> batch;
    Response answer = text_response("");
    for (auto& [connector, parsed] : reading.taken) {
        for (auto const& kind : parsed.ignored) {
            ++counts.ignored;
            log_debug("webhook_event_ignored", {{"channel", connector->channel().value}, {"kind", kind}});
        }
        if (!parsed.answer.empty()) answer = json_response(std::move(parsed.answer));
        for (auto& event : parsed.events) batch.push_back(arrival_of(connector->channel(), std::move(event), now));
    }
    if (batch.empty()) co_return answer;  // the platform's "verify" button

    std::size_t const size = batch.size();
    auto const applied = co_await store.apply(std::move(batch));
    note_stored(*services, counts, channel, applied, now);
    if (!applied) {
        log_error("webhook_not_stored", {{"channel", channel.value}, {"events", size}, {"why", applied.error().message}});
        Response busy = problem(503, "Not stored", "The message is not on disk; send it again later.");
        busy.headers.set("Retry-After", "5");
        co_return busy;
    }
    std::chrono::duration<double> const took = std::chrono::steady_clock::now() - started;
    services->metrics->webhook_stored.of().Observe(took.count());
    services->metrics->webhook_events.of().Observe(static_cast<double>(size));
    for (auto const& [connector, parsed] : reading.taken) services->health->came_in(connector->channel(), now);
    co_return answer;
}

}  // namespace kefu
