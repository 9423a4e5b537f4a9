// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/websocket_frames.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace kefu {
namespace {

constexpr std::uint32_t mask = 0x37fa213d;

struct Outcome {
    std::vector<WebSocketMessage> messages;
    std::uint16_t fault = 0;
};

Outcome read(std::string_view bytes, bool from_client = true, std::size_t step = 1'000'000, std::size_t most = 1000) {
    WebSocketReader reader{from_client, most};
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

std::string frame(WebSocketOpcode opcode, std::string_view payload, bool final = true) {
    std::string bytes;
    append_frame(bytes, opcode, payload, mask);
    if (!final) bytes[0] = static_cast<char>(bytes[0] & 0x7F);
    return bytes;
}

TEST(WebSocketReader, reads_the_example_of_the_rfc) {
    // RFC 6455, 5.7: "Hello", masked and not.
    auto const masked = read(std::string_view{"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", 11});
    ASSERT_EQ(masked.messages.size(), 1u);
    EXPECT_EQ(masked.messages[0].payload, "Hello");
    auto const plain = read(std::string_view{"\x81\x05Hello", 7}, false);
    ASSERT_EQ(plain.messages.size(), 1u);
    EXPECT_EQ(plain.messages[0].payload, "Hello");
    EXPECT_EQ(websocket_accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(WebSocketReader, joins_fragments_with_a_ping_between_them_however_they_are_cut) {
    auto const bytes = frame(WebSocketOpcode::text, "亲，", false) + frame(WebSocketOpcode::ping, "p") + frame(WebSocketOpcode::continuation, "您", false) +
                       frame(WebSocketOpcode::continuation, "好") + frame(WebSocketOpcode::text, "");
    for (std::size_t const step : {1u, 2u, 5u, 1000u}) {
        auto const outcome = read(bytes, true, step);
        ASSERT_EQ(outcome.messages.size(), 3u) << step;
        EXPECT_EQ(outcome.messages[0].kind, WebSocketOpcode::ping);
        EXPECT_EQ(outcome.messages[1].payload, "亲，您好");
        EXPECT_EQ(outcome.messages[2].payload, "");
        EXPECT_EQ(outcome.fault, 0);
    }
}

TEST(WebSocketReader, reads_all_three_forms_of_the_length) {
    for (std::size_t const size : {0u, 125u, 126u, 65'535u, 65'536u, 200'000u}) {
        auto const outcome = read(frame(WebSocketOpcode::text, std::string(size, 'x')), true, 4096, 200'000);
        ASSERT_EQ(outcome.messages.size(), 1u) << size;
        EXPECT_EQ(outcome.messages[0].payload.size(), size);
    }
}

TEST(WebSocketReader, reads_a_close_with_its_code_and_reason) {
    std::string bytes;
    append_close(bytes, 4003, "replaced", mask);
    auto outcome = read(bytes);
    ASSERT_EQ(outcome.messages.size(), 1u);
    EXPECT_EQ(outcome.messages[0].code, 4003);
    EXPECT_EQ(outcome.messages[0].payload, "replaced");
    outcome = read(frame(WebSocketOpcode::close, ""));
    ASSERT_EQ(outcome.messages.size(), 1u);
    EXPECT_EQ(outcome.messages[0].code, close_code::none_given);
}

TEST(WebSocketFrames, cut_a_long_reason_between_characters) {
    std::string bytes;
    append_close(bytes, 1012, std::string(122, 'x') + "您");
    auto const outcome = read(bytes, false);
    ASSERT_EQ(outcome.messages.size(), 1u);
    EXPECT_EQ(outcome.messages[0].payload, std::string(122, 'x'));
}

struct FaultCase {
    char const* name;
    std::string bytes;
    std::uint16_t code;
};
class WebSocketFault : public testing::TestWithParam<FaultCase> {};

TEST_P(WebSocketFault, ends_the_connection_with_the_right_code) {
    for (std::size_t const step : {1u, 1000u}) {
        auto const outcome = read(GetParam().bytes, true, step);
        EXPECT_EQ(outcome.fault, GetParam().code);
        EXPECT_TRUE(outcome.messages.empty());
    }
}

std::string unmasked() {
    std::string bytes;
    append_frame(bytes, WebSocketOpcode::text, "x");
    return bytes;
}
std::string with_first(char first) {
    auto bytes = frame(WebSocketOpcode::text, "x");
    bytes[0] = first;
    return bytes;
}

INSTANTIATE_TEST_SUITE_P(
    Cases, WebSocketFault,
    testing::Values(FaultCase{"an_unmasked_frame_of_a_client", unmasked(), close_code::protocol_error},
                    FaultCase{"a_compressed_frame", with_first('\xC1'), close_code::protocol_error},
                    FaultCase{"an_unknown_opcode", with_first('\x83'), close_code::protocol_error},
                    FaultCase{"a_continuation_of_nothing", frame(WebSocketOpcode::continuation, "x"), close_code::protocol_error},
                    FaultCase{"a_new_message_inside_another", frame(WebSocketOpcode::text, "x", false) + frame(WebSocketOpcode::text, "y"),
                              close_code::protocol_error},
                    FaultCase{"a_fragmented_ping", frame(WebSocketOpcode::ping, "x", false), close_code::protocol_error},
                    FaultCase{"a_long_ping", frame(WebSocketOpcode::ping, std::string(126, 'x')), close_code::protocol_error},
                    FaultCase{"a_length_that_could_be_shorter", std::string{"\x81\xFE\x00\x05", 4}, close_code::protocol_error},
                    FaultCase{"a_close_code_that_may_not_be_sent", frame(WebSocketOpcode::close, std::string{"\x03\xED", 2}), close_code::protocol_error},
                    FaultCase{"a_close_of_one_byte", frame(WebSocketOpcode::close, "x"), close_code::protocol_error},
                    FaultCase{"text_that_is_not_UTF_8", frame(WebSocketOpcode::text, "\xC0\x80"), close_code::bad_utf8},
                    FaultCase{"a_huge_frame_before_its_payload_came", frame(WebSocketOpcode::text, std::string(1001, 'x')).substr(0, 8), close_code::too_large},
                    FaultCase{"a_message_that_grows_too_large",
                              frame(WebSocketOpcode::text, std::string(600, 'x'), false) + frame(WebSocketOpcode::continuation, std::string(401, 'x')),
                              close_code::too_large},
                    FaultCase{"a_length_of_63_bits", std::string{"\x81\xFF\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x00\x00\x00\x00", 14}, close_code::too_large}),
    [](auto const& one) { return std::string{one.param.name}; });

Request upgrade() {
    Request request;
    request.method = "GET";
    request.headers.set("Upgrade", "WebSocket");
    request.headers.set("Connection", "keep-alive, Upgrade");
    request.headers.set("Sec-WebSocket-Version", "13");
    request.headers.set("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
    return request;
}

TEST(WebSocketHandshake, takes_what_browsers_send_and_says_what_is_missing) {
    EXPECT_FALSE(refuse_upgrade(upgrade()));
    auto request = upgrade();
    request.headers.set("Sec-WebSocket-Key", "short");
    EXPECT_EQ(refuse_upgrade(request).value().status, 400);
    request = upgrade();
    request.headers.set("Sec-WebSocket-Version", "8");
    EXPECT_EQ(refuse_upgrade(request).value().status, 426);
    request = upgrade();
    request.method = "POST";
    EXPECT_EQ(refuse_upgrade(request).value().status, 426);
    request = upgrade();
    request.headers.add("Sec-WebSocket-Protocol", "chat, kefud.bridge.v1");
    EXPECT_TRUE(offers_protocol(request, "kefud.bridge.v1"));
    EXPECT_FALSE(offers_protocol(request, "kefud.bridge.v2"));
}

}  // namespace
}  // namespace kefu
