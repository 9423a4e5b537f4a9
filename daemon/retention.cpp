// SPDX-License-Identifier: Apache-2.0
#include "daemon/retention.hpp"

#include "daemon/log.hpp"
#include "daemon/media.hpp"
#include "daemon/net/deadline.hpp"
#include "daemon/store/forget_request.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <filesystem>
#include <utility>

namespace kefu {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t rows_at_once = 500;  // a few milliseconds of the store's thread
constexpr auto between_batches = 200ms;
constexpr auto between_rounds = 1h;
constexpr auto look_for_requests = 1s;

auto deleting(std::filesystem::path media, Erased erased) {
    return [media = std::move(media), erased = std::move(erased)] { return delete_files(media, erased); };
}

/// What another process asked for.
net::awaitable<void> answer_requests(Keeper keeper) {
    auto const asked = co_await keeper.store.bookmark(ChannelId{std::string{forget_channel}}, std::string{forget_request});
    if (!asked || asked->empty()) co_return;
    auto const request = read_forget_request(*asked);
    std::string answer = "{\"error\":\"the request cannot be read\"}";
    if (request) {
        auto const erased = co_await forget_person(keeper, request->conversation, request->who, false);
        answer = erased ? erased_json(*erased) : boost::json::serialize(boost::json::object{{"error", erased.error().message}});
    }
    Bookmark done{ChannelId{std::string{forget_channel}}, std::string{forget_answer}, std::move(answer)};
    Bookmark none{ChannelId{std::string{forget_channel}}, std::string{forget_request}, ""};
    (void)co_await keeper.store.keep(std::move(done));
    (void)co_await keeper.store.keep(std::move(none));
}

net::awaitable<void> expire(Keeper keeper) {
    Expired total;
    for (;;) {
        ServicesPtr const services = keeper.services();
        Expiry const before = expiry_at(services->snapshot->settings.retention, keeper.clock());
        auto const expired = co_await keeper.store.expire(before, rows_at_once);
        if (!expired) {
            log_warn("retention_waits", {{"why", expired.error().message}});
            co_return;
        }
        total.raw += expired->raw;
        total.texts += expired->texts;
        total.media += expired->media;
        total.cases += expired->cases;
        total.audit += expired->audit;
        if (!expired->more) break;
        bool const slept = co_await sleep_for(between_batches);
        if (!slept) co_return;
        co_await answer_requests(keeper);  // nobody waits for a long round
    }
    if (total.all() > 0)
        log_info("retention", {{"raw", total.raw}, {"texts", total.texts}, {"media", total.media}, {"cases", total.cases}, {"audit", total.audit}});
}

}  // namespace

Result<void> delete_files(std::filesystem::path const& media, Erased const& erased) {
    Result<void> all;
    for (auto const& file : erased.files)
        if (auto removed = DeleteMedia{media, file}(); !removed) all = removed;
    for (auto const& name : erased.uploads) {
        // Only a name: what the platform calls an attachment may be anything.
        if (std::filesystem::path{name}.filename() != name || name == "." || name == "..") continue;
        if (auto removed = DeleteMedia{media / "uploads", name}(); !removed) all = removed;
    }
    return all;
}

Expiry expiry_at(RetentionSettings const& settings, Timestamp now) {
    auto const before = [now](std::chrono::days days) { return days.count() == 0 ? Timestamp{} : now - days; };
    return {before(settings.raw), before(settings.texts), before(settings.media), before(settings.cases), before(settings.audit)};
}

net::awaitable<void> keep_as_long_as_allowed(Keeper keeper) {
    Timestamp next{};
    for (;;) {
        if (keeper.clock() >= next) {
            co_await expire(keeper);
            next = keeper.clock() + between_rounds;
        }
        co_await answer_requests(keeper);
        bool const slept = co_await sleep_for(look_for_requests);
        if (!slept) co_return;
    }
}

net::awaitable<Result<Erased>> forget_person(Keeper keeper, ConversationId id, std::string who, bool dry) {
    auto erased = co_await keeper.store.forget(std::move(id), who, keeper.clock(), dry);
    if (!erased || dry) co_return erased;
    ServicesPtr const services = keeper.services();
    auto remove = deleting(services->snapshot->settings.store.media, *erased);
    auto const removed = co_await on_pool(keeper.pool, std::move(remove));
    if (!removed)
        log_error("files_not_deleted", {{"why", removed.error().message}, {"what", "files of a person who was forgotten are still in the media folder"}});
    log_info("forgotten", {{"by", who}, {"events", erased->events}, {"files", erased->files.size()}});
    co_return erased;
}

std::string erased_json(Erased const& erased) {
    return boost::json::serialize(boost::json::object{{"events", erased.events},
                                                      {"escalations", erased.escalations},
                                                      {"outbox", erased.outbox},
                                                      {"audit", erased.audit},
                                                      {"timers", erased.timers},
                                                      {"files", erased.files.size()},
                                                      {"uploads", erased.uploads.size()}});
}

}  // namespace kefu
