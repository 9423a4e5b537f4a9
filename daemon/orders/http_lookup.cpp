// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/target.hpp"
#include "daemon/net/circuit_breaker.hpp"
#include "daemon/orders/answer_cache.hpp"
#include "daemon/orders/order_lookups.hpp"

#include <algorithm>
#include <utility>

namespace kefu {

using namespace std::chrono_literals;

namespace {

OrderLookedUp failure(LookUpOrder const& asked, std::string why) {
    OrderLookedUp answer;
    answer.order = asked.order;
    answer.why = std::move(why);
    return answer;
}

/// What the shop's answer means: orders, none, or an error. `ours` of an error: the question was at fault, not the system.
struct ShopAnswer {
    Result<std::vector<ShopOrder>> orders;
    bool ours = false;
};

ShopAnswer read_answer(Result<Response> const& response, OrderMapping const& mapping) {
    if (!response) return {response.error(), response.error().code == Errc::cancelled};
    int const status = response->status;
    if (status == 200) return {read_shop_orders(response->body, mapping)};
    if (status == 404 || status == 410) return {std::vector<ShopOrder>{}};
    auto const said = "the shop's system answered " + std::to_string(status);
    if (status == 401 || status == 403) return {Error{Errc::unauthorized, said + ": is orders.http.token right?"}};
    // A number it does not like must not shut out those who ask for others.
    return {Error{Errc::unavailable, said}, status == 400 || status == 422};
}

class HttpOrderLookup final : public OrderLookup {
  public:
    HttpOrderLookup(OrderHttpSettings const& settings, OrderMapping mapping, HttpClient& http, Clock clock)
        : settings_(settings),
          mapping_(std::move(mapping)),
          http_(http),
          clock_(std::move(clock)),
          breaker_(settings.breaker_failures, settings.breaker_pause),
          cache_(settings.cache, static_cast<std::size_t>(settings.cache_orders)) {}

    net::awaitable<OrderLookedUp> look_up(LookUpOrder asked) override {
        bool const by_customer = asked.order.empty();
        // A number without a letter or digit is no number; ".." would be a place of the URL.
        std::vector<ShopOrder> const none;
        if (plain_number(by_customer ? asked.customer : asked.order).empty()) co_return answer_look_up(asked, none);
        std::string const url = by_customer ? fill_url(settings_.customer_url, "{customer}", asked.customer) : fill_url(settings_.url, "{order}", asked.order);
        if (auto const known = cache_.find(url, clock_())) co_return answer_look_up(asked, *known);
        if (!breaker_.admits(clock_())) co_return failure(asked, "the shop's system failed several times and is left alone for a moment");

        std::string address = url;
        auto const response = co_await fetch(std::move(address));
        auto answered = read_answer(response, mapping_);
        if (!answered.orders) {
            if (!answered.ours) breaker_.failed(clock_());
            co_return failure(asked, answered.orders.error().message);
        }
        breaker_.succeeded();
        auto answer = answer_look_up(asked, *answered.orders);
        cache_.keep(url, std::move(*answered.orders), clock_());
        co_return answer;
    }

  private:
    /// Within the time-out, all tries together.
    net::awaitable<Result<Response>> fetch(std::string url) {
        auto const end = std::chrono::steady_clock::now() + settings_.timeout;
        Result<Response> response{Error{Errc::timed_out, "no time left"}};
        for (int tries = 0; tries <= settings_.retries; ++tries) {
            auto const left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
            if (left <= 0ms) break;
            ClientRequest request;
            request.method = "GET";
            request.url = url;
            request.headers.set("Accept", "application/json");
            if (!settings_.token.empty()) request.headers.set(settings_.header, settings_.token.reveal());
            request.connect_timeout = std::min(request.connect_timeout, left);
            request.timeout = left;
            request.public_addresses_only = !settings_.allow_private_addresses;
            response = co_await http_.fetch(std::move(request));
            if (response || response.error().code != Errc::unavailable) break;
        }
        co_return response;
    }

    OrderHttpSettings settings_;
    OrderMapping mapping_;
    HttpClient& http_;
    Clock clock_;
    CircuitBreaker breaker_;
    AnswerCache cache_;
};

}  // namespace

std::string fill_url(std::string url, std::string_view placeholder, std::string_view value) {
    std::string const encoded = percent_encoded(value);
    for (auto at = url.find(placeholder); at != std::string::npos; at = url.find(placeholder, at + encoded.size()))
        url.replace(at, placeholder.size(), encoded);
    return url;
}

std::unique_ptr<OrderLookup> make_http_order_lookup(OrderHttpSettings const& settings, OrderMapping mapping, HttpClient& http, Clock clock) {
    return std::make_unique<HttpOrderLookup>(settings, std::move(mapping), http, std::move(clock));
}

}  // namespace kefu
