// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/bridge/blobs.hpp"

#include "daemon/crypto.hpp"
#include "daemon/log.hpp"
#include "daemon/write_file.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <fstream>
#include <iterator>
#include <utility>

namespace kefu::bridge {

namespace json = boost::json;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t largest_blob = std::size_t{10} << 20;
constexpr std::size_t most_blobs = 1000;
constexpr std::chrono::hours blob_life{1};
constexpr std::string_view blob_scheme = "kefud-blob:";

/// Without the channel in it one bridge could ask for another's.
std::string blob_name(ChannelId const& channel, std::string_view hash) { return hex(sha256(channel.value + '\n' + std::string{hash})); }

/// Writes it, after what is too old was removed: the content type, a line end, the bytes.
struct SaveBlob {
    fs::path folder;
    std::string name;
    std::string bytes;

    Result<void> operator()() const {
        std::error_code error;
        std::size_t count = 0;
        auto const now = fs::file_time_type::clock::now();
        for (auto entry = fs::directory_iterator{folder, error}; !error && entry != fs::directory_iterator{}; entry.increment(error)) {
            std::error_code gone;
            auto const written = entry->last_write_time(gone);
            if (!gone && now - written > blob_life)
                fs::remove(entry->path(), gone);
            else
                ++count;
        }
        if (count >= most_blobs) return Error{Errc::unavailable, "1000 files wait to be named in a message"};
        return write_file(folder / name, bytes, 0600);
    }
};

struct ReadBlob {
    fs::path path;

    Result<Connector::Content> operator()() const {
        std::ifstream file{path, std::ios::binary};
        std::string type;
        if (!file || !std::getline(file, type)) return Error{Errc::not_found, "the file was not uploaded, or more than an hour ago"};
        return Connector::Content{std::string{std::istreambuf_iterator<char>{file}, {}}, std::move(type)};
    }
};

Response blob_refused(int status, std::string_view code, std::string_view message) {
    json::object const body{{"error", code}, {"message", message}};
    return json_response(json::serialize(body), status);
}

net::awaitable<Response> take_blob(Desk desk, Blobs blobs, Request request) {
    constexpr std::string_view scheme = "Bearer ";
    auto const header = request.headers.get("authorization");
    auto const hub = header.starts_with(scheme) ? desk.hub_of(header.substr(scheme.size())) : nullptr;
    if (!hub) co_return blob_refused(401, "auth_failed", "send 'Authorization: Bearer TOKEN'");
    if (request.body.empty()) co_return blob_refused(400, "malformed", "the body is empty");
    if (request.body.size() > largest_blob) co_return blob_refused(413, "too_large", "at most 10 MiB");
    auto const channel = hub->settings()->id;
    auto const hash = hex(sha256(request.body));
    std::string bytes{request.headers.get("content-type")};
    bytes += '\n';
    bytes += request.body;
    SaveBlob save{blobs.folder, blob_name(channel, hash), std::move(bytes)};
    auto const saved = co_await on_pool(*blobs.pool, std::move(save));
    if (!saved) {
        log_error("blob_not_stored", {{"channel", channel.value}, {"why", saved.error().message}});
        Response busy = blob_refused(503, "unavailable", "not stored; send it again later");
        busy.headers.set("Retry-After", "60");
        co_return busy;
    }
    json::object const body{{"url", std::string{blob_scheme} + hash}, {"expires_at", to_millis(desk.inlet.clock() + blob_life)}};
    co_return json_response(json::serialize(body));
}

}  // namespace

void add_blobs(Router& router, std::string const& base, Desk desk, Blobs blobs) {
    if (blobs.pool == nullptr) return;
    router.add("POST", base + "/blobs",
               [desk = std::move(desk), blobs = std::move(blobs)](Request request) { return take_blob(desk, blobs, std::move(request)); });
}

net::awaitable<Result<Connector::Content>> read_blob(Blobs blobs, ChannelId channel, std::string url) {
    if (blobs.pool == nullptr || !url.starts_with(blob_scheme)) co_return Error{Errc::not_found, "no file was uploaded"};
    ReadBlob read{blobs.folder / blob_name(channel, std::string_view{url}.substr(blob_scheme.size()))};
    auto content = co_await on_pool(*blobs.pool, std::move(read));
    co_return content;
}

}  // namespace kefu::bridge
