// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "config/settings.hpp"

#include <memory>

namespace boost::asio::ssl {
class context;
}

namespace kefu {

/// TLS 1.2 and newer with the certificate chain and key of the files. environment: which file, and what OpenSSL says about it.
Result<std::shared_ptr<boost::asio::ssl::context>> server_tls(TlsSettings const& settings);

/// For clients: the system's CA store (SSL_CERT_FILE and SSL_CERT_DIR name another), the peer must have a valid certificate.
Result<std::shared_ptr<boost::asio::ssl::context>> client_tls();

}  // namespace kefu
