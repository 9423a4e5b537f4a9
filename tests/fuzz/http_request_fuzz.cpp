// SPDX-License-Identifier: Apache-2.0
// What a client sends: the same bytes must mean the same, however they are cut, and never crash or grow past the limits.
#include "daemon/http/target.hpp"
#include "daemon/http/wire.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace {

constexpr std::size_t max_body = 4096;

struct Outcome {
    kefu::WireFault fault = kefu::WireFault::none;
    std::vector<kefu::Request> requests;
};

Outcome read_all(std::string_view bytes, std::size_t step) {
    Outcome outcome;
    kefu::RequestReader reader{2048, max_body};
    kefu::InputBuffer input;
    while (true) {
        input.consumed(reader.put(input.data()));
        outcome.fault = reader.fault();
        if (outcome.fault != kefu::WireFault::none) return outcome;
        if (reader.complete()) {
            (void)reader.keep_alive();
            outcome.requests.push_back(reader.take());
            continue;
        }
        if (bytes.empty()) return outcome;
        auto const piece = bytes.substr(0, step);
        std::memcpy(input.room(piece.size()).data(), piece.data(), piece.size());
        input.received(piece.size());
        bytes.remove_prefix(piece.size());
    }
}

void check(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const bytes{reinterpret_cast<char const*>(data), size};
    auto const whole = read_all(bytes, size + 1);
    auto const cut = read_all(bytes, size % 2 == 0 ? 1 : 7);
    // Which of two limits a peer breaks first may depend on the pieces; what it said until then may not.
    auto const same = std::min(whole.requests.size(), cut.requests.size());
    if (whole.fault == kefu::WireFault::none && cut.fault == kefu::WireFault::none) check(whole.requests.size() == cut.requests.size());
    for (std::size_t i = 0; i < same; ++i) {
        check(whole.requests[i].body == cut.requests[i].body && whole.requests[i].body.size() <= max_body);
        check(whole.requests[i].headers.all() == cut.requests[i].headers.all());
        auto request = whole.requests[i];
        if (!kefu::read_target(request)) continue;
        check(request.path.starts_with('/'));
        (void)kefu::path_segments(request.target);
    }
    return 0;
}
