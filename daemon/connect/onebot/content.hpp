// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/channel_settings.hpp"
#include "replies/message.hpp"

#include <boost/json/array.hpp>

#include <string>
#include <string_view>
#include <vector>

/// What a OneBot message holds. Pure.
namespace kefu::onebot {

/// Version 11's older form: "text[CQ:image,file=a,url=b]" as segments. Read leniently and never written: a text of ours with such a code in it must stay text.
boost::json::array segments_of_cq(std::string_view text);

/// A message's segments (onebot-11 `message/segment.md`, onebot-12 `interface/message/segments.md`) in our words.
struct Content {
    std::string text;  ///< the text segments joined, without mentions and one space behind each: who is meant is no part of what is said
    std::vector<Attachment> attachments;
    bool mentioned = false;     ///< the account, by name; "all" does not count
    std::string reply_to;       ///< the message it answers; empty: none
    std::string reply_to_user;  ///< v12 may say whose that is
};

/// `message` is an array of segments; in v11 also one segment, or text with CQ codes. `account`: whose mention is meant.
Content read_content(OneBotVersion version, boost::json::value const& message, std::string_view account);

}  // namespace kefu::onebot
