// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/http/message.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// WebSocket (RFC 6455) between bytes and values, without any I/O and without extensions.
namespace kefu {

enum class WebSocketOpcode : std::uint8_t { continuation = 0x0, text = 0x1, binary = 0x2, close = 0x8, ping = 0x9, pong = 0xA };

/// Close codes we send (RFC 6455, 7.4.1); applications have 4000 to 4999.
namespace close_code {
inline constexpr std::uint16_t normal = 1000, going_away = 1001, protocol_error = 1002, unsupported_data = 1003, none_given = 1005, lost = 1006,
                               bad_utf8 = 1007, too_large = 1009, internal_error = 1011, restarting = 1012;
}

/// A whole message, its fragments joined, or a control frame.
struct WebSocketMessage {
    WebSocketOpcode kind = WebSocketOpcode::text;
    std::string payload;                          ///< close: the reason
    std::uint16_t code = close_code::none_given;  ///< close only
};

/// Reads messages, one after another, from what a peer sends.
class WebSocketReader {
  public:
    /// `from_client`: frames must be masked, as a client's are; else they must not be. Messages are at most `max_message` bytes.
    WebSocketReader(bool from_client, std::size_t max_message) : from_client_(from_client), max_message_(max_message) {}

    /// Understands as much of `bytes` as it can and returns how many that was; the rest has to come again, with more behind it. Stops after each message.
    std::size_t put(std::string_view bytes);

    /// The message that put() completed; nothing when it needs more.
    std::optional<WebSocketMessage> take();

    /// The close code for what the peer did wrong; 0: nothing. After that nothing more is read.
    std::uint16_t fault() const { return fault_; }

  private:
    std::size_t put_header(std::string_view bytes);
    void begin_frame(unsigned char first, std::uint64_t length);
    void end_frame();

    bool from_client_;
    std::size_t max_message_;
    std::uint16_t fault_ = 0;
    bool in_frame_ = false;
    bool final_ = false;
    bool control_ = false;
    bool fragmented_ = false;  ///< a message has begun and waits for its continuation
    WebSocketOpcode opcode_ = WebSocketOpcode::text;
    WebSocketOpcode message_kind_ = WebSocketOpcode::text;
    std::uint64_t left_ = 0;  ///< of the frame's payload
    unsigned char mask_[4] = {};
    std::size_t masked_ = 0;       ///< position in the mask
    std::string message_;          ///< of the data message, as far as it came
    std::string control_payload_;  ///< of the control frame, which may come between fragments
    std::optional<WebSocketMessage> done_;
};

/// Appends one whole frame; with `mask` as clients send them.
void append_frame(std::string& out, WebSocketOpcode opcode, std::string_view payload, std::optional<std::uint32_t> mask = std::nullopt);

/// Appends a close frame; the reason is cut to what fits, not inside a character. `none_given` and `lost` stand for a frame without a code.
void append_close(std::string& out, std::uint16_t code, std::string_view reason, std::optional<std::uint32_t> mask = std::nullopt);

/// Sec-WebSocket-Accept for the client's Sec-WebSocket-Key (RFC 6455, 4.2.2).
std::string websocket_accept(std::string_view key);

/// Why this request does not open a WebSocket, as the answer to give; nothing when it does. Without a valid key 400, other versions than 13 426.
std::optional<Response> refuse_upgrade(Request const& request);

/// True when the request's Sec-WebSocket-Protocol offers `protocol`.
bool offers_protocol(Request const& request, std::string_view protocol);

}  // namespace kefu
