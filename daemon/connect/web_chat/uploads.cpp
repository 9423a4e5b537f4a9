// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/web_chat/desk.hpp"
#include "daemon/connect/web_chat/identity.hpp"
#include "daemon/crypto.hpp"
#include "daemon/log.hpp"
#include "daemon/media.hpp"
#include "daemon/net/on_pool.hpp"
#include "daemon/store/store.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

namespace kefu::web_chat {

namespace json = boost::json;
namespace fs = std::filesystem;

namespace {

/// The page may be another site's: it reads the answer because we name it.
Response to_page(Request const& request, Response response) {
    response.headers.set("Access-Control-Allow-Origin", std::string{request.headers.get("origin")});
    response.headers.set("Vary", "Origin");
    response.headers.set("Cache-Control", "no-store");
    return response;
}

Response too_fast(std::chrono::milliseconds wait) {
    auto response = problem(429, "Too fast", "Wait before the next file.");
    response.headers.set("Retry-After", std::to_string(std::chrono::ceil<std::chrono::seconds>(wait).count()));
    return response;
}

net::awaitable<Response> take(Desk desk, Desk::Channel channel, Request request) {
    auto const& settings = channel.settings.web_chat;
    Timestamp const now = desk.inlet.clock();
    auto const sender = sender_of_ticket(request.query["ticket"], channel.hub->key(), now);
    if (!sender) co_return problem(401, "Ticket not valid", "Connect again for a new one.");
    auto const wait = channel.hub->wait_before_message(*sender, address_of(request, settings.behind_proxy), now);
    if (wait.count() > 0) co_return too_fast(wait);
    if (request.body.size() > settings.max_file) co_return problem(413, "Too large", "See max_file in the welcome.");
    // What it says it is counts for nothing.
    if (image_type(request.body).empty()) co_return problem(415, "Not a picture", "JPEG, PNG, GIF or WebP.");
    std::string const id = random_id();
    auto const saved = co_await desk.uploads.save(WaitingFiles::name_of(*sender, id), std::move(request.body));
    if (!saved) {
        log_error("upload_not_stored", {{"channel", channel.settings.id.value}, {"why", saved.error().message}});
        auto response = problem(503, "Not now", "Try again in a minute.");
        response.headers.set("Retry-After", "60");
        co_return response;
    }
    json::object answer;
    answer["id"] = id;
    co_return json_response(json::serialize(answer));
}

/// A photo of the media folder.
struct ReadPhoto {
    fs::path path;

    Result<Connector::Content> operator()() const {
        std::ifstream file{path, std::ios::binary};
        std::string bytes{std::istreambuf_iterator<char>{file}, {}};
        auto const type = image_type(bytes);
        if (type.empty()) return Error{Errc::not_found, "it is no picture, or gone"};
        return Connector::Content{std::move(bytes), std::string{type}};
    }
};

/// What the visitor has sent themselves, for a page that was loaded again.
net::awaitable<Response> show(Desk desk, Desk::Channel channel, Request request) {
    constexpr std::size_t lines_looked_at = 1000;
    auto const sender = sender_of_ticket(request.query["ticket"], channel.hub->key(), desk.inlet.clock());
    if (!sender) co_return problem(401, "Ticket not valid", "Connect again for a new one.");
    std::string const wanted = request.query["photo"];
    ConversationId id{channel.settings.id.value + '/' + *sender};
    auto const view = co_await desk.inlet.store.view(std::move(id), lines_looked_at);
    if (!view) co_return problem(503, "Not now", "Try again in a minute.");
    bool theirs = false;
    if (*view)
        for (auto const& line : (*view)->history)
            theirs = theirs || (line.who == HistoryLine::Who::customer && line.state != "unsent" &&
                                std::find(line.media.begin(), line.media.end(), wanted) != line.media.end());
    if (!theirs) co_return problem(404, "No such photo", "It is not one of this conversation.");
    ReadPhoto read{desk.uploads.folder.parent_path() / wanted};
    auto photo = co_await on_pool(*desk.uploads.pool, std::move(read));
    if (!photo) co_return problem(404, "No such photo", photo.error().message);
    Response response;
    response.headers.set("Content-Type", photo->content_type);
    response.headers.set("X-Content-Type-Options", "nosniff");
    response.body = std::move(photo->bytes);
    co_return response;
}

/// The hub lives on the io thread; this request may have come in on another.
net::awaitable<Response> at_home(Desk desk, Request request) {
    auto channel = desk.channel(request.query["channel"]);
    if (!channel) co_return problem(404, "No such chat");
    // Browsers name no origin when a page gets what is its own site's; the ticket is proof enough.
    bool const own_site = request.method == "GET" && !request.headers.has("origin");
    if (!own_site && !origin_may(request, channel->settings.web_chat))
        co_return problem(403, "Not from this page", "Add the page's origin to web_chat.origins.");
    auto const home = desk.inlet.home;
    Request const head{request.method, request.path, {}, {}, request.headers, {}, {}, false};
    auto work = request.method == "GET" ? show(std::move(desk), std::move(*channel), std::move(request))
                                        : take(std::move(desk), std::move(*channel), std::move(request));
    Response response = co_await on_home(home, std::move(work));
    co_return to_page(head, std::move(response));
}

}  // namespace

void add_uploads(Router& router, std::string const& base, Desk desk) {
    router.add("GET", base + "/files", [desk](Request request) { return at_home(desk, std::move(request)); });
    router.add("POST", base + "/files", [desk = std::move(desk)](Request request) { return at_home(desk, std::move(request)); });
}

}  // namespace kefu::web_chat
