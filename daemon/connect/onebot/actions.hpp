// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/connect/onebot/frames.hpp"

#include <boost/json/object.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

/// What we ask of a OneBot implementation. Pure.
namespace kefu::onebot {

struct Action {
    std::string name;
    boost::json::object params;
};

/// The text frame, or the body over HTTP. v12 names the account, as one connection may carry several.
std::string write_action(Account const& account, Action const& action, std::string const& echo);

/// One message of the platform.
struct Part {
    std::string text;
    std::string image;     ///< URL; then there is no text
    std::string reply_to;  ///< the message it answers; empty: none
};

/// Texts of at most 2,000 UTF-16 units, pictures by URL. Stickers of other platforms and buttons are left out.
std::vector<Part> to_parts(std::vector<OutboundMessage> const& messages, std::string const& reply_to);

/// `message` is always an array of segments: a string would be read for CQ codes, and a customer's words in our answer could call everybody.
/// `file`: v12, the picture's id there. `plain`: nothing but the text, for an implementation that does not know a segment.
Action send_action(Account const& account, Peer const& peer, Part const& part, std::string const& file = {}, bool plain = false);

/// v12: pictures go there first.
Action upload_action(Part const& part);

/// What to do after the answer to a send. v11: `retcode` is an implementation's own, `status` counts. v12: "return-code".
SendResult outcome_of(OneBotVersion version, Reply const& reply);

/// v12: it knows no such segment; the same may go as plain text.
bool wants_plain_text(OneBotVersion version, Reply const& reply);

/// It has no such action, and never will.
bool is_unknown_action(Reply const& reply);

/// The token is refused: NapCat and LLOneBot open the connection first, then say so and close it.
bool is_token_refused(Reply const& reply);

}  // namespace kefu::onebot
