// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "config/base/timestamp.hpp"
#include "daemon/store/store.hpp"
#include "replies/effect.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// What the chat in a visitor's browser and the daemon say to each other: JSON text messages, read and written without I/O. Unknown members and types are
/// passed over, so that an older page in somebody's cache and a newer daemon understand each other.
namespace kefu::web_chat {

inline constexpr std::size_t max_frame_bytes = std::size_t{32} * 1024;
inline constexpr std::size_t max_text_units = 4000;  ///< UTF-16, what browsers count
inline constexpr std::size_t most_files = 4;         ///< of one message
inline constexpr std::size_t most_lines = 50;        ///< of history in a welcome

// What browsers say. ------------------------------------------------------------------------------------------------------------------

/// The first frame. A visitor has the token we gave; a customer who is signed in at the shop has the shop's signature instead.
struct Hello {
    std::string token;
    std::string user;
    std::string signature;
    std::string language;     ///< BCP 47
    std::uint64_t after = 0;  ///< the number of our line that came last to the page; 0: none did
};

struct File {
    std::string id;    ///< what the upload answered
    std::string name;  ///< as the visitor named it; may be empty
};

struct Said {
    std::string id;  ///< the page's own, repeated when it sends the message again
    std::string text;
    std::vector<File> files;
};

struct Read {
    std::uint64_t number = 0;  ///< our line that came last, when it was on the screen
};

struct Typing {};
struct Ping {};

/// Of a later page than this daemon.
struct Other {};

using Frame = std::variant<Hello, Said, Read, Typing, Ping, Other>;

/// bad_payload names the member.
Result<Frame> read_frame(std::string_view text);

// What we say. ------------------------------------------------------------------------------------------------------------------------

enum class Speaker { customer, assistant, person };

/// One entry of the conversation as the visitor sees it.
struct Line {
    Speaker from = Speaker::assistant;
    std::string id;                      ///< of the customer's: the page's
    std::uint64_t number = 0;            ///< of ours: its name in the conversation, by which a page says how far it has come
    std::vector<OutboundMessage> parts;  ///< the customer's has at most one, with the text
    std::size_t files = 0;
    std::vector<std::string> photos;  ///< of the customer's that are stored: names in the media folder, which GET BASE/files takes
    Timestamp at;
};

/// Our sends are numbered in their conversation, and their id ends in that number.
std::uint64_t number_of(EffectId const& id);
EffectId send_of(ConversationId const& conversation, std::uint64_t number);

Line line_of(Send const& send, Timestamp at);

/// What a visitor may see of a stored line; nothing for notes, and for what has not gone out.
std::optional<Line> line_of(HistoryLine const& line);

struct Welcome {
    std::string token;   ///< a new visitor's; empty: they have one, or need none
    std::string ticket;  ///< lets this visitor upload files
    std::string title;
    std::size_t max_file = 0;  ///< bytes
    bool whole = false;        ///< `lines` are all there is to show: what the page has is not continued by them
    std::vector<Line> lines;   ///< oldest first
};
std::string write_welcome(Welcome const& welcome);
std::string write_line(Line const& line);
std::string write_stored(std::string_view id);
/// `code`: rate_limited, unavailable (both: again after `retry_after`), bad_message (never).
std::string write_refused(std::string_view id, std::string_view code, std::chrono::milliseconds retry_after = {});
std::string write_typing(Speaker who);
std::string write_pong();
/// The last word before we close; `code`: full, idle, flood, identity_wrong, restarting, malformed.
std::string write_bye(std::string_view code, std::chrono::milliseconds retry_after = {});

/// After a page said how far it has come: what of `lines` comes behind that. `found`: the line it named is among them.
struct Rest {
    bool found = false;
    std::vector<Line> lines;
};
Rest rest_after(std::vector<Line> lines, std::uint64_t number);

}  // namespace kefu::web_chat
