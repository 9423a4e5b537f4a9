// SPDX-License-Identifier: Apache-2.0
#include "daemon/cli/commands.hpp"
#include "daemon/connect/bridge/conformance.hpp"
#include "daemon/connect/webhooks/signature.hpp"
#include "daemon/http/listener.hpp"
#include "daemon/log.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <iostream>

namespace kefu::cli {

namespace {

struct Outcome {
    int checks = 0;
    int failed = 0;

    void take(bridge::Finding const& finding) {
        ++checks;
        if (!finding.holds) ++failed;
        std::cout << (finding.holds ? "ok    " : "FAIL  ") << finding.check << (finding.holds ? "" : ": " + finding.detail) << std::endl;
    }
    int code() const {
        std::cout << checks - failed << " of " << checks << " checks hold\n";
        return failed == 0 ? ok : findings;
    }
};

/// Listens at the address, as kefud would, until the bridge under test has been through all checks.
int test_dialing(boost::urls::url_view const& url, bridge::ConformanceOptions options) {
    ListenSettings settings;
    settings.activation = false;
    std::string const host = url.host_address();
    std::string const path = url.path();
    settings.address = host == "localhost" ? "127.0.0.1" : host;
    settings.port = url.has_port() ? url.port_number() : 80;  // 0: a free one
    net::io_context io{1};
    bridge::Dialed dialed{io.get_executor()};
    Router router;
    dialed.add_route(router, path);
    auto listener = Listener::open(io.get_executor(), settings, [&router](Request request) { return router.handle(std::move(request)); });
    if (!listener) {
        std::cerr << "kefud bridge-test: " << listener.error().message << '\n';
        return environment;
    }
    std::cout << "waiting for a bridge at ws://" << host << ':' << (*listener)->port() << path << std::endl;
    Outcome outcome;
    auto work = [](bridge::Dialed& calls, bridge::ConformanceOptions wanted, bridge::Report report, Listener& open) -> net::awaitable<void> {
        co_await bridge::check_dialing_bridge(calls, std::move(wanted), std::move(report));
        co_await open.stop(std::chrono::seconds{3});
    };
    auto running = work(
        dialed, std::move(options), [&outcome](bridge::Finding const& finding) { outcome.take(finding); }, **listener);
    net::co_spawn(io, std::move(running), [](std::exception_ptr thrown) {
        if (thrown) std::rethrow_exception(thrown);
    });
    io.run();
    return outcome.code();
}

int test_callback(std::string const& url, bridge::ConformanceOptions options) {
    net::io_context io{1};
    HttpClient http{io.get_executor()};
    Outcome outcome;
    auto running = bridge::check_callback(http, url, std::move(options), [&outcome](bridge::Finding const& finding) { outcome.take(finding); });
    net::co_spawn(io, std::move(running), [&http](std::exception_ptr thrown) {
        http.close_idle();
        if (thrown) std::rethrow_exception(thrown);
    });
    io.run();
    return outcome.code();
}

}  // namespace

int bridge_test(BridgeTestOptions const& given) {
    LogSettings quiet;
    quiet.level = LogLevel::error;
    start_logging(quiet);
    bridge::ConformanceOptions options;
    options.account = given.account;
    options.conversation = given.conversation;
    options.secret = given.secret;
    auto const url = boost::urls::parse_uri(given.url);
    bool const dials = url && url->scheme() == "ws" && url->path().starts_with('/');
    bool const is_called = url && (url->scheme() == "http" || url->scheme() == "https");
    if (!dials && !is_called) return report("bridge-test", "expected ws://ADDRESS:PORT/PATH to listen at, or the http or https URL of a callback"), usage;
    if (dials) return test_dialing(*url, std::move(options));
    if (!webhooks::key_of(options.secret)) return report("bridge-test", "a callback needs --secret whsec_..., the key that signs requests"), usage;
    return test_callback(given.url, std::move(options));
}

}  // namespace kefu::cli
