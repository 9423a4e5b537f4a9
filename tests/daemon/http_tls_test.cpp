// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/client.hpp"
#include "daemon/http/listener.hpp"
#include "daemon/net/deadline.hpp"
#include "tests/support/run.hpp"

#include <gtest/gtest.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

namespace kefu {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

/// Writes a key and a certificate that signs itself, valid for `names` ("DNS:localhost,IP:127.0.0.1").
void write_certificate(TlsSettings const& files, char const* names, char const* common_name) {
    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> const key{EVP_EC_gen("P-256"), EVP_PKEY_free};
    std::unique_ptr<X509, decltype(&X509_free)> const certificate{X509_new(), X509_free};
    X509_set_version(certificate.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
    X509_set_pubkey(certificate.get(), key.get());
    auto* name = X509_get_subject_name(certificate.get());
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<unsigned char const*>(common_name), -1, -1, 0);
    X509_set_issuer_name(certificate.get(), name);
    auto* extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names);
    X509_add_ext(certificate.get(), extension, -1);
    X509_EXTENSION_free(extension);
    X509_sign(certificate.get(), key.get(), EVP_sha256());

    std::unique_ptr<std::FILE, decltype(&std::fclose)> const out{std::fopen(files.certificate.c_str(), "w"), std::fclose};
    PEM_write_X509(out.get(), certificate.get());
    std::unique_ptr<std::FILE, decltype(&std::fclose)> const key_out{std::fopen(files.key.c_str(), "w"), std::fclose};
    PEM_write_PrivateKey(key_out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
}

net::awaitable<Response> echo(Request request) { co_return text_response((request.over_tls ? "tls " : "plain ") + request.body); }

class Tls : public testing::Test {
  protected:
    Tls() {
        fs::create_directories(folder_);
        settings_.port = 0;
        settings_.tls = {.certificate = folder_ / "certificate.pem", .key = folder_ / "key.pem"};
        write_certificate(settings_.tls, "DNS:localhost,IP:127.0.0.1", "first");
        trust(settings_.tls.certificate);
    }
    ~Tls() override {
        ::unsetenv("SSL_CERT_FILE");
        fs::remove_all(folder_);
    }

    static void trust(fs::path const& certificate) { ::setenv("SSL_CERT_FILE", certificate.c_str(), 1); }

    void open(net::any_io_executor const& executor) { listener_ = Listener::open(executor, settings_, echo).value(); }

    ClientRequest request(std::string const& host = "localhost", std::string body = "hello") const {
        ClientRequest request;
        request.url = "https://" + host + ":" + std::to_string(listener_->port()) + "/";
        request.body = std::move(body);
        return request;
    }

    net::awaitable<void> round_trip() {
        auto const executor = co_await this_coro::executor;
        open(executor);
        HttpClient client{executor};
        std::string const large(500'000, 'x');
        for (auto const* host : {"localhost", "127.0.0.1"}) {
            for (int i = 0; i < 3; ++i) EXPECT_EQ((co_await client.fetch(request(host))).value().body, "tls hello");
            EXPECT_EQ((co_await client.fetch(request(host, large))).value().body, "tls " + large);
        }
        EXPECT_EQ(listener_->connections(), 2U);
        client.close_idle();
        co_await listener_->stop(1s);
        listener_.reset();
    }

    net::awaitable<void> distrust() {
        auto const executor = co_await this_coro::executor;
        open(executor);
        HttpClient client{executor};
        auto answer = co_await client.fetch(request());
        EXPECT_EQ(answer.error().code, Errc::unavailable);
        EXPECT_NE(answer.error().message.find("certificate verify failed"), std::string::npos) << answer.error().message;
        auto plain = request();
        plain.url.erase(4, 1);  // http to a port that speaks TLS
        plain.timeout = 1s;
        answer = co_await client.fetch(std::move(plain));
        EXPECT_NE(answer.error().code, Errc::unavailable);  // the bytes were sent
        co_await listener_->stop(1s);
        listener_.reset();
    }

    /// A name that is not in the certificate, though it comes from a CA that we trust.
    net::awaitable<void> wrong_name() {
        auto const executor = co_await this_coro::executor;
        write_certificate(settings_.tls, "DNS:other.example", "other");
        open(executor);
        HttpClient client{executor};
        auto const answer = co_await client.fetch(request());
        EXPECT_EQ(answer.error().code, Errc::unavailable);
        EXPECT_NE(answer.error().message.find("certificate verify failed"), std::string::npos) << answer.error().message;
        co_await listener_->stop(1s);
        listener_.reset();
    }

    net::awaitable<void> reload() {
        auto const executor = co_await this_coro::executor;
        open(executor);
        HttpClient old_trust{executor};
        EXPECT_TRUE((co_await old_trust.fetch(request())).has_value());

        write_certificate(settings_.tls, "DNS:localhost", "second");
        EXPECT_TRUE(listener_->reload_tls(settings_).has_value());
        HttpClient new_trust{executor};
        EXPECT_TRUE((co_await new_trust.fetch(request())).has_value());
        EXPECT_TRUE((co_await old_trust.fetch(request())).has_value());  // its connection stays
        old_trust.close_idle();
        EXPECT_FALSE((co_await old_trust.fetch(request())).has_value());

        std::ofstream{settings_.tls.key} << "not a key";
        auto const broken = listener_->reload_tls(settings_);
        EXPECT_EQ(broken.error().code, Errc::environment);
        EXPECT_EQ(broken.error().message.find("cannot use the key '" + settings_.tls.key.string() + "': "), 0U) << broken.error().message;
        new_trust.close_idle();
        EXPECT_TRUE((co_await new_trust.fetch(request())).has_value());
        new_trust.close_idle();
        co_await listener_->stop(1s);
        listener_.reset();
    }

    fs::path folder_ = fs::temp_directory_path() / ("kefud-tls-" + std::to_string(::getpid()));
    ListenSettings settings_;
    std::unique_ptr<Listener> listener_;
};

TEST_F(Tls, carries_requests_both_ways) { run(round_trip()); }
TEST_F(Tls, refuses_a_server_with_another_name) { run(wrong_name()); }
TEST_F(Tls, reload_changes_the_certificate_for_new_connections) { run(reload()); }

TEST_F(Tls, refuses_a_server_it_does_not_trust) {
    trust("/nonexistent");
    run(distrust());
}

TEST_F(Tls, says_what_is_wrong_with_the_files) {
    net::io_context io;
    auto other = settings_;
    other.tls.certificate = folder_ / "missing.pem";
    EXPECT_EQ(Listener::open(io.get_executor(), other, echo).error().message.find("cannot use the certificate '" + other.tls.certificate.string() + "': "), 0U);
    TlsSettings const second{.certificate = folder_ / "second.pem", .key = folder_ / "second-key.pem"};
    write_certificate(second, "DNS:localhost", "second");
    other = settings_;
    other.tls.key = second.key;
    EXPECT_NE(Listener::open(io.get_executor(), other, echo).error().message.find("key values mismatch"), std::string::npos);
}

}  // namespace
}  // namespace kefu
