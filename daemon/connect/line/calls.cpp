// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/line/calls.hpp"

#include "daemon/connect/payload.hpp"
#include "daemon/log.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <utility>

namespace kefu::line {

namespace json = boost::json;

namespace {

constexpr int loading_seconds = 20;  // LINE: 5 to 60, a multiple of 5
constexpr std::chrono::hours quota_lasts{1};
constexpr std::chrono::minutes quota_asked_again{1};
constexpr std::size_t groups_at_once = 5;

/// LINE has said something about it, if only that it does not tell.
bool is_answer(Result<json::object> const& answer) { return answer || answer.error().code == Errc::not_found; }

std::vector<std::string> sent_ids(json::object const& body) {
    std::vector<std::string> ids;
    auto const* sent = payload::array_of(body, "sentMessages");
    if (sent == nullptr) return ids;
    for (auto const& entry : *sent)
        if (auto const* object = entry.if_object(); object != nullptr)
            if (auto id = payload::text_of(*object, "id"); !id.empty()) ids.push_back(std::move(id));
    return ids;
}

Answer read_answer(Result<Response> const& result) {
    using Kind = Answer::Kind;
    if (!result) {
        bool const sent = result.error().code == Errc::timed_out || result.error().code == Errc::bad_payload || result.error().code == Errc::cancelled;
        return {sent ? Kind::ambiguous : Kind::not_sent, result.error().message, {}};
    }
    Response const& response = *result;
    auto const read = payload::read_object(response.body);
    json::object const body = read ? *read : json::object{};
    std::string const message = payload::text_of(body, "message");
    std::string detail = "LINE answered " + std::to_string(response.status);
    if (!message.empty()) detail += ": " + message;
    if (auto const* details = payload::array_of(body, "details"); details != nullptr && !details->empty() && details->front().is_object()) {
        auto const& first = details->front().get_object();
        detail += " (" + payload::text_of(first, "property") + ": " + payload::text_of(first, "message") + ')';
    }
    // LINE's support asks for it.
    if (auto const id = response.headers.get("x-line-request-id"); !id.empty()) detail += " (request " + std::string{id} + ")";
    switch (response.status) {
        case 200:
        case 202:
            return {Kind::accepted, detail, sent_ids(body)};
        case 409:  // LINE: an earlier try with this retry key was accepted
            return {Kind::accepted_before, detail, sent_ids(body)};
        case 400:
            return {message.find("Invalid reply token") != std::string::npos ? Kind::invalid_token : Kind::bad_request, detail, {}};
        case 401:
            return {Kind::unauthorized, detail, {}};
        case 403:
            return {Kind::forbidden, detail, {}};
        case 429:
            return {message.find("monthly limit") != std::string::npos ? Kind::quota_used : Kind::rate_limited, detail, {}};
        default:
            return {response.status >= 500 ? Kind::ambiguous : Kind::bad_request, detail, {}};
    }
}

}  // namespace

ClientRequest Calls::request(std::string method, std::string url) const {
    ClientRequest request;
    request.method = std::move(method);
    request.url = std::move(url);
    request.connect_timeout = settings_.send.connect;
    request.timeout = settings_.send.timeout;
    return request;
}

net::awaitable<Result<Response>> Calls::fetch(ClientRequest request) {
    auto& token = live_->token;
    if (token.value().empty()) co_return Error{Errc::unavailable, token.trouble()};
    std::string const used = token.value();
    request.headers.set("Authorization", "Bearer " + used);
    ClientRequest again = token.is_issued() ? request : ClientRequest{};
    auto response = co_await http_.fetch(std::move(request));
    bool const refused = response && response->status == 401;
    if (!refused || !token.is_issued()) co_return response;
    bool const replaced = co_await token.replace(used);
    if (!replaced) co_return response;
    again.headers.set("Authorization", "Bearer " + token.value());
    response = co_await http_.fetch(std::move(again));
    co_return response;
}

net::awaitable<Answer> Calls::post(std::string path, json::object body, std::string retry_key) {
    ClientRequest request = this->request("POST", settings_.line.api_base + std::move(path));
    request.headers.set("Content-Type", "application/json");
    if (!retry_key.empty()) request.headers.set("X-Line-Retry-Key", std::move(retry_key));
    request.body = json::serialize(body);
    auto const result = co_await fetch(std::move(request));
    Answer answer = read_answer(result);
    co_return answer;
}

net::awaitable<Result<json::object>> Calls::ask(std::string path) {
    auto const response = co_await fetch(get(path));
    if (!response) co_return response.error();
    if (response->status == 401) co_return Error{Errc::unauthorized, "LINE answered 401; check access_token of channel " + settings_.id.value};
    bool const later = response->status == 429 || response->status >= 500;
    if (response->status != 200)
        co_return Error{later ? Errc::unavailable : Errc::not_found, "LINE answered " + std::to_string(response->status) + " to " + path};
    co_return payload::read_object(response->body);
}

net::awaitable<void> Calls::tell(std::string path, json::object body) {
    auto const answer = co_await post(path, std::move(body), std::string());
    if (answer.kind != Answer::Kind::accepted) log_debug("line_call_failed", {{"channel", settings_.id.value}, {"call", path}, {"why", answer.detail}});
}

net::awaitable<Result<void>> Calls::introduce() {
    auto const info = co_await ask("/v2/bot/info");
    if (!info && info.error().code != Errc::not_found) co_return info.error();
    if (!info) co_return Result<void>{};  // whoever stands in for LINE need not know it
    live_->unread.wanted = settings_.line.mark_as_read && payload::text_of(*info, "markAsReadMode") == "manual";
    auto const account = payload::text_of(*info, "userId");
    auto const& expected = settings_.line.destination;
    if (!account.empty() && !expected.empty() && account != expected)
        log_error("line_wrong_account", {{"channel", settings_.id.value}, {"destination", expected}, {"token_of", account}});
    co_return Result<void>{};
}

net::awaitable<void> Calls::ask_quota() {
    auto const now = clock_();
    live_->quota_due = now + quota_asked_again;
    auto const quota = co_await ask("/v2/bot/message/quota");
    auto const consumption = co_await ask("/v2/bot/message/quota/consumption");
    if (!is_answer(quota) || !is_answer(consumption)) co_return;
    live_->quota_due = now + quota_lasts;
    if (!quota || !consumption) co_return;
    std::optional<std::int64_t> limit;
    if (payload::text_of(*quota, "type") == "limited") limit = payload::integer_of(*quota, "value");
    live_->ledger.told(limit, payload::integer_of(*consumption, "totalUsage").value_or(0), now);
}

net::awaitable<void> Calls::ask_group_sizes() {
    auto& groups = live_->groups;
    for (auto const& group : settings_.line.notification_groups) groups.people_in(group);
    for (auto const& group : groups.due(groups_at_once, clock_())) {
        auto const kind = group.starts_with('R') ? "room/" : "group/";
        auto const count = co_await ask(std::string("/v2/bot/").append(kind).append(group).append("/members/count"));
        if (!is_answer(count)) co_return;  // the next would fare no better
        groups.told(group, count ? payload::integer_of(*count, "count") : std::nullopt, clock_());
    }
}

net::awaitable<void> Calls::show_loading(std::string customer) {
    json::object body{{"chatId", customer}, {"loadingSeconds", loading_seconds}};
    co_await tell("/v2/bot/chat/loading/start", std::move(body));
}

net::awaitable<void> Calls::mark_as_read(std::string token) {
    json::object body{{"markAsReadToken", token}};
    co_await tell("/v2/bot/chat/markAsRead", std::move(body));
}

net::awaitable<void> show_loading(std::shared_ptr<Calls> calls, std::string customer) { co_await calls->show_loading(std::move(customer)); }
net::awaitable<void> mark_as_read(std::shared_ptr<Calls> calls, std::string token) { co_await calls->mark_as_read(std::move(token)); }

}  // namespace kefu::line
