// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/bridge/desk.hpp"
#include "daemon/connect/webhooks/signature.hpp"
#include "daemon/crypto.hpp"
#include "daemon/intake.hpp"
#include "daemon/log.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

/// Bridges that cannot hold a WebSocket (protocol B10): signed requests bring events and results, sends are fetched by a long poll. Callbacks are in hub.cpp.
namespace kefu::bridge {

namespace json = boost::json;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t largest_body = std::size_t{1} << 20;
constexpr auto longest_poll = 60s;

Response refused(int status, std::string_view code, std::string_view message) {
    json::object const body{
        {"error", json::object{{"code", json::string_view{code.data(), code.size()}}, {"message", json::string_view{message.data(), message.size()}}}}};
    Response response = json_response(json::serialize(body), status);
    if (status == 503) response.headers.set("Retry-After", "5");
    return response;
}

struct Signer {
    std::shared_ptr<Hub> hub;
    std::string id;  ///< the webhook-id
    bool stale = false;
};

/// Whose secret signed this. Every one is tried.
Signer signer_of(Desk const& desk, Request const& request, Timestamp now) {
    Signer signer;
    for (auto const& hub : desk.hubs()) {
        auto const settings = hub->settings();
        auto const& secrets = settings->bridge.secrets;
        if (auto id = webhooks::verify(request.headers, request.body, secrets, now)) return {hub, std::move(*id), false};
    }
    std::int64_t seconds = 0;
    auto const text = request.headers.get("webhook-timestamp");
    auto const [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    auto const apart = seconds - to_millis(now) / 1000;
    signer.stale = wrong == std::errc{} && end == text.data() + text.size() && (apart > webhooks::tolerance.count() || apart < -webhooks::tolerance.count());
    return signer;
}

json::object ack(std::string_view id, std::string_view status, std::string_view code = {}) {
    json::object entry{{"id", json::string_view{id.data(), id.size()}}, {"status", json::string_view{status.data(), status.size()}}};
    if (!code.empty()) entry["code"] = json::string_view{code.data(), code.size()};
    return entry;
}

/// What a request's frames become, before anything is stored. `acks` of what goes to the store are filled in afterwards.
struct Work {
    json::array acks;
    std::vector<Arrival> arrivals;
    std::vector<std::size_t> arrival_acks;  ///< which ack is whose
    std::vector<ResultFrame> results;
    std::vector<EventFrame> status;
    std::vector<EventFrame> persons;
    std::size_t foreign = 0;
};

void take_event(Hub& hub, ReadFrame& read, Timestamp now, Work& work) {
    auto const& event = std::get<EventFrame>(read.frame);
    auto const settings = hub.settings();
    auto const& accounts = settings->bridge.accounts;
    if (std::find(accounts.begin(), accounts.end(), event.account) == accounts.end()) {
        ++work.foreign;
        return work.acks.push_back(ack(event.id, "rejected", "unknown_account"));
    }
    auto what = to_event(event);
    if (!what) {
        work.status.push_back(event);
        return work.acks.push_back(ack(event.id, "accepted"));
    }
    bool const ours = event.kind == EventKind::message && (event.role == Role::bot || event.role == Role::agent) && hub.is_own(event);
    if (std::holds_alternative<AgentActed>(*what)) {
        if (ours)
            what = Noted{"echo"};
        else
            work.persons.push_back(event);
    }
    work.arrival_acks.push_back(work.acks.size());
    work.acks.push_back(ack(event.id, "accepted"));
    work.arrivals.push_back(arrival_of(*hub.settings(), event, std::move(*what), std::move(read.raw), now));
}

net::awaitable<Response> take(Desk desk, Request request) {
    Timestamp const now = desk.inlet.clock();
    if (request.body.size() > largest_body) co_return refused(413, "too_large", "at most 1 MiB and 100 frames");
    auto const signer = signer_of(desk, request, now);
    if (!signer.hub) {
        auto const hubs = desk.hubs();
        ChannelId const channel{hubs.empty() ? std::string{} : hubs.front()->settings()->id.value};
        note_refused(*desk.inlet.services(), desk.inlet.counts, channel, Trouble::signature, signer.stale ? "an old timestamp" : "a wrong signature", now);
        log_warn("webhook_refused", {{"path", request.path}, {"remote", request.remote}, {"why", signer.stale ? "stale_timestamp" : "bad_signature"}});
        co_return refused(401, signer.stale ? "stale_timestamp" : "bad_signature", "sign the body as Standard Webhooks, with a fresh webhook-timestamp");
    }
    auto batch = read_batch(request.body);
    if (!batch) co_return refused(400, "malformed", batch.error().message);
    if (batch->protocol != protocol_version) co_return refused(400, "protocol_unsupported", "this kefud speaks version 1");
    auto& hub = *signer.hub;
    if (!hub.is_same_request(signer.id, hex(sha256(request.body)))) co_return refused(409, "id_conflict", "this webhook-id came with another body before");

    Work work;
    for (auto& reading : batch->frames) {
        auto const* refusal = std::get_if<Refusal>(&reading);
        auto* read = std::get_if<ReadFrame>(&reading);
        if (refusal != nullptr) {
            work.acks.push_back(ack(refusal->id, "rejected", refusal->code == "malformed" ? "bad_frame" : refusal->code));
        } else if (auto* result = std::get_if<ResultFrame>(&read->frame)) {
            work.acks.push_back(ack(result->id, "accepted"));
            work.results.push_back(std::move(*result));
        } else if (std::holds_alternative<EventFrame>(read->frame)) {
            take_event(hub, *read, now, work);
        } else {
            work.acks.push_back(ack({}, "rejected", "unsupported_event"));
        }
    }
    if (work.foreign > 0 && work.foreign == work.acks.size()) co_return refused(403, "unknown_account", "none of these accounts is this bridge's");
    if (!work.arrivals.empty()) {
        auto const applied = co_await desk.inlet.store.apply(std::move(work.arrivals));
        note_stored(*desk.inlet.services(), desk.inlet.counts, hub.settings()->id, applied, now);
        if (!applied) {
            co_return refused(503, "unavailable", "not stored; send it again later");
        }
        for (std::size_t i = 0; i < applied->size(); ++i) {
            if (!(*applied)[i].duplicate) continue;
            work.acks[work.arrival_acks[i]].as_object()["status"] = "duplicate";
        }
    }
    for (auto const& person : work.persons) hub.cancel(person.account, person.conversation);
    for (auto const& status : work.status) hub.set_online(status.account, status.online);
    for (auto& result : work.results) hub.take(std::move(result));
    json::object const body{{"ack", std::move(work.acks)}};
    co_return json_response(json::serialize(body));
}

net::awaitable<Response> poll(Desk desk, Request request) {
    auto const hub = desk.hub_of(bearer_token(request));
    if (!hub) co_return refused(401, "auth_failed", "send 'Authorization: Bearer TOKEN'");
    std::string const account = request.query["account"];
    auto const settings = hub->settings();
    auto const& accounts = settings->bridge.accounts;
    if (std::find(accounts.begin(), accounts.end(), account) == accounts.end()) co_return refused(403, "unknown_account", "this account is not this bridge's");
    int seconds = 0;
    std::string const wait = request.query["wait"];
    std::from_chars(wait.data(), wait.data() + wait.size(), seconds);
    auto const limit = std::clamp<std::chrono::seconds>(std::chrono::seconds{seconds}, 0s, longest_poll);
    auto const sends = co_await hub->poll(account, limit);
    if (!sends) co_return refused(409, "account_conflict", sends.error().message);
    co_return json_response(write_sends(*sends, false));
}

/// The hub lives on the io thread; this request may have come in on another.
net::awaitable<Response> at_home(Desk desk, net::awaitable<Response> (*handler)(Desk, Request), Request request) {
    auto const home = desk.inlet.home;
    return on_home(home, handler(std::move(desk), std::move(request)));
}

}  // namespace

void add_webhook(Router& router, std::string const& base, Desk desk) {
    router.add("POST", base + "/events", [desk](Request request) { return at_home(desk, take, std::move(request)); });
    router.add("GET", base + "/sends", [desk](Request request) { return at_home(desk, poll, std::move(request)); });
}

}  // namespace kefu::bridge
