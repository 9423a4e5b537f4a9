// SPDX-License-Identifier: Apache-2.0
// What anybody's browser may send: any bytes are either a frame within the limits or an error that names its place, and a ticket nobody signed is nobody's.
#include "daemon/connect/web_chat/frames.hpp"
#include "daemon/connect/web_chat/identity.hpp"
#include "daemon/media.hpp"

#include <cstdint>
#include <cstdlib>

namespace {

void check(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    using namespace kefu::web_chat;
    std::string_view const text{reinterpret_cast<char const*>(data), size};
    check(!sender_of_ticket(text, "a key nobody knows", kefu::Timestamp{}));
    (void)kefu::image_type(text);
    auto const frame = read_frame(text);
    if (!frame) {
        check(!frame.error().message.empty());
        return 0;
    }
    if (auto const* said = std::get_if<Said>(&*frame)) {
        check(!said->id.empty() && said->id.size() <= 64 && said->files.size() <= most_files);
        for (auto const& file : said->files) check(file.id.find_first_of("/.\\") == std::string::npos);
        (void)write_stored(said->id);
    }
    if (auto const* hello = std::get_if<Hello>(&*frame)) {
        auto const person = person_of(*hello, {kefu::Secret{"a secret nobody knows"}});
        check(!person || person->sender.starts_with("visitor:"));
    }
    return 0;
}
