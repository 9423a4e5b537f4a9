// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/web_chat/desk.hpp"
#include "daemon/crypto.hpp"
#include "daemon/embedded.hpp"
#include "daemon/markup.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

namespace kefu::web_chat {

namespace {

constexpr std::string_view folder = "daemon/connect/web_chat/page/";

std::string_view file(std::string_view name) {
    auto const& files = embedded_files();
    auto const found =
        std::find_if(files.begin(), files.end(), [&](auto const& one) { return one.name.starts_with(folder) && one.name.substr(folder.size()) == name; });
    assert(found != files.end());
    return found->text;
}

/// The parts in one function, so that a shop's page gets one file and no names of ours.
std::string make_script() {
    std::string script = "(() => {\n'use strict';\nconst css = " + boost::json::serialize(boost::json::value(file("widget.css"))) + ";\n";
    for (auto const part : {"texts.js", "storage.js", "session.js", "view.js", "widget.js"}) script += file(part);
    return script + "})();\n";
}

Response cached(Request const& request, std::string const& text, std::string const& tag, std::string type) {
    Response response;
    response.headers.set("Content-Type", std::move(type));
    response.headers.set("Cache-Control", "public, max-age=300");
    response.headers.set("ETag", tag);
    response.headers.set("X-Content-Type-Options", "nosniff");
    response.headers.set("Cross-Origin-Resource-Policy", "cross-origin");  // it is made for other sites' pages
    if (request.headers.get("if-none-match") == tag)
        response.status = 304;
    else
        response.body = text;
    return response;
}

std::string tag_of(std::string const& text) { return '"' + hex(sha256(text)).substr(0, 32) + '"'; }

Response script(Request const& request) {
    static std::string const text = make_script();
    static std::string const tag = tag_of(text);
    return cached(request, text, tag, "text/javascript; charset=utf-8");
}

Response style(Request const& request) {
    static std::string const text{file("page.css")};
    static std::string const tag = tag_of(text);
    return cached(request, text, tag, "text/css; charset=utf-8");
}

void replace(std::string& text, std::string_view name, std::string const& value) {
    for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at + value.size())) text.replace(at, name.size(), value);
}

/// What was asked for, when there are texts in it; else the channel's.
std::string language_of(Request const& request, std::string const& otherwise) {
    static constexpr std::array<std::string_view, 4> known{"zh-Hant", "zh-Hans", "cs", "en"};
    auto const asked = request.query.find("lang");
    bool const fits = asked != request.query.end() && std::find(known.begin(), known.end(), asked->second) != known.end();
    return fits ? asked->second : otherwise;
}

Response page(Desk const& desk, Request const& request) {
    auto const wanted = request.query.find("channel");
    auto const channel = desk.channel(wanted == request.query.end() ? std::string_view{} : std::string_view{wanted->second});
    if (!channel || !channel->settings.web_chat.page) return problem(404, "No chat here", "A channel of type web_chat with `page: true` has one.");
    auto const& settings = channel->settings;
    auto const title = settings.web_chat.title.empty() ? channel->shop : settings.web_chat.title;
    std::string html{file("chat.html")};
    replace(html, "{{language}}", escape_markup(language_of(request, settings.locale)));
    replace(html, "{{channel}}", escape_markup(settings.id.value));
    replace(html, "{{path}}", escape_markup(settings.path));
    replace(html, "{{title}}", escape_markup(title));
    Response response;
    response.headers.set("Content-Type", "text/html; charset=utf-8");
    response.headers.set("Cache-Control", "no-store");
    response.headers.set("X-Content-Type-Options", "nosniff");
    response.headers.set("Referrer-Policy", "no-referrer");
    // The widget's style sheet is made by its script, which needs no permission.
    response.headers.set("Content-Security-Policy",
                         "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src https: blob: data:; "
                         "base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    response.body = std::move(html);
    return response;
}

}  // namespace

void add_page(Router& router, std::string const& base, Desk desk) {
    router.add("GET", base + "/widget.js", [](Request const& request) { return at_once(script(request)); });
    router.add("GET", base + "/page.css", [](Request const& request) { return at_once(style(request)); });
    router.add("GET", base, [desk = std::move(desk)](Request const& request) { return at_once(page(desk, request)); });
}

}  // namespace kefu::web_chat
