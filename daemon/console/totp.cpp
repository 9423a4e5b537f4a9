// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/totp.hpp"

#include "daemon/crypto.hpp"
#include "daemon/http/target.hpp"

#include <array>
#include <cstdio>

namespace kefu {

namespace {

constexpr std::chrono::seconds step_length{30};

}  // namespace

std::string new_totp_secret() { return random_bytes(20); }

std::string base32(std::string_view bytes) {
    static constexpr char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    std::string text;
    std::uint32_t bits = 0;
    int count = 0;
    for (char const byte : bytes) {
        bits = (bits << 8) | static_cast<unsigned char>(byte);
        for (count += 8; count >= 5; count -= 5) text += letters[(bits >> (count - 5)) & 31];
    }
    if (count > 0) text += letters[(bits << (5 - count)) & 31];
    return text;
}

std::string totp_uri(std::string_view secret, std::string_view issuer, std::string_view name) {
    return "otpauth://totp/" + percent_encoded(issuer) + ':' + percent_encoded(name) + "?secret=" + base32(secret) + "&issuer=" + percent_encoded(issuer);
}

/// RFC 4226, section 5.3.
std::string totp_code(std::string_view secret, std::int64_t step, int digits) {
    std::string counter(8, '\0');
    for (std::size_t i = 0; i < 8; ++i) counter[7 - i] = static_cast<char>((step >> (8 * i)) & 0xff);
    std::string const digest = hmac_sha1(secret, counter);
    auto const byte = [&](std::size_t at) { return static_cast<std::uint32_t>(static_cast<unsigned char>(digest[at])); };
    std::size_t const offset = byte(19) & 0xf;
    std::uint32_t const number = ((byte(offset) & 0x7f) << 24) | (byte(offset + 1) << 16) | (byte(offset + 2) << 8) | byte(offset + 3);
    std::uint32_t modulus = 1;
    for (int i = 0; i < digits; ++i) modulus *= 10;
    std::array<char, 12> text{};
    std::snprintf(text.data(), text.size(), "%0*u", digits, number % modulus);
    return text.data();
}

std::optional<std::int64_t> totp_step_of(std::string_view code, std::string_view secret, Timestamp now, std::int64_t used) {
    std::int64_t const present = now.time_since_epoch() / step_length;
    std::optional<std::int64_t> found;
    for (std::int64_t step = present - 1; step <= present + 1; ++step)
        if (step > used && same_secret(code, totp_code(secret, step))) found = step;
    return found;
}

std::vector<std::string> new_recovery_codes() {
    std::vector<std::string> codes;
    for (int i = 0; i < 10; ++i) {
        std::string const letters = random_id();
        codes.push_back(letters.substr(0, 5) + '-' + letters.substr(5, 5));
    }
    return codes;
}

std::string recovery_hash(std::string_view code) {
    std::string plain;
    for (char const c : code)
        if (c != ' ' && c != '-') plain += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return hex(sha256(plain));
}

}  // namespace kefu
