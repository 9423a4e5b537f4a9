// SPDX-License-Identifier: Apache-2.0
// What a server answers, and the addresses that people write.
#include "daemon/http/target.hpp"
#include "daemon/http/wire.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const bytes{reinterpret_cast<char const*>(data), size};
    kefu::ResponseReader reader{4096, size % 2 == 1};
    std::size_t used = 0;
    while (used < size) {
        auto const count = reader.put(bytes.substr(used));
        used += count;
        if (count == 0) break;
    }
    reader.put_end();
    if (reader.fault() == kefu::WireFault::none && reader.complete()) {
        (void)reader.keep_alive();
        if (reader.take().body.size() > 4096) std::abort();
    }

    if (auto const url = kefu::read_url(std::string{bytes})) {
        std::string head;
        kefu::write_request_head(head, "GET", url->target, url->authority, {}, 0);
        // Nothing in an address may end a line early.
        auto const end = head.find("\r\n");
        if (head.substr(end, 8) != "\r\nHost: " || head.find("\r\n\r\n") != head.size() - 4) std::abort();
    }
    return 0;
}
