// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/websocket_frames.hpp"

#include "daemon/crypto.hpp"
#include "intents/utf8.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace kefu {

namespace {

constexpr std::size_t longest_control = 125;  // RFC 6455, 5.5

bool is_control(WebSocketOpcode opcode) { return (static_cast<std::uint8_t>(opcode) & 0x8) != 0; }

bool is_known(unsigned opcode) { return opcode <= 0x2 || (opcode >= 0x8 && opcode <= 0xA); }

/// RFC 6455, 7.4: codes that may stand in a frame.
bool may_be_sent(std::uint16_t code) {
    bool const defined = code >= 1000 && code <= 1014 && code != 1004 && code != close_code::none_given && code != close_code::lost;
    return defined || (code >= 3000 && code <= 4999);
}

/// One of the words of a list that is separated by commas, whatever its case.
bool has_word(std::string_view list, std::string_view word) {
    auto const lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
    while (!list.empty()) {
        auto const comma = std::min(list.find(','), list.size());
        auto one = list.substr(0, comma);
        list.remove_prefix(std::min(comma + 1, list.size()));
        while (!one.empty() && (one.front() == ' ' || one.front() == '\t')) one.remove_prefix(1);
        while (!one.empty() && (one.back() == ' ' || one.back() == '\t')) one.remove_suffix(1);
        if (one.size() == word.size() && std::equal(one.begin(), one.end(), word.begin(), [&](char a, char b) { return lower(a) == lower(b); })) return true;
    }
    return false;
}

/// In any field of that name: a list may be spread over several.
bool has_word(Headers const& headers, std::string_view name, std::string_view word) {
    auto const& all = headers.all();
    return std::any_of(all.begin(), all.end(), [&](auto const& field) { return has_word(field.first, name) && has_word(field.second, word); });
}

void append_bytes(std::string& out, std::uint64_t value, int bytes) {
    for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>((value >> (8 * i)) & 0xFF);
}

}  // namespace

std::size_t WebSocketReader::put(std::string_view bytes) {
    std::size_t used = 0;
    while (fault_ == 0 && !done_) {
        if (!in_frame_) {
            auto const header = put_header(bytes.substr(used));
            if (header == 0) return used;
            used += header;
            if (fault_ != 0) return used;
        }
        auto const part = bytes.substr(used, static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size() - used)));
        auto& to = control_ ? control_payload_ : message_;
        auto const before = to.size();
        to.append(part);
        if (from_client_)
            for (std::size_t i = before; i < to.size(); ++i, ++masked_) to[i] = static_cast<char>(static_cast<unsigned char>(to[i]) ^ mask_[masked_ % 4]);
        used += part.size();
        left_ -= part.size();
        if (left_ != 0) return used;
        end_frame();
    }
    return used;
}

std::size_t WebSocketReader::put_header(std::string_view bytes) {
    auto const byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    if (bytes.size() < 2) return 0;
    bool const masked = (byte(1) & 0x80) != 0;
    std::uint64_t length = byte(1) & 0x7F;
    std::size_t size = 2;
    if (length >= 126) {
        std::size_t const wide = length == 126 ? 2 : 8;
        if (bytes.size() < size + wide) return 0;
        length = 0;
        for (std::size_t i = 0; i < wide; ++i) length = (length << 8) | byte(size + i);
        // The shortest form only (5.2), so that there is one way to write a frame.
        if (length < (wide == 2 ? 126u : 65'536u)) fault_ = close_code::protocol_error;
        size += wide;
    }
    if (masked != from_client_) fault_ = close_code::protocol_error;
    if (fault_ != 0) return size;
    if (masked) {
        if (bytes.size() < size + sizeof mask_) return 0;
        std::memcpy(mask_, bytes.data() + size, sizeof mask_);
        size += sizeof mask_;
    }
    begin_frame(byte(0), length);
    return size;
}

void WebSocketReader::begin_frame(unsigned char first, std::uint64_t length) {
    bool const extended = (first & 0x70) != 0;  // no extension was agreed on
    unsigned const opcode = first & 0x0F;
    if (extended || !is_known(opcode)) {
        fault_ = close_code::protocol_error;
        return;
    }
    final_ = (first & 0x80) != 0;
    opcode_ = static_cast<WebSocketOpcode>(opcode);
    control_ = is_control(opcode_);
    bool const continues = opcode_ == WebSocketOpcode::continuation;
    bool const broken = control_ ? (!final_ || length > longest_control) : continues != fragmented_;
    if (broken) {
        fault_ = close_code::protocol_error;
    } else if (!control_ && length > max_message_ - message_.size()) {
        fault_ = close_code::too_large;
    } else {
        if (!control_ && !continues) message_kind_ = opcode_;
        in_frame_ = true;
        left_ = length;
        masked_ = 0;
    }
}

void WebSocketReader::end_frame() {
    in_frame_ = false;
    if (!control_) {
        fragmented_ = !final_;
        if (!final_) return;
        WebSocketMessage message{message_kind_, std::exchange(message_, {}), close_code::none_given};
        if (message.kind == WebSocketOpcode::text && !is_utf8(message.payload))
            fault_ = close_code::bad_utf8;
        else
            done_ = std::move(message);
        return;
    }
    WebSocketMessage message{opcode_, std::exchange(control_payload_, {}), close_code::none_given};
    if (opcode_ == WebSocketOpcode::close && !message.payload.empty()) {
        auto const byte = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(message.payload[i])); };
        if (message.payload.size() >= 2) message.code = static_cast<std::uint16_t>((byte(0) << 8) | byte(1));
        if (!may_be_sent(message.code)) {
            fault_ = close_code::protocol_error;
            return;
        }
        message.payload.erase(0, 2);
        if (!is_utf8(message.payload)) {
            fault_ = close_code::bad_utf8;
            return;
        }
    }
    done_ = std::move(message);
}

std::optional<WebSocketMessage> WebSocketReader::take() { return std::exchange(done_, std::nullopt); }

void append_frame(std::string& out, WebSocketOpcode opcode, std::string_view payload, std::optional<std::uint32_t> mask) {
    unsigned const masked = mask ? 0x80 : 0;
    out += static_cast<char>(0x80 | static_cast<unsigned>(opcode));
    if (payload.size() < 126) {
        out += static_cast<char>(masked | payload.size());
    } else if (payload.size() < 65'536) {
        out += static_cast<char>(masked | 126);
        append_bytes(out, payload.size(), 2);
    } else {
        out += static_cast<char>(masked | 127);
        append_bytes(out, payload.size(), 8);
    }
    if (!mask) {
        out.append(payload);
        return;
    }
    append_bytes(out, *mask, 4);
    for (std::size_t i = 0; i < payload.size(); ++i) out += static_cast<char>(static_cast<unsigned char>(payload[i]) ^ ((*mask >> (24 - 8 * (i % 4))) & 0xFF));
}

void append_close(std::string& out, std::uint16_t code, std::string_view reason, std::optional<std::uint32_t> mask) {
    std::string payload;
    if (may_be_sent(code)) {
        append_bytes(payload, code, 2);
        std::size_t fits = 0;
        for (std::size_t at = 0; at < reason.size();) {
            next_code_point(reason, at);
            if (at > longest_control - 2) break;
            fits = at;
        }
        payload.append(reason.substr(0, fits));
    }
    append_frame(out, WebSocketOpcode::close, payload, mask);
}

std::string websocket_accept(std::string_view key) { return base64(sha1(std::string{key} + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")); }

std::optional<Response> refuse_upgrade(Request const& request) {
    bool const asks = request.method == "GET" && has_word(request.headers, "Upgrade", "websocket") && has_word(request.headers, "Connection", "upgrade");
    if (!asks || request.headers.get("Sec-WebSocket-Version") != "13") {
        auto refused = problem(426, "A WebSocket is wanted", "Connect with a WebSocket client (RFC 6455, version 13).");
        refused.headers.add("Upgrade", "websocket");
        refused.headers.add("Sec-WebSocket-Version", "13");
        return refused;
    }
    auto const key = from_base64(request.headers.get("Sec-WebSocket-Key"));
    if (!key || key->size() != 16) return problem(400, "Bad request", "Sec-WebSocket-Key is not 16 bytes of Base64.");
    if (!request.body.empty()) return problem(400, "Bad request", "A WebSocket request has no body.");
    return std::nullopt;
}

bool offers_protocol(Request const& request, std::string_view protocol) { return has_word(request.headers, "Sec-WebSocket-Protocol", protocol); }

}  // namespace kefu
