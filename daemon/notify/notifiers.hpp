// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/settings.hpp"
#include "daemon/clock.hpp"
#include "daemon/http/client.hpp"
#include "daemon/notify/notifier.hpp"

#include <boost/json/object.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace kefu {

/// A Standard Webhook to a help desk: case.escalated, case.updated, case.resolved, daemon.alarm. `http` outlives it.
std::unique_ptr<Notifier> make_webhook_notifier(NotifierSettings const& settings, HttpClient& http, Clock clock);

/// A push into an agents' LINE group. It costs one paid message per member, so only escalations go there. `line` outlives it.
std::unique_ptr<Notifier> make_line_group_notifier(NotifierSettings const& settings, Connector& line);

/// An escalation as people's programs read it: moments in RFC 3339.
boost::json::object escalation_json(Escalate const& what);

/// Everything an agent needs, as data: moments in UTC, beside the shop's time zone.
boost::json::object notice_json(Notice const& notice);

/// The same in a few lines of text in the team's language (zh-Hant, zh-Hans, cs, else en) and the shop's time zone, insults left as they are: it goes to people
/// who must decide.
std::string notice_text(Notice const& notice, std::string_view locale);

/// Its first lines alone, for a subject or a digest: what it is about, who, why, and where to take it.
std::string notice_headline(Notice const& notice, std::string_view locale);
/// "3 cases"
std::string digest_title(std::size_t cases, std::string_view locale);

/// The page behind a claim link, in the team's language.
struct ClaimPage {
    std::string_view locale_tag;
    std::string_view title, explain, button, done, taken, closed, bad;
};
ClaimPage const& claim_page_words(std::string_view locale);

}  // namespace kefu
