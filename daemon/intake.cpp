// SPDX-License-Identifier: Apache-2.0
#include "daemon/intake.hpp"

#include "daemon/log.hpp"

#include <utility>

namespace kefu {

namespace {

/// What the connectors on one path make of a request.
struct Reading {
    Connector const* connector = nullptr;  ///< whose signature fitted
    Result<Parsed> parsed = Error{Errc::unauthorized, "no signature matches"};
};

Reading read(std::vector<Connector*> const& connectors, Request const& request, Timestamp now) {
    Reading reading;
    for (Connector const* connector : connectors) {
        auto parsed = connector->parse(request, now);
        if (!parsed && parsed.error().code == Errc::unauthorized) continue;
        // Signed for this account's secret but addressed to another one: perhaps the next connector's.
        bool const elsewhere = !parsed && parsed.error().code == Errc::not_found;
        reading = {connector, std::move(parsed)};
        if (!elsewhere) break;
    }
    return reading;
}

std::vector<Arrival> arrivals_of(Parsed parsed, ChannelId const& channel, Timestamp now) {
    std::vector<Arrival> batch;
    batch.reserve(parsed.events.size());
    for (auto& event : parsed.events) {
        Arrival arrival;
        arrival.channel = channel;
        arrival.conversation = std::move(event.conversation);
        arrival.sender = std::move(event.sender);
        arrival.event_id = std::move(event.event_id);
        arrival.event = std::move(event.event);
        arrival.occurred_at = event.occurred_at;
        arrival.received_at = now;
        arrival.raw = std::move(event.raw);
        batch.push_back(std::move(arrival));
    }
    return batch;
}

}  // namespace

net::awaitable<Response> take_webhook(ServicesPtr services, std::string path, Request request, Store& store, Clock const& clock, IntakeCounts& counts) {
    ++counts.requests;
    Timestamp const now = clock();
    auto const connectors = services->by_path.find(path);
    if (connectors == services->by_path.end()) co_return problem(404, "No such channel", "A reload has just taken this path away.");
    Reading reading = read(connectors->second, request, now);
    if (!reading.parsed) {
        Error const& error = reading.parsed.error();
        if (error.code == Errc::not_found) {
            // LINE and its like must get 200, or they repeat for ever what will never fit.
            log_warn("webhook_for_unknown_account", {{"path", path}, {"why", error.message}});
            ++counts.ignored;
            co_return text_response("");
        }
        ++counts.refused;
        bool const unsigned_request = error.code == Errc::unauthorized;
        log_warn("webhook_refused", {{"path", path}, {"remote", request.remote}, {"bytes", request.body.size()}, {"why", error.message}});
        Response refused = unsigned_request ? text_response("", 401) : problem(400, "The webhook body cannot be read", error.message);
        co_return refused;
    }
    ChannelId const channel = reading.connector->channel();
    for (auto const& kind : reading.parsed->ignored) {
        ++counts.ignored;
        log_debug("webhook_event_ignored", {{"channel", channel.value}, {"kind", kind}});
    }
    if (reading.parsed->events.empty()) co_return text_response("");  // the platform's "verify" button

    std::vector<Arrival> batch = arrivals_of(std::move(*reading.parsed), channel, now);
    std::size_t const size = batch.size();
    auto const applied = co_await store.apply(std::move(batch));
    if (!applied) {
        ++counts.unavailable;
        log_error("webhook_not_stored", {{"channel", channel.value}, {"events", size}, {"why", applied.error().message}});
        Response busy = problem(503, "Not stored", "The message is not on disk; send it again later.");
        busy.headers.set("Retry-After", "5");
        co_return busy;
    }
    for (auto const& one : *applied) {
        ++counts.events;
        if (one.duplicate) ++counts.duplicates;
    }
    co_return text_response("");
}

}  // namespace kefu
