// SPDX-License-Identifier: Apache-2.0
#include "daemon/health.hpp"
#include "daemon/log.hpp"
#include "daemon/notify/claim_link.hpp"
#include "daemon/outbox_work.hpp"

#include <utility>

/// Sends to customers and notices to people.
namespace kefu {

using namespace std::chrono_literals;

namespace {

constexpr auto answer_goes_stale = 10min;  // promise 8: a bot's answer that could not go out for this long is for people

/// How a try ended, for the health of its channel.
void note_end(ChannelHealth& health, ChannelId const& channel, SendResult const& sent, Timestamp now) {
    switch (sent.kind) {
        case SendResult::Kind::delivered:
            return health.went_out(channel, now);
        case SendResult::Kind::refused:
            return health.went_wrong(channel, Trouble::refused, sent.detail, now);
        case SendResult::Kind::unknown:
            return health.went_wrong(channel, Trouble::unknown, sent.detail, now);
        case SendResult::Kind::retry:
            return health.went_wrong(channel, Trouble::retried, sent.detail, now);
        case SendResult::Kind::hold:
            return health.went_wrong(channel, Trouble::held, sent.detail, now);
    }
}

}  // namespace

Connector* OutboxWork::connector(Services const& current, ChannelId const& channel) {
    auto const found = current.connectors.find(channel.value);
    return found == current.connectors.end() ? nullptr : found->second.get();
}

SendAttempt OutboxWork::attempt_of(OutboxItem const& item) const {
    SendAttempt attempt;
    attempt.number = item.attempts + 1;
    attempt.maybe_sent = item.maybe_sent;
    attempt.first_tried = item.attempts > 0 || item.maybe_sent ? item.first_tried : tools_.clock();
    return attempt;
}

net::awaitable<OutboxResult> OutboxWork::attempt(OutboxItem item) {
    ServicesPtr const current = tools_.services();
    OutboxResult result;
    switch (item.kind) {
        case OutboxItem::Kind::send:
            result = co_await send(current, std::move(item));
            break;
        case OutboxItem::Kind::fetch_profile:
            result = co_await fetch_profile(current, std::move(item));
            break;
        case OutboxItem::Kind::fetch_media:
            result = co_await fetch_media(current, std::move(item));
            break;
        case OutboxItem::Kind::notify:
            result = co_await notify(current, std::move(item));
            break;
        case OutboxItem::Kind::delete_media:
            result = co_await delete_media(std::move(item));
            break;
        case OutboxItem::Kind::look_up_order:
            result = co_await look_up_order(current, std::move(item));
            break;
        case OutboxItem::Kind::assign:
            result = co_await assign(current, std::move(item));
            break;
    }
    co_return result;
}

net::awaitable<OutboxResult> OutboxWork::send(ServicesPtr current, OutboxItem item) {
    OutboxResult result;
    Connector* const platform = connector(*current, item.channel);
    auto* const what = std::get_if<Send>(&item.effect);
    if (platform == nullptr || what == nullptr) {
        result = {OutboxResult::Kind::refused, "channel " + item.channel.value + " is not configured any more", {}, false, {}};
        co_return result;
    }
    SendAttempt const attempt = attempt_of(item);
    bool const by_bot = what->purpose != SendPurpose::agent;
    Timestamp const since = what->decided_at != Timestamp{} ? what->decided_at : attempt.first_tried;
    if (by_bot && tools_.clock() - since > answer_goes_stale) {
        result = {OutboxResult::Kind::refused, "not deliverable for 10 minutes; too old to send now", {}, false, {}};
        if (item.maybe_sent) result.kind = OutboxResult::Kind::unknown, result.detail = "no answer for 10 minutes whether it is out; too old to send again";
        co_return result;
    }
    std::string to = item.to;
    auto const wrote_at = by_bot ? what->customer_wrote_at : Timestamp{};
    auto const started = tools_.clock();
    SendResult const sent = co_await platform->send(std::move(to), std::move(*what), attempt);
    auto const took = (tools_.clock() - started).count();
    result.detail = sent.detail;
    note_end(*current->health, item.channel, sent, tools_.clock());
    if (sent.kind != SendResult::Kind::hold) told_held_.erase(item.id.value);
    switch (sent.kind) {
        case SendResult::Kind::delivered:
            ++counts_.delivered;
            if (wrote_at != Timestamp{})
                current->metrics->answer.of(item.channel.value).Observe(std::chrono::duration<double>(tools_.clock() - wrote_at).count());
            log_info("reply_sent",
                     {{"effect", item.id.value}, {"channel", item.channel.value}, {"took_ms", took}, {"try", attempt.number}, {"detail", sent.detail}});
            break;
        case SendResult::Kind::refused:
            ++counts_.refused;
            result.kind = OutboxResult::Kind::refused;
            if (sent.unreachable) result.consequence = Unreachable{sent.detail};
            log_warn("reply_refused", {{"effect", item.id.value}, {"channel", item.channel.value}, {"why", sent.detail}});
            break;
        case SendResult::Kind::unknown:
            ++counts_.unknown;
            result.kind = OutboxResult::Kind::unknown;
            log_warn("reply_outcome_unknown", {{"effect", item.id.value}, {"channel", item.channel.value}, {"why", sent.detail}});
            break;
        case SendResult::Kind::hold:
            log_error("channel_cannot_send", {{"channel", item.channel.value}, {"why", sent.detail}});
            if (told_held_.insert(item.id.value).second) result.consequence = SendHeld{item.id, sent.detail};
            [[fallthrough]];
        case SendResult::Kind::retry:
            ++counts_.retried;
            result.kind = OutboxResult::Kind::retry;
            result.retry_at = tools_.clock() + sent.after;
            result.maybe_sent = sent.maybe_sent;
            result.handle_spent = sent.handle_spent;
            log_warn("reply_will_be_repeated",
                     {{"effect", item.id.value}, {"channel", item.channel.value}, {"in_ms", sent.after.count()}, {"why", sent.detail}});
            break;
    }
    co_return result;
}

net::awaitable<OutboxResult> OutboxWork::notify(ServicesPtr current, OutboxItem item) {
    OutboxResult result;
    auto const found = current->notifiers.find(item.to);
    if (found == current->notifiers.end()) {
        result = {OutboxResult::Kind::refused, "notifier " + item.to + " is not configured any more", {}, false, {}};
        co_return result;
    }
    auto view = co_await tools_.store.view(item.conversation, 20);
    if (!view || !*view) {
        result.kind = OutboxResult::Kind::retry;
        result.detail = view ? "the conversation is gone" : view.error().message;
        if (view) result.kind = OutboxResult::Kind::refused;
        co_return result;
    }
    Notice notice;
    notice.id = item.id;
    notice.view = std::move(**view);
    for (auto const& row : notice.view.escalations)
        if (row.id == item.escalation) notice.escalation = row;
    if (auto const* told = std::get_if<TellAgents>(&item.effect)) notice.kind = Notice::Kind::told, notice.what = told->what;
    if (auto const* done = std::get_if<CloseEscalation>(&item.effect)) notice.kind = Notice::Kind::resolved, notice.what = done->why;
    notice.time_zone = current->snapshot->settings.shop.time_zone;
    std::string const& url = current->snapshot->settings.public_url;
    if (!url.empty()) notice.link = url + "/#/conversation/" + item.conversation.value;
    bool const to_take = notice.kind == Notice::Kind::escalated && notice.escalation && !notice.escalation->closed_at && notice.escalation->claimed_by.empty();
    if (!url.empty() && to_take && !current->claim_key.empty()) {
        Claim claim;
        claim.conversation = item.conversation;
        claim.escalation = item.escalation;
        claim.team = notice.escalation->what.tier;
        claim.locale = locale_of_notifier(current->snapshot->settings, item.to);
        claim.until = tools_.clock() + claim_life;
        notice.claim_link = url + "/claim?t=" + claim_token(claim, current->claim_key);
    }
    SendAttempt const attempt = attempt_of(item);
    SendResult const sent = co_await found->second->notify(std::move(notice), attempt);
    result.detail = sent.detail;
    if (sent.kind == SendResult::Kind::refused) result.kind = OutboxResult::Kind::refused;
    if (sent.kind == SendResult::Kind::unknown) result.kind = OutboxResult::Kind::unknown;
    if (sent.kind == SendResult::Kind::retry || sent.kind == SendResult::Kind::hold) {
        result.kind = OutboxResult::Kind::retry;
        result.retry_at = tools_.clock() + sent.after;
        result.maybe_sent = sent.maybe_sent;
    }
    if (sent.kind == SendResult::Kind::delivered)
        log_info("people_told", {{"notifier", item.to}, {"conversation", item.conversation.value}});
    else
        log_warn("people_not_told", {{"notifier", item.to}, {"conversation", item.conversation.value}, {"why", sent.detail}});
    co_return result;
}

}  // namespace kefu
