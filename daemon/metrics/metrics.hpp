// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/metrics/family.hpp"

#include <string>

namespace kefu {

/// Every metric of the daemon, each said once: name, help, labels. What /metrics tells and what docs/monitoring.md lists is made from it.
/// Names follow Prometheus' conventions (prometheus.io/docs/practices/naming). Labels are `channel` (configured ids), `tier` (of policy.yaml), `label` (the
/// five of classify) and words of ours: how many series there are does not depend on customers.
struct Metrics {
    MetricList list;

    // What customers wrote and what was decided; counted in the store's transaction, so one that has to be repeated counts twice.
    CounterFamily messages{list, {"kefud_messages_total", "Messages of customers that were journaled, without redeliveries", {"channel"}}};
    CounterFamily labels{list, {"kefud_message_labels_total", "Labels that messages were given; a message may have several or none", {"label"}}};
    CounterFamily decisions{
        list,
        {"kefud_decisions_total",
         "Decisions about what customers wrote: answered, holding (a person comes), draft (a person approves), escalated, with_person, silent",
         {"channel", "outcome"}}};
    CounterFamily escalations{list, {"kefud_escalations_total", "Hand-overs to people", {"tier", "reason"}}};
    CounterFamily deadlines_missed{list, {"kefud_deadlines_missed_total", "Times that were promised to a customer and passed without a person", {"channel"}}};
    CounterFamily guard_blocks{list, {"kefud_guard_blocks_total", "Texts that the guard held back, of the bot or of an agent", {"author"}}};

    // How long things take.
    HistogramFamily webhook_stored{list,
                                   {"kefud_webhook_stored_seconds",
                                    "From a webhook request to its messages being on disk",
                                    {},
                                    {.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5}}};
    HistogramFamily webhook_events{list, {"kefud_webhook_events", "Events in one webhook request", {}, {1, 2, 5, 10, 20, 50, 100}}};
    HistogramFamily answer{list,
                           {"kefud_answer_seconds",
                            "From the customer's newest message to the platform having the bot's answer, quiet window included",
                            {"channel"},
                            {.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 600}}};
    HistogramFamily decide{
        list,
        {"kefud_decide_seconds", "Understanding one event and deciding on it", {}, {.00001, .000025, .00005, .0001, .00025, .0005, .001, .0025, .01, .1}}};
    HistogramFamily commit{list,
                           {"kefud_store_commit_seconds",
                            "One transaction of the store, until it is on disk",
                            {},
                            {.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5}}};
    HistogramFamily commit_calls{list, {"kefud_store_commit_calls", "Calls that shared one transaction", {}, {1, 2, 5, 10, 20, 50, 100, 250, 500}}};

    // What else happened.
    CounterFamily reloads{list, {"kefud_reloads_total", "Reloads: done, or refused because of an error", {"result"}}};
    CounterFamily sign_ins_throttled{list, {"kefud_sign_ins_throttled_total", "Tries to sign in that came too fast and were not looked at"}};

    // Requests that came in.
    SampledCounterFamily requests{list, {"kefud_webhook_requests_total", "Webhook requests"}};
    SampledCounterFamily requests_refused{list, {"kefud_webhook_requests_refused_total", "Webhook requests with a wrong signature or an unreadable body"}};
    SampledCounterFamily requests_unavailable{list, {"kefud_webhook_requests_unavailable_total", "Webhook requests and frames that could not be stored"}};
    SampledCounterFamily events{list, {"kefud_events_total", "Events that platforms delivered, redeliveries included"}};
    SampledCounterFamily duplicates{list, {"kefud_events_duplicate_total", "Events that were known already"}};
    SampledCounterFamily ignored{list, {"kefud_events_ignored_total", "Events of a kind that needs nothing, or for an account that is not configured"}};

    // Sends.
    SampledCounterFamily sends{list, {"kefud_sends_total", "Tries to send by their end: delivered, refused, unknown, retried", {"outcome"}}};
    GaugeFamily outbox{list, {"kefud_outbox_items", "Work in the outbox: pending, in_flight, dead (refused or unknown, nobody has looked yet)", {"state"}}};
    GaugeFamily outbox_age{list, {"kefud_outbox_oldest_pending_seconds", "Age of the oldest work that is not done; 0: there is none"}};
    GaugeFamily paused{list, {"kefud_paused", "1 for what is paused; * is everything", {"channel"}}};

    // The store.
    GaugeFamily store_up{list, {"kefud_store_up", "Whether the store answers"}};
    SampledCounterFamily journaled{list, {"kefud_journal_events_total", "Events in the journal since its beginning"}};
    GaugeFamily conversations{list, {"kefud_conversations", "Conversations known"}};
    GaugeFamily escalations_open{list, {"kefud_escalations_open", "Hand-overs that are not resolved"}};
    GaugeFamily escalations_age{list, {"kefud_escalations_oldest_open_seconds", "Age of the oldest hand-over that is not resolved; 0: there is none"}};

    // The self-watch (daemon/watch/).
    GaugeFamily watch_differences{
        list, {"kefud_watch_differences", "What was accepted and is neither answered, explained, with a person nor on its way: must be 0", {"difference"}}};
    GaugeFamily watch_lag{list, {"kefud_watch_lag_events", "Rows of the journal that the self-watch has yet to look at"}};

    // Channels.
    GaugeFamily channel_state{list, {"kefud_channel_state", "How a channel is: 0 ok, 1 needs attention, 2 down", {"channel"}}};
    GaugeFamily channel_last_in{list, {"kefud_channel_last_in_timestamp_seconds", "When something last came in", {"channel"}}};
    GaugeFamily channel_last_out{list, {"kefud_channel_last_out_timestamp_seconds", "When something last went out", {"channel"}}};
    SampledCounterFamily channel_errors{list, {"kefud_channel_errors_total", "What went wrong, by the kinds of GET /api/v1/channels", {"channel", "kind"}}};
    SampledCounterFamily channel_connects{list, {"kefud_channel_connects_total", "Connections of bridges and OneBot implementations", {"channel"}}};
    SampledCounterFamily channel_rate_limited{list, {"kefud_channel_rate_limited_total", "Messages and files of visitors that came too fast", {"channel"}}};
    GaugeFamily quota_limit{list, {"kefud_channel_quota_limit_messages", "Paid messages of this month", {"channel"}}};
    GaugeFamily quota_used{list, {"kefud_channel_quota_used_messages", "Paid messages used this month", {"channel"}}};
    GaugeFamily token_expiry{list, {"kefud_channel_token_expiry_timestamp_seconds", "When the access token in use ends", {"channel"}}};

    // Requests that go out.
    SampledCounterFamily http_requests{list,
                                       {"kefud_http_client_requests_total",
                                        "Requests to platforms, notifiers and shops: answered, unsent, timed_out, refused, left_alone (circuit breaker)",
                                        {"result"}}};
    SampledCounterFamily http_connections{list, {"kefud_http_client_connections_total", "Connections that were opened for them"}};

    // The process.
    GaugeFamily build{list, {"kefud_build_info", "1, with the version as its label", {"version"}}};
    GaugeFamily started{list, {"process_start_time_seconds", "When the daemon was started, since 1970"}};
    SampledCounterFamily cpu{list, {"process_cpu_seconds_total", "Processor time used"}};
    GaugeFamily memory{list, {"process_resident_memory_bytes", "Memory in use"}};
    GaugeFamily files{list, {"process_open_fds", "Open files and sockets"}};
    GaugeFamily files_limit{list, {"process_max_fds", "How many there may be"}};

    /// One scrape at a time fills what is sampled.
    std::mutex scrape;
};

/// docs/monitoring.md's table of them, in Markdown.
std::string metrics_page();

}  // namespace kefu
