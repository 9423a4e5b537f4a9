// SPDX-License-Identifier: Apache-2.0
// A dossier comes from whoever holds it: the verifier never crashes, and nothing but what was written is whole.
#include "daemon/evidence.hpp"
#include "daemon/evidence/entry.hpp"

#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string_view>

namespace {

/// What verify accepted must be made of lines that are written in the one way there is, each with the hashes that fit.
void check_lines(std::string const& json) {
    std::istringstream in{json};
    std::string line;
    std::getline(in, line);
    while (std::getline(in, line) && !line.starts_with(']')) {
        if (line.ends_with(',')) line.pop_back();
        auto const entry = kefu::from_line(line);
        if (!entry || kefu::to_line(*entry) != line || kefu::hash_of(*entry) != entry->hash) std::abort();
    }
}

/// A whole record with the input in a field: it must verify, and no more when a byte is changed.
void check_round_trip(std::string_view bytes) {
    if (bytes.empty()) return;
    kefu::EvidenceEntry entry;
    entry.kind = "message_received";
    entry.add("text", bytes);
    auto const sealed = kefu::seal(entry, 1, kefu::chain_start());
    std::string json = std::string{kefu::evidence_begin} + '\n' + kefu::to_line(sealed) + '\n' + kefu::evidence_end(sealed.hash) + '\n';
    std::istringstream whole{json};
    if (!kefu::verify_record(whole, {}).findings.empty()) std::abort();
    json[json.size() * static_cast<unsigned char>(bytes.front()) / 256] ^= static_cast<char>(1 << (bytes.size() % 8));
    std::istringstream changed{json};
    if (kefu::verify_record(changed, {}).findings.empty()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string const bytes{reinterpret_cast<char const*>(data), size};
    std::istringstream in{bytes};
    if (kefu::verify_record(in, {}).findings.empty()) check_lines(bytes);
    check_round_trip(bytes);
    return 0;
}
