// SPDX-License-Identifier: Apache-2.0
// What a bridge sends: any bytes are either a frame or a refusal that says why, and what is read keeps the protocol's limits.
#include "daemon/connect/bridge/frames.hpp"
#include "daemon/connect/own_words.hpp"

#include <cstdint>
#include <cstdlib>

namespace {

void check(bool holds) {
    if (!holds) std::abort();
}

void check(kefu::bridge::Reading const& reading) {
    using namespace kefu::bridge;
    if (auto const* refusal = std::get_if<Refusal>(&reading)) {
        check(!refusal->code.empty() && !refusal->message.empty());
        return;
    }
    auto const& read = std::get<ReadFrame>(reading);
    if (auto const* event = std::get_if<EventFrame>(&read.frame)) {
        check(read.seq && !event->id.empty() && !event->account.empty() && event->attachments.size() <= 32);
        (void)to_event(*event);
        (void)kefu::bare_words(event->text);
    }
    if (auto const* result = std::get_if<ResultFrame>(&read.frame)) {
        check(read.seq && !result->id.empty());
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) return 0;
    std::string_view const text{reinterpret_cast<char const*>(data) + 1, size - 1};
    if (data[0] % 2 == 0) {
        check(kefu::bridge::read_frame(text));
    } else if (auto const batch = kefu::bridge::read_batch(text)) {
        check(batch->frames.size() <= 100);
        for (auto const& reading : batch->frames) check(reading);
    }
    return 0;
}
