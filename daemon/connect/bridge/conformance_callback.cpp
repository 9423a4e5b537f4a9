// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/bridge/conformance_peer.hpp"
#include "daemon/connect/webhooks/signature.hpp"

#include <algorithm>

/// The checks of a bridge that is called (B10).
namespace kefu::bridge {

using namespace std::chrono_literals;

namespace {

struct Posted {
    int status = 0;  ///< 0: no answer
    std::optional<ResultFrame> result;
    std::string error;
};

net::awaitable<Posted> post(HttpClient& http, std::string url, SendFrame send, std::string secret, milliseconds limit) {
    ClientRequest request;
    request.url = std::move(url);
    request.body = write_sends({send}, true);
    request.timeout = limit;
    request.headers.set("Content-Type", "application/json");
    webhooks::sign(request.headers, send.id, request.body, Secret{secret}, system_now());
    auto const response = co_await http.fetch(std::move(request));
    Posted posted;
    if (!response) {
        posted.error = response.error().message;
        co_return posted;
    }
    posted.status = response->status;
    if (posted.status != 200) co_return posted;
    auto const readings = read_results(response->body);
    if (!readings) posted.error = readings.error().message;
    if (!readings) co_return posted;
    for (auto const& reading : *readings) {
        auto const* refusal = std::get_if<Refusal>(&reading);
        if (refusal != nullptr) posted.error = refusal->message;
        auto const* read = std::get_if<ReadFrame>(&reading);
        auto const* result = read == nullptr ? nullptr : std::get_if<ResultFrame>(&read->frame);
        if (result != nullptr && result->id == send.id) posted.result = *result;
    }
    co_return posted;
}

std::string describe(Posted const& posted) {
    if (posted.status == 0) return posted.error;
    return std::to_string(posted.status) + (posted.status == 200 ? " with " + (posted.error.empty() ? describe(posted.result) : posted.error) : std::string{});
}

}  // namespace

net::awaitable<void> check_callback(HttpClient& http, std::string url, ConformanceOptions options, Report report) {
    auto const check = [&report](std::string name, bool holds, std::string detail) {
        report({std::move(name), holds, holds ? std::string{} : std::move(detail)});
    };
    auto const send = send_frame(options, "kefud bridge-test 1");
    auto const limit = std::min<milliseconds>(options.patience, 15s);  // B10: kefud waits no longer
    auto const first = co_await post(http, url, send, options.secret, limit);
    bool const taken = first.status == 202 || (first.status == 200 && first.result);
    check("a send gets its result, or 202 and the result later", taken, "expected 200 with the result or 202, got " + describe(first));
    if (!taken) co_return;

    auto const repeated = co_await post(http, url, send, options.secret, limit);
    bool const known = first.status == 202 ? repeated.status == 202 || (repeated.result && repeated.result->duplicate)
                                           : repeated.result && repeated.result->duplicate && repeated.result->status == first.result->status;
    check("a repeated send is answered with its result and duplicate:true, and not typed again", known,
          "expected the result of the first with duplicate:true, got " + describe(repeated));

    auto const late = send_frame(options, "kefud bridge-test: too late", -5s);
    auto const too_late = co_await post(http, url, late, options.secret, limit);
    bool const left_out = too_late.status == 202 || (too_late.result && too_late.result->code == "deadline_passed");
    check("nothing is begun after its deadline", left_out, "expected failed/deadline_passed, got " + describe(too_late));

    auto const forged = send_frame(options, "kefud bridge-test: forged");
    std::string const wrong = "whsec_" + base64(std::string(32, 'x'));
    auto const refused = co_await post(http, url, forged, wrong, limit);
    check("a request that is not signed with the shared key is refused", refused.status == 401 || refused.status == 403,
          "expected 401, got " + describe(refused));
}

}  // namespace kefu::bridge
