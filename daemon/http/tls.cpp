// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/tls.hpp"

#include "daemon/net/net.hpp"

#include <boost/asio/ssl/context.hpp>

#include <openssl/ssl.h>

#include <string>
#include <string_view>

namespace kefu {

namespace {

using Context = net::ssl::context;

/// Forward secrecy and authenticated encryption only; TLS 1.3 has nothing else.
constexpr char const* ciphers_of_tls12 = "ECDHE+AESGCM:ECDHE+CHACHA20";

std::string_view constexpr http11 = "\x08http/1.1";

/// A client that asks for a protocol (ALPN) hears that this is HTTP/1.1.
int choose_protocol(SSL*, unsigned char const** chosen, unsigned char* length, unsigned char const* offered, unsigned int offered_length, void*) {
    unsigned char* found = nullptr;
    auto const ours = reinterpret_cast<unsigned char const*>(http11.data());
    auto const verdict = SSL_select_next_proto(&found, length, ours, static_cast<unsigned int>(http11.size()), offered, offered_length);
    *chosen = found;
    return verdict == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

void set_defaults(Context& context) {
    SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
    SSL_CTX_set_cipher_list(context.native_handle(), ciphers_of_tls12);
    SSL_CTX_set_options(context.native_handle(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(context.native_handle(), SSL_MODE_RELEASE_BUFFERS);  // an idle connection gives 34 KiB back
}

Error cannot_use(std::string_view what, std::filesystem::path const& file, error_code const& why) {
    return Error{Errc::environment, "cannot use the " + std::string{what} + " '" + file.string() + "': " + why.message()};
}

}  // namespace

Result<std::shared_ptr<Context>> server_tls(TlsSettings const& settings) {
    auto context = std::make_shared<Context>(Context::tls_server);
    set_defaults(*context);
    SSL_CTX_set_alpn_select_cb(context->native_handle(), choose_protocol, nullptr);
    error_code error;
    context->use_certificate_chain_file(settings.certificate.string(), error);
    if (error) return cannot_use("certificate", settings.certificate, error);
    context->use_private_key_file(settings.key.string(), Context::pem, error);
    if (error) return cannot_use("key", settings.key, error);
    return context;
}

Result<std::shared_ptr<Context>> client_tls() {
    auto context = std::make_shared<Context>(Context::tls_client);
    set_defaults(*context);
    error_code error;
    context->set_default_verify_paths(error);
    if (error) return Error{Errc::environment, "cannot read the system's CA certificates: " + error.message()};
    context->set_verify_mode(net::ssl::verify_peer, error);
    auto const ours = reinterpret_cast<unsigned char const*>(http11.data());
    SSL_CTX_set_alpn_protos(context->native_handle(), ours, static_cast<unsigned int>(http11.size()));
    return context;
}

}  // namespace kefu
