// SPDX-License-Identifier: Apache-2.0
#include "daemon/log.hpp"
#include "daemon/media.hpp"
#include "daemon/net/deadline.hpp"
#include "daemon/outbox_work.hpp"

#include <utility>

/// What is fetched from platforms, looked up in the shop's systems, or decided about who is there.
namespace kefu {

using namespace std::chrono_literals;

namespace {

constexpr int fetch_attempts = 8;
constexpr auto noticed = 1s;  // who waits so long sees that something happens

/// Where answers go: what stands behind the channel in a conversation's id.
std::string chat_of(OutboxItem const& item) {
    auto const prefix = item.channel.value.size() + 1;
    return item.conversation.value.size() > prefix ? item.conversation.value.substr(prefix) : std::string{};
}

}  // namespace

net::awaitable<void> OutboxWork::show_waiting(ServicesPtr current, ChannelId channel, std::string to, std::shared_ptr<bool> waiting) {
    bool const slept = co_await sleep_for(noticed);
    Connector* const platform = connector(*current, channel);
    if (slept && *waiting && platform != nullptr) platform->show_waiting(to);
}

net::awaitable<OutboxResult> OutboxWork::fetch_profile(ServicesPtr current, OutboxItem item) {
    OutboxResult result;
    Connector* const platform = connector(*current, item.channel);
    auto const* wanted = std::get_if<FetchProfile>(&item.effect);
    if (platform == nullptr || wanted == nullptr) co_return result;
    std::string sender = wanted->sender;
    auto learned = co_await platform->profile(std::move(sender));
    if (learned)
        result.consequence = std::move(*learned);
    else if (learned.error().code != Errc::not_found && item.attempts < fetch_attempts)
        result.kind = OutboxResult::Kind::retry;
    result.detail = learned ? std::string{} : learned.error().message;
    co_return result;
}

/// Not repeated here: the customer waits, and a look-up that failed is something to decide about.
net::awaitable<OutboxResult> OutboxWork::look_up_order(ServicesPtr current, OutboxItem item) {
    OutboxResult result;
    auto const* wanted = std::get_if<LookUpOrder>(&item.effect);
    if (wanted == nullptr) co_return result;
    OrderLookedUp answer;
    answer.order = wanted->order;
    answer.why = "the shop has no order system";
    if (current->orders) {
        auto const waiting = std::make_shared<bool>(true);
        tasks_.spawn("show waiting", show_waiting(current, item.channel, chat_of(item), waiting));
        LookUpOrder order = *wanted;
        answer = co_await current->orders->look_up(std::move(order));
        *waiting = false;
    }
    if (answer.outcome == LookupOutcome::failed) log_warn("order_lookup_failed", {{"conversation", item.conversation.value}, {"why", answer.why}});
    result.consequence = std::move(answer);
    co_return result;
}

net::awaitable<OutboxResult> OutboxWork::assign(ServicesPtr current, OutboxItem item) {
    OutboxResult result;
    auto const* wanted = std::get_if<Assign>(&item.effect);
    if (wanted == nullptr) co_return result;
    auto const loads = co_await tools_.store.loads();
    if (!loads) {
        result.kind = OutboxResult::Kind::retry;
        result.detail = loads.error().message;
        co_return result;
    }
    Timestamp const now = tools_.clock();
    Assigned answer;
    answer.tier = wanted->tier;
    answer.agent = choose(tools_.roster.there(current->snapshot->settings.agents, *loads, now), *wanted);
    if (!answer.agent.empty()) {
        tools_.roster.given(answer.agent, now);
        log_info("assigned", {{"conversation", item.conversation.value}, {"agent", answer.agent}, {"tier", answer.tier}});
    }
    result.consequence = std::move(answer);
    co_return result;
}

net::awaitable<OutboxResult> OutboxWork::fetch_media(ServicesPtr current, OutboxItem item) {
    OutboxResult result;
    Connector* const platform = connector(*current, item.channel);
    auto const* wanted = std::get_if<FetchMedia>(&item.effect);
    if (platform == nullptr || wanted == nullptr) co_return result;
    Attachment const attachment = wanted->attachment;
    MessageId const message = wanted->message;
    auto content = co_await platform->content(attachment);
    MediaStored stored;
    stored.message = message;
    if (!content && content.error().code == Errc::unavailable && item.attempts < fetch_attempts) {
        result.kind = OutboxResult::Kind::retry;
        result.detail = content.error().message;
        co_return result;
    }
    if (!content) {
        stored.why = content.error().message;
        result.consequence = std::move(stored);
        co_return result;
    }
    stored.content_type = content->content_type;
    std::string file = media_file_name(item.conversation, message, attachment, content->content_type);
    SaveMedia save{tools_.media, file, std::move(content->bytes)};
    auto const saved = co_await on_pool(tools_.pool, std::move(save));
    if (!saved) {
        log_error("media_not_stored", {{"why", saved.error().message}});
        result.kind = OutboxResult::Kind::retry;
        result.detail = saved.error().message;
        co_return result;
    }
    stored.file = std::move(file);
    result.consequence = std::move(stored);
    co_return result;
}

net::awaitable<void> OutboxWork::settled(ChannelId channel, FetchMedia wanted, OutboxResult result) {
    auto const* stored = result.consequence ? std::get_if<MediaStored>(&*result.consequence) : nullptr;
    ServicesPtr const current = tools_.services();
    Connector* const platform = connector(*current, channel);
    if (stored != nullptr && !stored->file.empty() && platform != nullptr) co_await platform->content_kept(std::move(wanted.attachment));
}

net::awaitable<OutboxResult> OutboxWork::delete_media(OutboxItem item) {
    OutboxResult result;
    DeleteMedia remove{tools_.media, item.to};
    auto const removed = co_await on_pool(tools_.pool, std::move(remove));
    if (!removed) {
        result.kind = OutboxResult::Kind::retry;
        result.detail = removed.error().message;
    }
    co_return result;
}

}  // namespace kefu
