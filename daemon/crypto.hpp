// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct evp_md_ctx_st;  // OpenSSL's EVP_MD_CTX

/// The cryptography that webhooks and evidence need, over OpenSSL. Functions are thread-safe.
namespace kefu {

using Digest = std::array<unsigned char, 32>;

Digest sha256(std::string_view bytes);

/// SHA-256 of what comes in pieces.
class Sha256 {
  public:
    Sha256();
    void update(std::string_view bytes);
    /// Of all that came. Call it once, last.
    Digest finish();

  private:
    struct Free {
        void operator()(evp_md_ctx_st* context) const;
    };
    std::unique_ptr<evp_md_ctx_st, Free> context_;
};

/// SHA-256 of a file, in lower-case hexadecimal; nothing when it cannot be read or is no file. Blocks on the disk.
std::optional<std::string> hash_of_file(std::filesystem::path const& file);

/// 20 raw bytes. Only where a protocol prescribes it (WebSocket's handshake): SHA-1 protects nothing.
std::string sha1(std::string_view bytes);

/// HMAC-SHA1, 20 raw bytes; only where a protocol prescribes it (OneBot 11).
std::string hmac_sha1(std::string_view key, std::string_view message);

/// HMAC-SHA256 with `key` as raw bytes.
Digest hmac_sha256(std::string_view key, std::string_view message);

/// Standard Base64 with padding.
std::string base64(std::string_view bytes);
std::string base64(Digest const& digest);

/// The URL-safe alphabet (RFC 4648, section 5), without padding: for links and cookies.
std::string base64url(std::string_view bytes);

/// Strict: the standard alphabet, correct padding, no white space. Nothing otherwise.
std::optional<std::string> from_base64(std::string_view text);

std::string hex(std::string_view bytes);
std::string hex(Digest const& digest);

/// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518, "RS256"): the raw signature. Nothing: `key` is no RSA private key in PEM without a passphrase.
std::optional<std::string> sign_rs256(std::string_view key, std::string_view message);

/// Compares in constant time for equal lengths; a different length is simply unequal.
bool same_secret(std::string_view left, std::string_view right);

/// A UUID (version 8, RFC 9562) made from `name`: the same name always gives the same one.
std::string uuid_from(std::string_view name);

/// Random bytes, fit for keys and tokens.
std::string random_bytes(std::size_t count);

/// 128 random bits as 26 characters of Crockford base32; unique for all practice.
std::string random_id();

}  // namespace kefu
