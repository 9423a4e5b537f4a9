// SPDX-License-Identifier: Apache-2.0
// Any bytes as a customer's text: valid UTF-8 comes out, and every character of it leads back to bytes of the original, in order.
#include "intents/normalize.hpp"
#include "intents/utf8.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const text{reinterpret_cast<char const*>(data), size};
    auto const read = kefu::normalize(text);
    std::size_t last_end = 0;
    std::size_t count = 0;
    for (std::size_t at = 0; at < read.text.size(); ++count) {
        auto const start = at;
        char bytes[4];
        auto const c = kefu::next_code_point(read.text, at);
        require(kefu::write_utf8(bytes, c) == at - start);
        auto const [from, to] = read.original(start, at);
        require(from < to && to <= size && to >= last_end);
        last_end = to;
    }
    require(count == read.origins.size());
    require(read.text.empty() || (read.text.front() != ' ' && read.text.back() != ' '));
    return 0;
}
