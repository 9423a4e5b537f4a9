// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/bridge/blobs.hpp"

#include "daemon/crypto.hpp"
#include "daemon/log.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <utility>

namespace kefu::bridge {

namespace json = boost::json;

namespace {

constexpr std::size_t largest_blob = std::size_t{10} << 20;
constexpr std::string_view blob_scheme = "kefud-blob:";

bool is_hash(std::string_view text) { return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos; }

Response blob_refused(int status, std::string_view code, std::string_view message) {
    json::object const body{{"error", code}, {"message", message}};
    return json_response(json::serialize(body), status);
}

net::awaitable<Response> take_blob(Desk desk, WaitingFiles blobs, Request request) {
    auto const hub = desk.hub_of(bearer_token(request));
    if (!hub) co_return blob_refused(401, "auth_failed", "send 'Authorization: Bearer TOKEN'");
    if (request.body.empty()) co_return blob_refused(400, "malformed", "the body is empty");
    if (request.body.size() > largest_blob) co_return blob_refused(413, "too_large", "at most 10 MiB");
    auto const channel = hub->settings()->id;
    auto const hash = hex(sha256(request.body));
    std::string bytes{request.headers.get("content-type")};
    bytes += '\n';
    bytes += request.body;
    auto const saved = co_await blobs.save(WaitingFiles::name_of(channel.value, hash), std::move(bytes));
    if (!saved) {
        log_error("blob_not_stored", {{"channel", channel.value}, {"why", saved.error().message}});
        Response busy = blob_refused(503, "unavailable", "not stored; send it again later");
        busy.headers.set("Retry-After", "60");
        co_return busy;
    }
    json::object const body{{"url", std::string{blob_scheme} + hash}, {"expires_at", to_millis(desk.inlet.clock() + blobs.life)}};
    co_return json_response(json::serialize(body));
}

}  // namespace

void add_blobs(Router& router, std::string const& base, Desk desk, WaitingFiles blobs) {
    if (blobs.pool == nullptr) return;
    router.add("POST", base + "/blobs",
               [desk = std::move(desk), blobs = std::move(blobs)](Request request) { return take_blob(desk, blobs, std::move(request)); });
}

net::awaitable<Result<Connector::Content>> read_blob(WaitingFiles blobs, ChannelId channel, std::string url) {
    auto const hash = std::string_view{url}.substr(std::min(blob_scheme.size(), url.size()));
    if (!url.starts_with(blob_scheme) || !is_hash(hash)) co_return Error{Errc::not_found, "no file was uploaded"};
    auto bytes = co_await blobs.read(WaitingFiles::name_of(channel.value, hash));
    if (!bytes) co_return bytes.error();
    auto const type_ends = bytes->find('\n');
    if (type_ends == std::string::npos) co_return Error{Errc::not_found, "the file is not one of ours"};
    Connector::Content content;
    content.content_type = bytes->substr(0, type_ends);
    content.bytes = bytes->substr(type_ends + 1);
    co_return content;
}

}  // namespace kefu::bridge
