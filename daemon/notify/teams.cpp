// SPDX-License-Identifier: Apache-2.0
#include "daemon/notify/text_notifier.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

/// Microsoft Teams through a Workflows webhook (learn.microsoft.com, "Create incoming webhooks with Workflows"): an Adaptive Card. 202 says that the flow was
/// started, not that the card appeared. The address carries its signature and is sent byte for byte.
namespace kefu {

namespace json = boost::json;

namespace {

ClientRequest teams_request(NotifierSettings const& settings, std::string const& text, Timestamp) {
    // A line break in a TextBlock is a paragraph's.
    std::string lines;
    for (char const c : text) lines += c == '\n' ? std::string{"\n\n"} : std::string(1, c);
    json::object block{{"type", "TextBlock"}, {"text", std::move(lines)}, {"wrap", true}};
    json::object card{{"$schema", "http://adaptivecards.io/schemas/adaptive-card.json"},
                      {"type", "AdaptiveCard"},
                      {"version", "1.4"},
                      {"body", json::array{std::move(block)}}};
    json::object attachment{{"contentType", "application/vnd.microsoft.card.adaptive"}, {"contentUrl", nullptr}, {"content", std::move(card)}};
    ClientRequest out;
    out.url = settings.teams.url.reveal();
    out.body = json::serialize(json::object{{"type", "message"}, {"attachments", json::array{std::move(attachment)}}});
    return out;
}

SendResult read_teams(Response const& response) { return result_of_status("Teams", response); }

}  // namespace

TextPlatform const& teams_platform() {
    static constexpr TextPlatform platform{"Teams", 12'000, TextPlatform::Unit::bytes, 60, escape_markdown, teams_request, read_teams};  // a message: 28 KB
    return platform;
}

}  // namespace kefu
