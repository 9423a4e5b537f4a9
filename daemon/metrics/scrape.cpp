// SPDX-License-Identifier: Apache-2.0
#include "daemon/metrics/scrape.hpp"

#include "daemon/crypto.hpp"
#include "daemon/http/message.hpp"
#include "daemon/metrics/metrics.hpp"
#include "daemon/version.hpp"

#include <sys/resource.h>

#include <unistd.h>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace kefu {

namespace {

using ContextPtr = std::shared_ptr<ApiContext const>;

double seconds(Timestamp at) { return static_cast<double>(to_millis(at)) / 1000; }
double age(std::optional<Timestamp> const& since, Timestamp now) { return since && *since < now ? seconds(Timestamp{now - *since}) : 0; }
double value_of(std::uint64_t count) { return static_cast<double>(count); }

/// What is counted elsewhere begins at nothing for each scrape.
void set(SampledCounterFamily& family, std::uint64_t count, std::string_view first = {}, std::string_view second = {}) {
    family.of(first, second).Set(value_of(count));
}

void sample_intake(Metrics& metrics, IntakeCounts const& counts) {
    set(metrics.requests, counts.requests);
    set(metrics.requests_refused, counts.refused);
    set(metrics.requests_unavailable, counts.unavailable);
    set(metrics.events, counts.events);
    set(metrics.duplicates, counts.duplicates);
    set(metrics.ignored, counts.ignored);
}

void sample_sends(Metrics& metrics, DispatchCounts const& counts) {
    set(metrics.sends, counts.delivered, "delivered");
    set(metrics.sends, counts.refused, "refused");
    set(metrics.sends, counts.unknown, "unknown");
    set(metrics.sends, counts.retried, "retried");
}

void sample_store(Metrics& metrics, StoreCounts const& counts, Timestamp now) {
    metrics.outbox.of("pending").Set(value_of(counts.outbox_pending));
    metrics.outbox.of("in_flight").Set(value_of(counts.outbox_in_flight));
    metrics.outbox.of("dead").Set(value_of(counts.outbox_dead));
    metrics.outbox_age.of().Set(age(counts.oldest_pending, now));
    set(metrics.journaled, counts.journaled);
    metrics.conversations.of().Set(value_of(counts.conversations));
    metrics.escalations_open.of().Set(value_of(counts.escalations_open));
    metrics.escalations_age.of().Set(age(counts.oldest_escalation, now));
}

void sample_channel(Metrics& metrics, ChannelSettings const& channel, ChannelRecord const& record, Timestamp now) {
    auto const& id = channel.id.value;
    metrics.channel_state.of(id).Set(static_cast<double>(assess(channel, record, now).state));
    if (record.last_in) metrics.channel_last_in.of(id).Set(seconds(*record.last_in));
    if (record.last_out) metrics.channel_last_out.of(id).Set(seconds(*record.last_out));
    for (std::size_t i = 0; i < trouble_names.size(); ++i) {
        auto const found = record.errors.find(static_cast<Trouble>(i));
        set(metrics.channel_errors, found == record.errors.end() ? 0 : found->second.count, id, trouble_names[i]);
    }
    auto const& account = record.account;
    if (account.connected) set(metrics.channel_connects, account.connects, id);
    if (channel.type == ChannelType::web_chat) set(metrics.channel_rate_limited, account.rate_limited, id);
    if (account.quota && account.quota->limit) metrics.quota_limit.of(id).Set(static_cast<double>(*account.quota->limit));
    if (account.quota) metrics.quota_used.of(id).Set(static_cast<double>(std::max(account.quota->used, account.quota->to_customers + account.quota->to_team)));
    if (account.token_until) metrics.token_expiry.of(id).Set(seconds(*account.token_until));
}

void sample_http(Metrics& metrics, HttpClientCounts const& counts) {
    set(metrics.http_requests, counts.answers, "answered");
    set(metrics.http_requests, counts.unsent, "unsent");
    set(metrics.http_requests, counts.timeouts, "timed_out");
    set(metrics.http_requests, counts.refused, "refused");
    set(metrics.http_requests, counts.left_alone, "left_alone");
    set(metrics.http_connections, counts.connections);
}

/// What has not happened yet counts 0: a rate needs something to begin with.
void show_zeroes(Metrics& metrics, Settings const& settings) {
    for (auto const* result : {"done", "refused"}) metrics.reloads.of(result);
    for (auto const* author : {"bot", "agent"}) metrics.guard_blocks.of(author);
    for (auto const& channel : settings.channels) {
        metrics.messages.of(channel.id.value);
        metrics.deadlines_missed.of(channel.id.value);
    }
}

void sample_process(Metrics& metrics) {
    metrics.build.of(program_version()).Set(1);
    rusage used{};
    if (::getrusage(RUSAGE_SELF, &used) == 0) {
        auto const in_seconds = [](timeval const& time) { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6; };
        metrics.cpu.of().Set(in_seconds(used.ru_utime) + in_seconds(used.ru_stime));
    }
    std::ifstream pages{"/proc/self/statm"};
    if (double all = 0, resident = 0; pages >> all >> resident) metrics.memory.of().Set(resident * static_cast<double>(::sysconf(_SC_PAGESIZE)));
    std::error_code unreadable;
    std::filesystem::directory_iterator const open{"/proc/self/fd", unreadable};
    if (!unreadable) metrics.files.of().Set(static_cast<double>(std::distance(begin(open), end(open))));
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) metrics.files_limit.of().Set(value_of(limit.rlim_cur));
}

/// Channels and pauses may be gone since the last time.
void forget_channels(Metrics& metrics) {
    metrics.paused.clear();
    metrics.channel_state.clear();
    metrics.channel_last_in.clear();
    metrics.channel_last_out.clear();
    metrics.channel_errors.clear();
    metrics.channel_connects.clear();
    metrics.channel_rate_limited.clear();
    metrics.quota_limit.clear();
    metrics.quota_used.clear();
    metrics.token_expiry.clear();
}

bool may_read(Request const& request, Secret const& token) {
    if (token.empty()) return true;
    return same_secret(hex(sha256(bearer_token(request))), hex(sha256(token.reveal())));  // equal lengths: how long it takes tells nothing
}

net::awaitable<Response> scrape(ContextPtr context, Request request) {
    ServicesPtr const services = context->services();
    auto const& settings = services->snapshot->settings;
    if (!may_read(request, settings.metrics.token)) {
        Response refused = problem(401, "Not signed in", "Send the token of metrics.token: Authorization: Bearer ...");
        refused.headers.set("WWW-Authenticate", "Bearer");
        co_return refused;
    }
    auto const counts = co_await context->store.counts();
    auto const pauses = co_await context->store.pauses();
    Timestamp const now = context->clock();
    Metrics& metrics = *services->metrics;
    std::lock_guard const one_at_a_time{metrics.scrape};
    forget_channels(metrics);
    show_zeroes(metrics, settings);
    sample_intake(metrics, context->intake);
    sample_sends(metrics, context->dispatch);
    metrics.store_up.of().Set(counts ? 1 : 0);
    if (counts) sample_store(metrics, *counts, now);
    if (pauses)
        for (auto const& pause : *pauses) metrics.paused.of(pause.channel).Set(1);
    for (auto const& channel : settings.channels) sample_channel(metrics, channel, services->health->of(channel.id, now), now);
    sample_http(metrics, *services->http);
    sample_process(metrics);
    Response response = text_response(metrics.list.text());
    response.headers.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    co_return response;
}

}  // namespace

void add_metrics(Router& router, ApiContext context) {
    auto const shared = std::make_shared<ApiContext const>(std::move(context));
    router.add("GET", "/metrics", [shared](Request request) { return scrape(shared, std::move(request)); });
}

}  // namespace kefu
