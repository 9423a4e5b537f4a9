// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/timestamp.hpp"
#include "replies/event.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// kefud bridge protocol v1 (docs/bridge.md): frames as values, read and written without I/O. Reading checks what the protocol's schema demands; members we do
/// not know are ignored, null counts as absent. Times are milliseconds since 1970.
namespace kefu::bridge {

inline constexpr std::string_view subprotocol = "kefud.bridge.v1";
inline constexpr int protocol_version = 1;

struct Capabilities {
    std::vector<std::string> send{"text"};  ///< part types
    bool echo = false;
    bool confirms = false;              ///< delivery "confirmed": `accepted` is not its last word
    bool typing = false;                ///< can show that somebody is writing
    bool durable_sends = false;         ///< remembers handled send ids over its own restart
    std::size_t max_text_units = 1000;  ///< UTF-16, per message
    std::size_t max_sends = 1;
};

struct Account {
    std::string id;
    bool online = true;
};

struct Hello {
    std::int64_t min = 1;
    std::int64_t max = 1;
    std::string token;  ///< empty: it was in the upgrade's header
    std::string bridge;
    std::string session;
    std::int64_t last_seq = 0;
    std::vector<Account> accounts;
    Capabilities capabilities;
};

enum class Role { customer, agent, bot, system, unknown };
enum class EventKind { message, recall, read, conversation, account_status };

struct EventFrame {
    EventKind kind = EventKind::message;
    std::string id;
    std::string account;
    std::string conversation;  ///< empty for account_status
    bool group = false;
    std::string sender;
    std::string sender_name;
    Role role = Role::unknown;
    Timestamp time;
    std::string text;
    std::vector<Attachment> attachments;
    std::string echo_of;
    bool history = false;
    bool mentions_bot = false;
    std::string target;
    std::string state;
    bool online = true;
    std::string reason;
};

enum class ResultStatus { accepted, delivered, failed, unknown };

struct ResultFrame {
    std::string id;
    ResultStatus status = ResultStatus::accepted;
    std::string platform_message_id;
    std::string code;
    bool retryable = false;
    std::chrono::milliseconds retry_after{0};
    bool duplicate = false;  ///< the answer to a repeated send
};

struct Ping {
    std::optional<std::int64_t> ts;
};

/// Somebody is writing; from the bridge.
struct Typing {
    std::string account;
    std::string conversation;
    bool customer = true;
    bool stopped = false;
};

/// Nothing to do but to log it: pong, error, bye, flow, and frames of later versions.
struct Other {
    std::string type;
    std::string code;
};

using Frame = std::variant<Hello, EventFrame, ResultFrame, Ping, Typing, Other>;

struct ReadFrame {
    std::optional<std::int64_t> seq;  ///< event and result frames carry one
    Frame frame;
    std::string raw;  ///< as received
};

/// Why a frame is not taken. Without a `seq` there is nothing to refuse: the connection ends as malformed.
struct Refusal {
    std::optional<std::int64_t> seq;
    std::string id;       ///< of the event or result, when it can be read
    std::string code;     ///< bad_frame, unsupported_event, too_large; malformed
    std::string message;  ///< names the member
};

using Reading = std::variant<ReadFrame, Refusal>;

/// One text message from a bridge.
Reading read_frame(std::string_view text);

/// The body of POST events: `bridge` and what became of each frame. Errors: bad_payload (malformed); not_supported protocol is Batch::protocol.
struct Batch {
    std::int64_t protocol = 0;
    std::string bridge;
    std::vector<Reading> frames;  ///< with seq numbers made up, in order
};
Result<Batch> read_batch(std::string_view body);

/// {"frames":[...]}: what a callback answers.
Result<std::vector<Reading>> read_results(std::string_view body);

/// What one event is to intake; nothing when it is not about a conversation (account_status). `to` is account/conversation.
std::optional<Event> to_event(EventFrame const& frame);

// What we say. --------------------------------------------------------------------------------------------------------------------------

struct Welcome {
    std::string session;
    bool resumed = false;
    std::int64_t last_seq = 0;
    std::chrono::milliseconds heartbeat{20'000};
    std::size_t max_inflight = 64;
    std::size_t max_frame_bytes = 262'144;
    Timestamp now;
    struct Bound {
        std::string id;
        bool accepted = true;
    };
    std::vector<Bound> accounts;
};
std::string write_welcome(Welcome const& welcome);
std::string write_ack(std::int64_t seq);
std::string write_nack(std::int64_t seq, std::string_view code, std::string_view message);
std::string write_pong(Ping const& ping);
std::string write_flow(bool pause);
std::string write_typing(std::string_view account, std::string_view conversation);
std::string write_cancel(std::string_view id, std::string_view code);
std::string write_error(std::string_view code, std::string_view message, std::chrono::milliseconds retry_after = {});
std::string write_bye(std::string_view code, std::chrono::milliseconds retry_after);

struct SendFrame {
    std::string id;
    std::string account;
    std::string conversation;
    std::string in_reply_to;  ///< also the guard's last_message; empty: none
    struct Part {
        std::string text;  ///< empty: an image
        std::string url;
    };
    std::vector<Part> parts;
    Timestamp deadline;
    int attempt = 1;
};
std::string write_send(SendFrame const& send);

/// {"protocol":1,"frames":[<send>]}: what is POSTed to a callback; without `protocol` what a long poll gets.
std::string write_sends(std::vector<SendFrame> const& sends, bool callback);

/// The parts of `messages` as this bridge can take them: text cut to its limit, an image it cannot send as its address. Stickers and buttons are left out.
/// Empty: nothing is left. More than 8 are more than a send may hold.
std::vector<SendFrame::Part> parts_for(std::vector<OutboundMessage> const& messages, Capabilities const& capabilities);

}  // namespace kefu::bridge
