// SPDX-License-Identifier: Apache-2.0
#include "daemon/evidence/page.hpp"

#include "daemon/markup.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace kefu {

namespace {

constexpr std::string_view style = R"css(
body { font: 15px/1.5 system-ui, "Noto Sans CJK TC", sans-serif; margin: 2em auto; max-width: 62em; padding: 0 1em; color: #111; background: #fff }
h1 { font-size: 1.4em } table { border-collapse: collapse; width: 100% } td, th { border-top: 1px solid #bbb; padding: .4em .6em; text-align: left; vertical-align: top }
th { font-weight: 600 } .text { white-space: pre-wrap; overflow-wrap: anywhere } .customer { background: #eef4ff } .send { background: #effaf0 }
.escalation { background: #fff1ee } .small { color: #444; font-size: .85em; overflow-wrap: anywhere; white-space: pre-wrap } .small b { font-weight: 600 }
.erased { font-style: italic } img { display: block; max-height: 20em; max-width: 100% } code { overflow-wrap: anywhere; font-size: .85em }
@media print { body { font-size: 10pt; margin: 0; max-width: none } tr { break-inside: avoid } thead { display: table-header-group } }
)css";

/// "message_received" → "Message received"
std::string title(std::string_view name) {
    std::string words{name};
    std::replace(words.begin(), words.end(), '_', ' ');
    if (!words.empty() && words.front() >= 'a' && words.front() <= 'z') words.front() = static_cast<char>(words.front() - 'a' + 'A');
    return words;
}

std::string_view row_class(SealedEntry const& entry) {
    if (entry.value("who") == "customer") return "customer";
    return entry.kind == "send" || entry.kind == "escalation" ? std::string_view{entry.kind} : std::string_view{};
}

bool is_picture(std::string_view file) {
    static constexpr std::array<std::string_view, 4> endings{".jpg", ".png", ".gif", ".webp"};
    return std::any_of(endings.begin(), endings.end(), [&](auto ending) { return file.ends_with(ending); });
}

/// One file a line.
std::string links(std::string_view files) {
    std::string html;
    while (!files.empty()) {
        auto const end = files.find('\n');
        std::string const name = escape_markup(files.substr(0, end));
        html += "<a href=\"" + name + "\">" + (is_picture(files.substr(0, end)) ? "<img alt=\"" + name + "\" src=\"" + name + "\">" : name) + "</a>\n";
        files = end == std::string_view::npos ? std::string_view{} : files.substr(end + 1);
    }
    return html;
}

/// Shown elsewhere in the row, or only in evidence.json.
bool is_apart(std::string_view name) {
    static constexpr std::array<std::string_view, 7> apart{"who", "text", "quote", "erased", "files", "event", "raw"};
    return std::find(apart.begin(), apart.end(), name) != apart.end();
}

}  // namespace

std::string page_begin(SealedEntry const& first) {
    std::string const name = escape_markup(first.value("conversation"));
    std::string html = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
    html += "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src 'self' file:\">\n";
    html += "<meta name=\"viewport\" content=\"width=device-width\">\n<title>Evidence: " + name + "</title>\n<style>";
    html += style;
    html += "</style>\n</head>\n<body>\n<h1>Evidence: conversation <span dir=\"auto\">" + name + "</span></h1>\n";
    html +=
        "<p>Times are UTC. The raw events and the reasons in full are in evidence.json; <code>kefud evidence verify</code> shows whether anything was "
        "changed since this was written.</p>\n";
    html += "<table>\n<thead><tr><th>No.</th><th>When</th><th>Who</th><th>What</th></tr></thead>\n<tbody>\n";
    return html;
}

std::string page_entry(SealedEntry const& entry) {
    std::string html = "<tr class=\"";
    html += row_class(entry);
    html += "\"><td>" + std::to_string(entry.number) + "</td><td><time>" + escape_markup(entry.time) + "</time></td><td dir=\"auto\">" +
            escape_markup(entry.value("who")) + "</td><td><b>" + escape_markup(title(entry.kind)) + "</b>\n";
    for (auto const* const words : {"text", "quote"}) {
        auto const text = entry.value(words);
        if (!text.empty()) html += "<div class=\"text\" dir=\"auto\">" + escape_markup(text) + "</div>\n";
    }
    if (auto const erased = entry.value("erased"); !erased.empty()) html += "<div class=\"erased\">Erased: " + escape_markup(erased) + "</div>\n";
    html += links(entry.value("files"));
    for (auto const& field : entry.fields)
        if (field.value && !is_apart(field.name))
            html += "<div class=\"small\" dir=\"auto\"><b>" + escape_markup(title(field.name)) + ":</b> " + escape_markup(*field.value) + "</div>\n";
    return html + "</td></tr>\n";
}

std::string page_end(SealedEntry const& last) {
    return "</tbody>\n</table>\n<p>Hash of entry " + std::to_string(last.number) + ", the last one on this page: <code>" + last.hash +
           "</code></p>\n</body>\n</html>\n";
}

}  // namespace kefu
