// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/password.hpp"

#include <sodium.h>

#include <array>
#include <stdexcept>

namespace kefu {

namespace {

constexpr unsigned long long passes = 2;
constexpr std::size_t memory = std::size_t{19} * 1024 * 1024;

void start_sodium() {
    static bool const ready = ::sodium_init() >= 0;
    if (!ready) throw std::runtime_error("libsodium does not start");
}

}  // namespace

std::string hash_password(std::string_view password) {
    start_sodium();
    std::array<char, crypto_pwhash_STRBYTES> text{};
    if (::crypto_pwhash_str_alg(text.data(), password.data(), password.size(), passes, memory, crypto_pwhash_ALG_ARGON2ID13) != 0)
        throw std::runtime_error("there is no memory to hash a password");
    return text.data();
}

bool is_password(std::string_view password, std::string const& hash) {
    start_sodium();
    static std::string const nobodys = hash_password("nobody has this one");
    std::string const& compared = hash.empty() ? nobodys : hash;
    bool const same = ::crypto_pwhash_str_verify(compared.c_str(), password.data(), password.size()) == 0;
    return same && !hash.empty();
}

}  // namespace kefu
