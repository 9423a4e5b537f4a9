// SPDX-License-Identifier: Apache-2.0
#include "daemon/dispatch.hpp"

#include "daemon/log.hpp"
#include "daemon/media.hpp"
#include "daemon/net/deadline.hpp"
#include "daemon/notify/claim_link.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <deque>
#include <set>
#include <utility>

namespace kefu {

using namespace std::chrono_literals;

namespace {

constexpr auto longest_idle = 1s;          // also without a wake-up we look: `kefud resume` is another process
constexpr auto answer_goes_stale = 10min;  // promise 8: a bot's answer that could not go out for this long is for people
constexpr int fetch_attempts = 8;

std::chrono::milliseconds back_off(int attempt) { return std::min<std::chrono::milliseconds>(1s * (1 << std::min(attempt, 8)), 5min); }

}  // namespace

struct Dispatcher::State : std::enable_shared_from_this<Dispatcher::State> {
    State(net::any_io_executor const& ex, Store& the_store, std::function<ServicesPtr()> the_services, Roster& the_roster, net::thread_pool& the_pool,
          std::filesystem::path the_media, Clock the_clock, std::size_t most)
        : executor(ex),
          store(the_store),
          services(std::move(the_services)),
          roster(the_roster),
          pool(the_pool),
          media(std::move(the_media)),
          clock(std::move(the_clock)),
          concurrency(most),
          idle(ex),
          loop(ex),
          work(ex) {}

    net::any_io_executor executor;
    Store& store;
    std::function<ServicesPtr()> services;
    Roster& roster;
    net::thread_pool& pool;
    std::filesystem::path media;
    Clock clock;
    std::size_t concurrency;
    net::steady_timer idle;
    TaskGroup loop;
    TaskGroup work;
    DispatchCounts counts;
    std::set<std::string> told_held;  ///< sends of which people know that their channel cannot send; told once, or once more after a restart
    std::atomic<bool> woken{false};
    std::deque<OutboxItem> assigns;  ///< one at a time: each must see what the one before gave to whom
    bool assigning = false;
    bool stopping = false;
    std::atomic<bool> closed{false};

    /// Sleeps until woken, or until `limit` has passed. A wake-up that came since the last look returns at once.
    net::awaitable<void> wait(std::chrono::milliseconds limit) {
        if (woken.exchange(false)) co_return;
        idle.expires_after(limit);
        if (woken.exchange(false)) co_return;
        error_code ignored;
        co_await idle.async_wait(net::redirect_error(net::use_awaitable, ignored));
        woken = false;
    }

    net::awaitable<void> run() {
        int failures = 0;
        while (!stopping) {
            auto const fired = co_await store.fire_timers(clock(), 500);
            std::size_t const room = concurrency - std::min(concurrency, work.size() + assigns.size());
            Result<std::vector<OutboxItem>> items{std::vector<OutboxItem>{}};
            if (fired && room > 0) items = co_await store.claim(clock(), room);
            if (!fired || !items) {
                Error const& error = !fired ? fired.error() : items.error();
                ++failures;
                auto const pause = std::min<std::chrono::milliseconds>(200ms * (1 << std::min(failures, 5)), 5s);
                log_error("store_unavailable", {{"why", error.message}, {"again_in_ms", pause.count()}});
                co_await sleep_for(pause);
                continue;
            }
            failures = 0;
            for (auto& item : *items) {
                if (item.kind == OutboxItem::Kind::assign) {
                    assigns.push_back(std::move(item));
                    continue;
                }
                std::string name = "outbox " + item.id.value;
                work.spawn(std::move(name), carry_out(shared_from_this(), std::move(item)));
            }
            if (!assigns.empty() && !std::exchange(assigning, true)) work.spawn("assignments", carry_out_assigns(shared_from_this()));
            if (items->empty() && *fired == 0) co_await wait_for_work();
        }
    }

    net::awaitable<void> wait_for_work() {
        auto const due = co_await store.next_due();
        std::chrono::milliseconds limit = longest_idle;
        if (due && *due) limit = std::clamp<std::chrono::milliseconds>(**due - clock(), 1ms, longest_idle);
        // Everything in flight: the end of one of them wakes us.
        if (work.size() >= concurrency) limit = longest_idle;
        co_await wait(limit);
    }

    static net::awaitable<void> carry_out(std::shared_ptr<State> self, OutboxItem item) {
        EffectId const id = item.id;
        int const attempts = item.attempts;
        OutboxResult result;
        try {
            result = co_await self->attempt(std::move(item));
        } catch (boost::system::system_error const& error) {
            if (error.code() == net::error::operation_aborted) throw;  // stop() cut it off: it comes back as "may be out"
            result = failed(id, error);
        } catch (std::exception const& error) {
            result = failed(id, error);
        }
        if (result.kind == OutboxResult::Kind::retry && result.retry_at == Timestamp{}) result.retry_at = self->clock() + back_off(attempts);
        for (int tries = 0;; ++tries) {
            auto const finished = co_await self->store.finish(id, result, self->clock());
            if (finished) break;
            // The store is full or slow: the outcome must not be lost, or the send would be repeated.
            log_error("outcome_not_stored", {{"effect", id.value}, {"why", finished.error().message}});
            bool const slept = co_await sleep_for(back_off(tries));
            if (!slept) break;
        }
        self->wake_here();
    }

    static net::awaitable<void> carry_out_assigns(std::shared_ptr<State> self) {
        while (!self->assigns.empty()) {
            OutboxItem item = std::move(self->assigns.front());
            self->assigns.pop_front();
            auto one = carry_out(self, std::move(item));
            co_await std::move(one);
        }
        self->assigning = false;
    }

    /// A fault of ours must not leave it in flight, with its conversation waiting behind it: people are told instead.
    static OutboxResult failed(EffectId const& id, std::exception const& error) {
        log_error("outbox_item_failed", {{"effect", id.value}, {"why", error.what()}});
        return {OutboxResult::Kind::unknown, std::string{"a fault in kefud: "} + error.what(), {}, false, {}};
    }

    void wake_here() {
        woken = true;
        idle.cancel();
    }

    net::awaitable<OutboxResult> attempt(OutboxItem item) {
        ServicesPtr const current = services();
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

    Connector* connector(Services const& current, ChannelId const& channel) const {
        auto const found = current.connectors.find(channel.value);
        return found == current.connectors.end() ? nullptr : found->second.get();
    }

    SendAttempt attempt_of(OutboxItem const& item) const {
        SendAttempt attempt;
        attempt.number = item.attempts + 1;
        attempt.maybe_sent = item.maybe_sent;
        attempt.first_tried = item.attempts > 0 || item.maybe_sent ? item.first_tried : clock();
        return attempt;
    }

    net::awaitable<OutboxResult> send(ServicesPtr current, OutboxItem item) {
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
        if (by_bot && clock() - since > answer_goes_stale) {
            result = {OutboxResult::Kind::refused, "not deliverable for 10 minutes; too old to send now", {}, false, {}};
            if (item.maybe_sent) result.kind = OutboxResult::Kind::unknown, result.detail = "no answer for 10 minutes whether it is out; too old to send again";
            co_return result;
        }
        std::string to = item.to;
        auto const started = clock();
        SendResult const sent = co_await platform->send(std::move(to), std::move(*what), attempt);
        auto const took = (clock() - started).count();
        result.detail = sent.detail;
        if (sent.kind != SendResult::Kind::hold) told_held.erase(item.id.value);
        switch (sent.kind) {
            case SendResult::Kind::delivered:
                ++counts.delivered;
                log_info("reply_sent",
                         {{"effect", item.id.value}, {"channel", item.channel.value}, {"took_ms", took}, {"try", attempt.number}, {"detail", sent.detail}});
                break;
            case SendResult::Kind::refused:
                ++counts.refused;
                result.kind = OutboxResult::Kind::refused;
                if (sent.unreachable) result.consequence = Unreachable{sent.detail};
                log_warn("reply_refused", {{"effect", item.id.value}, {"channel", item.channel.value}, {"why", sent.detail}});
                break;
            case SendResult::Kind::unknown:
                ++counts.unknown;
                result.kind = OutboxResult::Kind::unknown;
                log_warn("reply_outcome_unknown", {{"effect", item.id.value}, {"channel", item.channel.value}, {"why", sent.detail}});
                break;
            case SendResult::Kind::hold:
                log_error("channel_cannot_send", {{"channel", item.channel.value}, {"why", sent.detail}});
                if (told_held.insert(item.id.value).second) result.consequence = SendHeld{item.id, sent.detail};
                [[fallthrough]];
            case SendResult::Kind::retry:
                ++counts.retried;
                result.kind = OutboxResult::Kind::retry;
                result.retry_at = clock() + sent.after;
                result.maybe_sent = sent.maybe_sent;
                result.handle_spent = sent.handle_spent;
                log_warn("reply_will_be_repeated",
                         {{"effect", item.id.value}, {"channel", item.channel.value}, {"in_ms", sent.after.count()}, {"why", sent.detail}});
                break;
        }
        co_return result;
    }

    net::awaitable<OutboxResult> fetch_profile(ServicesPtr current, OutboxItem item) {
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
    net::awaitable<OutboxResult> look_up_order(ServicesPtr current, OutboxItem item) {
        OutboxResult result;
        auto const* wanted = std::get_if<LookUpOrder>(&item.effect);
        if (wanted == nullptr) co_return result;
        OrderLookedUp answer;
        answer.order = wanted->order;
        answer.why = "the shop has no order system";
        if (current->orders) {
            LookUpOrder order = *wanted;
            answer = co_await current->orders->look_up(std::move(order));
        }
        if (answer.outcome == LookupOutcome::failed) log_warn("order_lookup_failed", {{"conversation", item.conversation.value}, {"why", answer.why}});
        result.consequence = std::move(answer);
        co_return result;
    }

    net::awaitable<OutboxResult> assign(ServicesPtr current, OutboxItem item) {
        OutboxResult result;
        auto const* wanted = std::get_if<Assign>(&item.effect);
        if (wanted == nullptr) co_return result;
        auto const loads = co_await store.loads();
        if (!loads) {
            result.kind = OutboxResult::Kind::retry;
            result.detail = loads.error().message;
            co_return result;
        }
        Timestamp const now = clock();
        Assigned answer;
        answer.tier = wanted->tier;
        answer.agent = choose(roster.there(current->snapshot->settings.agents, *loads, now), *wanted);
        if (!answer.agent.empty()) {
            roster.given(answer.agent, now);
            log_info("assigned", {{"conversation", item.conversation.value}, {"agent", answer.agent}, {"tier", answer.tier}});
        }
        result.consequence = std::move(answer);
        co_return result;
    }

    net::awaitable<OutboxResult> fetch_media(ServicesPtr current, OutboxItem item) {
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
        SaveMedia save{media, file, std::move(content->bytes)};
        auto const saved = co_await on_pool(pool, std::move(save));
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

    net::awaitable<OutboxResult> notify(ServicesPtr current, OutboxItem item) {
        OutboxResult result;
        auto const found = current->notifiers.find(item.to);
        if (found == current->notifiers.end()) {
            result = {OutboxResult::Kind::refused, "notifier " + item.to + " is not configured any more", {}, false, {}};
            co_return result;
        }
        auto view = co_await store.view(item.conversation, 20);
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
        bool const to_take =
            notice.kind == Notice::Kind::escalated && notice.escalation && !notice.escalation->closed_at && notice.escalation->claimed_by.empty();
        if (!url.empty() && to_take && !current->claim_key.empty()) {
            Claim claim;
            claim.conversation = item.conversation;
            claim.escalation = item.escalation;
            claim.team = notice.escalation->what.tier;
            claim.locale = locale_of_notifier(current->snapshot->settings, item.to);
            claim.until = clock() + claim_life;
            notice.claim_link = url + "/claim?t=" + claim_token(claim, current->claim_key);
        }
        SendAttempt const attempt = attempt_of(item);
        SendResult const sent = co_await found->second->notify(std::move(notice), attempt);
        result.detail = sent.detail;
        if (sent.kind == SendResult::Kind::refused) result.kind = OutboxResult::Kind::refused;
        if (sent.kind == SendResult::Kind::unknown) result.kind = OutboxResult::Kind::unknown;
        if (sent.kind == SendResult::Kind::retry || sent.kind == SendResult::Kind::hold) {
            result.kind = OutboxResult::Kind::retry;
            result.retry_at = clock() + sent.after;
            result.maybe_sent = sent.maybe_sent;
        }
        if (sent.kind == SendResult::Kind::delivered)
            log_info("people_told", {{"notifier", item.to}, {"conversation", item.conversation.value}});
        else
            log_warn("people_not_told", {{"notifier", item.to}, {"conversation", item.conversation.value}, {"why", sent.detail}});
        co_return result;
    }

    net::awaitable<OutboxResult> delete_media(OutboxItem item) {
        OutboxResult result;
        DeleteMedia remove{media, item.to};
        auto const removed = co_await on_pool(pool, std::move(remove));
        if (!removed) {
            result.kind = OutboxResult::Kind::retry;
            result.detail = removed.error().message;
        }
        co_return result;
    }
};

Dispatcher::Dispatcher(net::any_io_executor const& executor, Store& store, std::function<ServicesPtr()> services, Roster& roster, net::thread_pool& pool,
                       std::filesystem::path media, Clock clock, std::size_t concurrency)
    : state_(std::make_shared<State>(executor, store, std::move(services), roster, pool, std::move(media), std::move(clock), concurrency)) {}

Dispatcher::~Dispatcher() { state_->closed = true; }

void Dispatcher::start() { state_->loop.spawn("dispatcher", state_->run()); }

void Dispatcher::wake() {
    // Many commits, one wake-up: only the first posts.
    if (state_->woken.exchange(true)) return;
    net::post(state_->executor, [state = state_] {
        if (!state->closed) state->idle.cancel();
    });
}

net::awaitable<void> Dispatcher::stop(std::chrono::milliseconds limit) {
    state_->stopping = true;
    state_->wake_here();
    auto const until = std::chrono::steady_clock::now() + limit;
    // The loop first: what a claim under way brings is in flight already, and is carried out.
    co_await state_->loop.join(limit);
    state_->loop.cancel();
    auto const left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    bool const finished = co_await state_->work.join(std::max(left, std::chrono::milliseconds{0}));
    if (!finished) state_->work.cancel();
    co_await state_->work.join(std::chrono::seconds{2});
    co_await state_->loop.join(std::chrono::seconds{2});
}

DispatchCounts const& Dispatcher::counts() const { return state_->counts; }

}  // namespace kefu
