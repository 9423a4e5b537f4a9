// SPDX-License-Identifier: Apache-2.0
#include "daemon/crypto.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <array>
#include <fstream>
#include <memory>
#include <stdexcept>

namespace kefu {

namespace {

unsigned char const* as_bytes(std::string_view text) { return reinterpret_cast<unsigned char const*>(text.data()); }
/// HMAC-SHA256, ready for a key. Looking the algorithm up costs more than a webhook's digest, so that is done once a thread.
EVP_MAC_CTX* hmac_context() {
    struct Free {
        void operator()(EVP_MAC* mac) const { EVP_MAC_free(mac); }
        void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
    };
    thread_local std::unique_ptr<EVP_MAC_CTX, Free> const kept = [] {
        std::unique_ptr<EVP_MAC, Free> const mac{EVP_MAC_fetch(nullptr, "HMAC", nullptr)};
        std::unique_ptr<EVP_MAC_CTX, Free> context{EVP_MAC_CTX_new(mac.get())};
        char digest[] = "SHA256";
        OSSL_PARAM const parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0), OSSL_PARAM_construct_end()};
        if (!context || EVP_MAC_CTX_set_params(context.get(), parameters) != 1) throw std::runtime_error("OpenSSL has no HMAC-SHA256");
        return context;
    }();
    return kept.get();
}

std::string_view as_text(Digest const& digest) { return {reinterpret_cast<char const*>(digest.data()), digest.size()}; }

}  // namespace

Digest sha256(std::string_view bytes) {
    Digest digest{};
    SHA256(as_bytes(bytes), bytes.size(), digest.data());
    return digest;
}

void Sha256::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
    if (!context_ || EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1) throw std::runtime_error("OpenSSL has no SHA-256");
}

void Sha256::update(std::string_view bytes) {
    if (EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) != 1) throw std::runtime_error("OpenSSL cannot make a SHA-256");
}

Digest Sha256::finish() {
    Digest digest{};
    if (EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr) != 1) throw std::runtime_error("OpenSSL cannot make a SHA-256");
    return digest;
}

std::optional<std::string> hash_of_file(std::filesystem::path const& file) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(file, error)) return std::nullopt;  // a pipe would keep us waiting
    std::ifstream in{file, std::ios::binary};
    if (!in) return std::nullopt;
    Sha256 hash;
    std::array<char, 1 << 16> piece;
    while (in.read(piece.data(), piece.size()), in.gcount() > 0) hash.update({piece.data(), static_cast<std::size_t>(in.gcount())});
    if (in.bad()) return std::nullopt;
    return hex(hash.finish());
}

std::string sha1(std::string_view bytes) {
    std::string digest(SHA_DIGEST_LENGTH, '\0');
    SHA1(as_bytes(bytes), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()));
    return digest;
}

std::string hmac_sha1(std::string_view key, std::string_view message) {
    std::string digest(SHA_DIGEST_LENGTH, '\0');
    unsigned int length = 0;
    if (HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()), as_bytes(message), message.size(), reinterpret_cast<unsigned char*>(digest.data()),
             &length) == nullptr)
        throw std::runtime_error("OpenSSL has no HMAC-SHA1");
    return digest;
}

Digest hmac_sha256(std::string_view key, std::string_view message) {
    Digest digest{};
    std::size_t length = 0;
    EVP_MAC_CTX* const context = hmac_context();
    // A null key would mean the last one once more.
    bool const made = EVP_MAC_init(context, as_bytes(key.empty() ? "" : key), key.size(), nullptr) == 1 &&
                      EVP_MAC_update(context, as_bytes(message), message.size()) == 1 && EVP_MAC_final(context, digest.data(), &length, digest.size()) == 1;
    if (!made) throw std::runtime_error("OpenSSL cannot make an HMAC");
    return digest;
}

std::string base64(std::string_view bytes) {
    std::string text(4 * ((bytes.size() + 2) / 3), '\0');
    EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), as_bytes(bytes), static_cast<int>(bytes.size()));
    return text;
}

std::string base64(Digest const& digest) { return base64(as_text(digest)); }

std::string base64url(std::string_view bytes) {
    std::string text = base64(bytes);
    while (text.ends_with('=')) text.pop_back();
    for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
    return text;
}

std::optional<std::string> from_base64(std::string_view text) {
    if (text.empty() || text.size() % 4 != 0) return std::nullopt;
    // EVP_DecodeBlock skips white space at the ends; a signature has none.
    std::size_t padding = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        char const c = text[i];
        bool const letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
        if (c == '=' && i + 2 >= text.size())
            ++padding;
        else if (!letter || padding > 0)
            return std::nullopt;
    }
    std::string bytes(text.size() / 4 * 3, '\0');
    if (EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()), as_bytes(text), static_cast<int>(text.size())) < 0) return std::nullopt;
    bytes.resize(bytes.size() - padding);
    return bytes;
}

std::string hex(std::string_view bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (char const c : bytes) {
        auto const byte = static_cast<unsigned char>(c);
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

std::string hex(Digest const& digest) { return hex(as_text(digest)); }

std::optional<std::string> sign_rs256(std::string_view key, std::string_view message) {
    struct Free {
        void operator()(BIO* bio) const { BIO_free(bio); }
        void operator()(EVP_PKEY* pkey) const { EVP_PKEY_free(pkey); }
        void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
    };
    std::unique_ptr<BIO, Free> const bio{BIO_new_mem_buf(key.data(), static_cast<int>(key.size()))};
    auto const no_passphrase = [](char*, int, int, void*) { return -1; };  // else OpenSSL asks the terminal
    std::unique_ptr<EVP_PKEY, Free> const pkey{bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr) : nullptr};
    if (!pkey || EVP_PKEY_is_a(pkey.get(), "RSA") != 1) {
        ERR_clear_error();
        return std::nullopt;
    }
    std::unique_ptr<EVP_MD_CTX, Free> const context{EVP_MD_CTX_new()};
    std::size_t size = static_cast<std::size_t>(EVP_PKEY_get_size(pkey.get()));
    std::string signature(size, '\0');
    auto* const out = reinterpret_cast<unsigned char*>(signature.data());
    bool const made = context && EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, pkey.get()) == 1 &&
                      EVP_DigestSign(context.get(), out, &size, as_bytes(message), message.size()) == 1;
    if (!made) throw std::runtime_error("OpenSSL cannot sign");
    signature.resize(size);
    return signature;
}

bool same_secret(std::string_view left, std::string_view right) {
    return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

std::string uuid_from(std::string_view name) {
    Digest digest = sha256(name);
    digest[6] = static_cast<unsigned char>((digest[6] & 0x0f) | 0x80);
    digest[8] = static_cast<unsigned char>((digest[8] & 0x3f) | 0x80);
    std::string const text = hex(as_text(digest).substr(0, 16));
    return text.substr(0, 8) + '-' + text.substr(8, 4) + '-' + text.substr(12, 4) + '-' + text.substr(16, 4) + '-' + text.substr(20, 12);
}

std::string random_bytes(std::size_t count) {
    std::string bytes(count, '\0');
    if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1) throw std::runtime_error("OpenSSL has no random numbers");
    return bytes;
}

std::string random_id() {
    static constexpr char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    std::array<unsigned char, 26> bytes{};
    RAND_bytes(bytes.data(), static_cast<int>(bytes.size()));
    std::string text;
    for (unsigned char const byte : bytes) text += letters[byte & 31];
    return text;
}

}  // namespace kefu
