// SPDX-License-Identifier: Apache-2.0
// What a WebSocket peer sends: the same bytes must mean the same, however they are cut, and never crash or grow past the limit.
#include "daemon/http/websocket_frames.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

constexpr std::size_t most = 1024;

struct Outcome {
    std::vector<kefu::WebSocketMessage> messages;
    std::uint16_t fault = 0;
};

Outcome read_all(std::string_view bytes, bool from_client, std::size_t step) {
    kefu::WebSocketReader reader{from_client, most};
    Outcome outcome;
    std::string input;
    while (true) {
        input.erase(0, reader.put(input));
        if (auto message = reader.take()) {
            outcome.messages.push_back(std::move(*message));
            continue;
        }
        outcome.fault = reader.fault();
        if (outcome.fault != 0 || bytes.empty()) return outcome;
        input += bytes.substr(0, step);
        bytes.remove_prefix(std::min(step, bytes.size()));
    }
}

void check(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) return 0;
    std::string_view const bytes{reinterpret_cast<char const*>(data) + 1, size - 1};
    bool const from_client = (data[0] & 1) != 0;
    auto const whole = read_all(bytes, from_client, size);
    auto const cut = read_all(bytes, from_client, 1 + data[0] % 7);
    check(whole.fault == cut.fault && whole.messages.size() == cut.messages.size());
    for (std::size_t i = 0; i < whole.messages.size(); ++i) {
        auto const& message = whole.messages[i];
        check(message.kind == cut.messages[i].kind && message.payload == cut.messages[i].payload && message.code == cut.messages[i].code);
        check(message.payload.size() <= most);
        // What we write is read back as it was.
        if (message.kind != kefu::WebSocketOpcode::text) continue;
        std::string frame;
        kefu::append_frame(frame, message.kind, message.payload, from_client ? std::optional<std::uint32_t>{0x01020304} : std::nullopt);
        auto const again = read_all(frame, from_client, frame.size());
        check(again.messages.size() == 1 && again.messages[0].payload == message.payload);
    }
    return 0;
}
