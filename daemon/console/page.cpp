// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/page.hpp"

#include "daemon/embedded.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace kefu {

namespace {

/// One file of the page, as it is and compressed. The texts live as long as the program.
struct Packed {
    std::string type, tag;
    std::string_view plain, gzip, br;
};
using Page = std::map<std::string, Packed, std::less<>>;

std::string_view embedded(std::string_view name) {
    auto const& files = embedded_files();
    auto const found = std::find_if(files.begin(), files.end(), [&](auto const& file) { return file.name == name; });
    return found == files.end() ? std::string_view{} : found->text;
}

/// The format: pack.mjs.
Page read_page() {
    Page page;
    auto const pack = embedded("console.page");
    auto const end = pack.find('\n');
    if (end == std::string_view::npos) return page;
    auto const bytes = pack.substr(end + 1);
    auto const index = boost::json::parse(pack.substr(0, end));
    for (auto const& file : index.as_array()) {
        auto const part = [&](char const* encoding) {
            auto const& place = file.at(encoding).as_array();
            return bytes.substr(place[0].to_number<std::size_t>(), place[1].to_number<std::size_t>());
        };
        auto const text = [&](char const* name) { return std::string{file.at(name).as_string()}; };
        page.emplace(text("name"), Packed{text("type"), '"' + text("tag") + '"', part("plain"), part("gzip"), part("br")});
    }
    return page;
}

Page const& page_files() {
    static Page const page = read_page();
    return page;
}

/// True when the browser takes that encoding. No quality values: those who send "gzip;q=0" get what they asked not to get, and browsers do not.
bool accepts(Request const& request, std::string_view encoding) {
    auto rest = request.headers.get("accept-encoding");
    while (!rest.empty()) {
        auto const comma = rest.find(',');
        auto one = rest.substr(0, comma);
        rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
        while (one.starts_with(' ')) one.remove_prefix(1);
        if (one.substr(0, one.find(';')) == encoding) return true;
    }
    return false;
}

Response serve(Request const& request, std::string_view name, bool for_ever) {
    auto const found = page_files().find(name);
    if (found == page_files().end()) {
        return page_files().empty() ? problem(404, "There is no console here", "This kefud was built with KEFUD_CONSOLE=OFF.") : problem(404, "Not found");
    }
    Packed const& file = found->second;
    Response response;
    response.headers.set("Content-Type", file.type);
    response.headers.set("Cache-Control", for_ever ? "public, max-age=31536000, immutable" : "no-cache");
    response.headers.set("ETag", file.tag);
    response.headers.set("Vary", "Accept-Encoding");
    response.headers.set("X-Content-Type-Options", "nosniff");
    response.headers.set("Referrer-Policy", "no-referrer");
    response.headers.set("Cross-Origin-Resource-Policy", "same-origin");
    if (!for_ever) {
        response.headers.set("Content-Security-Policy",
                             "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' blob: data:; frame-ancestors 'none'; "
                             "base-uri 'none'; form-action 'self'");
        response.headers.set("Cross-Origin-Opener-Policy", "same-origin");
        response.headers.set("X-Robots-Tag", "noindex");
    }
    if (request.headers.get("if-none-match") == file.tag) {
        response.status = 304;
    } else if (accepts(request, "br")) {
        response.headers.set("Content-Encoding", "br");
        response.body = file.br;
    } else if (accepts(request, "gzip")) {
        response.headers.set("Content-Encoding", "gzip");
        response.body = file.gzip;
    } else {
        response.body = file.plain;
    }
    return response;
}

Response to_folder() {
    Response response;
    response.status = 308;
    response.headers.set("Location", "/console/");
    return response;
}

Response openapi() {
    Response response = json_response(std::string{embedded("daemon/console/openapi.json")});
    response.headers.set("Cache-Control", "no-cache");
    return response;
}

}  // namespace

void add_console_page(Router& router) {
    router.add("GET", "/console", [](Request const&) { return at_once(to_folder()); });
    router.add("GET", "/console/", [](Request const& request) { return at_once(serve(request, "index.html", false)); });
    router.add("GET", "/console/assets/{file}", [](Request const& request) { return at_once(serve(request, "assets/" + request.query.at("file"), true)); });
}

void add_openapi(Router& router) {
    router.add("GET", "/api/openapi.json", [](Request const&) { return at_once(openapi()); });
}

}  // namespace kefu
