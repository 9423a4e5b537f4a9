// SPDX-License-Identifier: Apache-2.0
#include "daemon/notify/text_notifier.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

/// Incoming webhooks of Slack (docs.slack.dev, "Sending messages using incoming webhooks"), Mattermost and Rocket.Chat. Their bodies differ: the status counts.
namespace kefu {

namespace {

/// "Formatting text": these three, or "<!channel>" in a customer's words calls everybody.
std::string escape_slack(std::string_view grapheme) {
    if (grapheme == "&") return "&amp;";
    if (grapheme == "<") return "&lt;";
    if (grapheme == ">") return "&gt;";
    return std::string{grapheme};
}

ClientRequest slack_request(NotifierSettings const& settings, std::string const& text, Timestamp) {
    ClientRequest out;
    out.url = settings.slack.url.reveal();
    out.body = boost::json::serialize(boost::json::object{{"text", text}});
    return out;
}

/// 403, 404 and 410: the webhook or its channel is gone.
SendResult read_slack(Response const& response) { return result_of_status("Slack", response); }

}  // namespace

TextPlatform const& slack_platform() {
    static constexpr TextPlatform platform{"Slack", 8000, TextPlatform::Unit::utf16, 50, escape_slack, slack_request, read_slack};
    return platform;
}

}  // namespace kefu
