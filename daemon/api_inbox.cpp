// SPDX-License-Identifier: Apache-2.0
#include "daemon/api_parts.hpp"
#include "daemon/catalog_files.hpp"
#include "daemon/media.hpp"
#include "daemon/net/on_pool.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <limits>
#include <sstream>
#include <utility>

/// What an inbox needs: queues page by page, search, photos, texts to choose from, the guard while somebody types.
namespace kefu::api {

namespace json = boost::json;

namespace {

constexpr std::size_t longest_checked = 20'000;  // bytes

/// A place in a list, as the page hands it back: "0.85_1790000000000_42".
std::string cursor_of(ListPlace const& place) {
    char heat[32];
    auto const end = std::to_chars(heat, heat + sizeof heat, place.heat).ptr;
    return std::string(heat, end) + '_' + std::to_string(place.deadline) + '_' + std::to_string(place.number);
}

std::optional<ListPlace> read_cursor(std::string const& text) {
    ListPlace place;
    char const* const end = text.data() + text.size();
    auto const heat = std::from_chars(text.data(), end, place.heat);
    if (heat.ec != std::errc{} || heat.ptr == end || *heat.ptr != '_') return std::nullopt;
    auto const deadline = std::from_chars(heat.ptr + 1, end, place.deadline);
    if (deadline.ec != std::errc{} || deadline.ptr == end || *deadline.ptr != '_') return std::nullopt;
    auto const number = std::from_chars(deadline.ptr + 1, end, place.number);
    if (number.ec != std::errc{} || number.ptr != end) return std::nullopt;
    return place;
}

net::awaitable<Response> count_queues(ContextPtr context, Request, std::string caller) {
    auto const counts = co_await context->store.queues(std::move(caller));
    if (!counts) co_return failure(counts.error());
    auto const of = [&](Owner owner) { return counts->by_owner[static_cast<std::size_t>(owner)]; };
    json::object body{
        {"waiting", of(Owner::waiting)}, {"mine", counts->mine}, {"person", of(Owner::person)}, {"bot", of(Owner::bot)}, {"closed", of(Owner::closed)}};
    co_return json_response(json::serialize(body));
}

net::awaitable<Response> search(ContextPtr context, Request request, std::string) {
    std::string const text = request.query["q"];
    if (text.size() < 2 || text.size() > 200) co_return problem(400, "'q' is too short or too long", "2 to 200 bytes.");
    auto const found = co_await context->store.search(text, number_of(request, "limit", 50, 200));
    if (!found) co_return failure(found.error());
    json::array hits;
    for (auto const& hit : found->hits) {
        json::object one{{"item", line_json(hit.view)}};
        if (hit.line) {
            static constexpr std::array<std::string_view, 4> who{"customer", "bot", "agent", "note"};
            one["line"] = json::object{{"who", who[static_cast<std::size_t>(hit.line->who)]}, {"at", to_rfc3339(hit.line->at)}, {"text", hit.line->text}};
        }
        hits.push_back(std::move(one));
    }
    json::object body{{"found", std::move(hits)}, {"complete", found->complete}};
    co_return json_response(json::serialize(body));
}

/// As media_file_name() makes them: nothing else in the folder is reached, and nothing outside.
bool is_media_name(std::string_view name) {
    auto const is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    auto const is_plain = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'); };
    if (name.size() < 37 || name.size() > 40 || name[2] != '/' || name[35] != '.') return false;
    return std::all_of(name.begin(), name.begin() + 2, is_hex) && std::all_of(name.begin() + 3, name.begin() + 35, is_hex) &&
           std::all_of(name.begin() + 36, name.end(), is_plain);
}

struct ReadMedia {
    std::filesystem::path path;
    Result<std::string> operator()() const { return read_file(path); }
};

net::awaitable<Response> media(ContextPtr context, Request request, std::string) {
    std::string const name = request.query["file"];
    if (!is_media_name(name)) co_return problem(404, "No such file", "Give its name as a line's 'media' shows it.");
    auto const services = context->services();
    ReadMedia work{services->snapshot->settings.store.media / name};
    auto bytes = co_await on_pool(context->pool, std::move(work));
    if (!bytes) co_return problem(404, "No such file", "It was taken back, or has been deleted.");
    // What it is called counts for nothing, and what is no picture is never shown by the browser.
    auto const type = image_type(*bytes);
    Response response;
    response.headers.set("Content-Type", std::string{type.empty() ? "application/octet-stream" : type});
    std::string const file = name.substr(3);
    response.headers.set("Content-Disposition", (type.empty() ? "attachment; filename=\"" : "inline; filename=\"") + file + '"');
    response.headers.set("X-Content-Type-Options", "nosniff");
    response.headers.set("Content-Security-Policy", "default-src 'none'; sandbox");
    response.headers.set("Cross-Origin-Resource-Policy", "same-origin");
    response.headers.set("Cache-Control", "private, max-age=3600");
    response.body = std::move(*bytes);
    co_return response;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Every word of the question is somewhere in it.
bool matches(std::string text, std::string const& question) {
    std::transform(text.begin(), text.end(), text.begin(), lower);
    std::istringstream words{question};
    for (std::string word; words >> word;) {
        std::transform(word.begin(), word.end(), word.begin(), lower);
        if (text.find(word) == std::string::npos) return false;
    }
    return true;
}

net::awaitable<Response> suggest(ContextPtr context, Request request, std::string) {
    ConversationId id{request.query["conversation"]};
    auto const view = co_await context->store.view(std::move(id), 1);
    if (!view) co_return failure(view.error());
    if (!*view) co_return problem(404, "No such conversation", "Give its id as the list shows it.");
    Conversation const& conversation = (*view)->conversation;
    auto const services = context->services();
    auto const& catalog = services->snapshot->catalog;
    auto const& channel = services->snapshot->channel(conversation.channel);
    auto const known = speakable(catalog, channel, conversation, context->clock());
    std::string const question = request.query["q"];
    std::size_t const limit = number_of(request, "limit", 20, 200);
    json::array suggestions;
    for (auto const& name : catalog.templates.ids()) {
        if (suggestions.size() == limit) break;
        auto const rendered = catalog.templates.render(name, known.locale, known.fallback, catalog.policy.time_zone, known.arguments, 0, channel.type);
        if (!rendered) continue;
        std::string const& text = rendered->messages.front().text;
        if (!matches(name + ' ' + text, question)) continue;
        json::object one{{"template", name}, {"text", text}, {"locale", rendered->locale}};
        if (auto const finding = catalog.guard.check(text)) one["finding"] = finding_json(text, *finding);
        suggestions.push_back(std::move(one));
    }
    json::object body{{"suggestions", std::move(suggestions)}};
    co_return json_response(json::serialize(body));
}

net::awaitable<Response> check_words(ContextPtr context, Request request, std::string) {
    auto const read = read_object(request);
    if (auto const* wrong = std::get_if<Response>(&read)) co_return *wrong;
    std::string const text = text_in(std::get<json::object>(read), "text");
    if (text.size() > longest_checked) co_return problem(400, "'text' is too long", "At most 20,000 bytes.");
    auto const services = context->services();
    json::object body{{"finding", nullptr}};
    if (auto const finding = services->snapshot->catalog.guard.check(text)) body["finding"] = finding_json(text, *finding);
    co_return json_response(json::serialize(body));
}

}  // namespace

net::awaitable<Response> list_queue(ContextPtr context, Request request, std::string caller) {
    ConversationFilter filter;
    filter.limit = number_of(request, "limit", 100, 1000);
    filter.channel = request.query["channel"];
    filter.agent = request.query["agent"];
    std::string const queue = request.query["queue"];
    if (queue == "mine") {
        filter.with_people = true;
        filter.agent = caller;
    } else {
        filter.owner = owner_from_string(queue);
        if (!filter.owner) co_return problem(400, "Unknown queue", "'queue' is one of waiting, mine, person, bot, closed.");
    }
    if (std::string const after = request.query["after"]; !after.empty()) {
        filter.after = read_cursor(after);
        if (!filter.after) co_return problem(400, "'after' is no place in the list", "Give 'next' of the page before.");
    }
    std::size_t const limit = filter.limit++;  // one more says whether there is a next page
    auto const views = co_await context->store.list(std::move(filter));
    if (!views) co_return failure(views.error());
    json::array lines;
    for (std::size_t i = 0; i < std::min(limit, views->size()); ++i) lines.push_back(line_json((*views)[i]));
    json::object body{{"conversations", std::move(lines)}, {"next", nullptr}};
    if (views->size() > limit) body["next"] = cursor_of((*views)[limit - 1].place);
    co_return json_response(json::serialize(body));
}

std::vector<Route> inbox_routes() {
    return {{"GET", "/queues", count_queues},
            {"GET", "/search", search},
            {"GET", "/media", media},
            {"GET", "/suggestions", suggest},
            {"POST", "/guard", check_words}};
}

}  // namespace kefu::api
