// SPDX-License-Identifier: Apache-2.0
#include "daemon/net/circuit_breaker.hpp"
#include "daemon/net/task_group.hpp"
#include "daemon/orders/answer_cache.hpp"
#include "daemon/orders/order_lookups.hpp"
#include "tests/support/run.hpp"
#include "tests/support/scripted_peer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>

namespace kefu {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

Timestamp const noon = from_rfc3339("2026-11-24T04:00:00Z").value();

ShopOrder order(std::string number) { return {{std::move(number)}, {}, {}, {}}; }

TEST(CircuitBreaker, opens_after_failures_in_a_row_and_lets_one_try_through_after_the_pause) {
    CircuitBreaker breaker{3, 30s};
    for (int i = 0; i < 2; ++i) breaker.failed(noon);
    breaker.succeeded();
    for (int i = 0; i < 3; ++i) {
        EXPECT_TRUE(breaker.admits(noon));
        breaker.failed(noon);
    }
    EXPECT_FALSE(breaker.admits(noon + 29s));
    EXPECT_TRUE(breaker.admits(noon + 30s));
    EXPECT_FALSE(breaker.admits(noon + 30s)) << "one is on its way";
    breaker.failed(noon + 35s);
    EXPECT_FALSE(breaker.admits(noon + 64s));
    EXPECT_TRUE(breaker.admits(noon + 65s));
    breaker.succeeded();
    EXPECT_TRUE(breaker.admits(noon + 65s));
    EXPECT_TRUE(breaker.admits(noon + 65s));
}

TEST(AnswerCache, forgets_after_its_time_and_the_oldest_when_full) {
    AnswerCache cache{60s, 2};
    cache.keep("a", {order("1")}, noon);
    cache.keep("b", {order("2")}, noon + 1s);
    EXPECT_EQ(cache.find("a", noon + 59s)->at(0).numbers.at(0), "1");
    EXPECT_FALSE(cache.find("a", noon + 60s).has_value());
    cache.keep("c", {}, noon + 2s);
    EXPECT_FALSE(cache.find("a", noon + 3s).has_value());
    EXPECT_TRUE(cache.find("b", noon + 3s).has_value());
    EXPECT_TRUE(cache.find("c", noon + 3s)->empty());
    EXPECT_EQ(cache.size(), 2u);
    cache.keep("d", {}, noon + 100s);
    EXPECT_EQ(cache.size(), 1u);
}

TEST(AnswerCache, of_no_time_keeps_nothing) {
    AnswerCache cache{0ms, 2};
    cache.keep("a", {}, noon);
    EXPECT_EQ(cache.size(), 0u);
}

TEST(FillUrl, encodes_what_the_customer_wrote) {
    EXPECT_EQ(fill_url("https://shop.example/orders?q={order}&n={order}", "{order}", "#1 &ä/..{order}"),
              "https://shop.example/orders?q=%231%20%26%C3%A4%2F..%7Border%7D&n=%231%20%26%C3%A4%2F..%7Border%7D");
}

/// A shop whose system answers as written.
struct Shop {
    explicit Shop(net::any_io_executor const& executor) : peer(executor), http(executor) {
        settings.url = peer.url() + "/orders/{order}";
        settings.customer_url = peer.url() + "/orders?line={customer}";
        settings.token = Secret{"Bearer let-me-in"};
        settings.allow_private_addresses = true;
        OrderSettings orders;
        orders.type = OrderSystem::http;
        orders.pointers.number = "/number";
        orders.pointers.status = "/status";
        orders.pointers.customer = "/line";
        orders.pointers.phone = "/phone";
        orders.statuses = {{"sent", OrderStatus::shipped}};
        mapping = mapping_of(orders, "Asia/Taipei");
    }
    void open() {
        lookup = make_http_order_lookup(settings, mapping, http, [this] { return now; });
    }
    net::awaitable<void> stop() {
        http.close_idle();
        co_await peer.stop();
    }
    net::awaitable<OrderLookedUp> ask(std::string number, std::string customer = "U1") {
        if (!lookup) open();
        LookUpOrder question;
        question.order = std::move(number);
        question.customer = std::move(customer);
        OrderLookedUp answer = co_await lookup->look_up(std::move(question));
        co_return answer;
    }

    ScriptedPeer peer;
    HttpClient http;
    OrderHttpSettings settings;
    OrderMapping mapping;
    Timestamp now = noon;
    std::unique_ptr<OrderLookup> lookup;
};

constexpr char const* sent = R"({"number": "TW1001", "status": "sent", "phone": "0912345678", "line": "U1"})";

/// Runs `test`, a plain coroutine function, in a shop of its own.
template <class Test>
void in_shop(Test test) {
    auto work = [](Test body) -> net::awaitable<void> {
        auto const executor = co_await this_coro::executor;
        Shop shop{executor};
        co_await body(shop);
        co_await shop.stop();
    };
    run(work(test));
}

net::awaitable<void> asks_once_and_answers_from_memory(Shop& shop) {
    shop.peer.answers = {json_response(sent), json_response(sent)};
    auto const first = co_await shop.ask("TW1001");
    EXPECT_EQ(first.outcome, LookupOutcome::found);
    EXPECT_TRUE(first.linked);
    EXPECT_EQ(first.facts.at("status"), Argument{"shipped"});
    auto const other = co_await shop.ask("TW1001", "U2");
    EXPECT_EQ(other.outcome, LookupOutcome::found);
    EXPECT_FALSE(other.linked) << "who asks is no part of what is remembered";
    EXPECT_THAT(other.proofs, testing::ElementsAre("678"));
    EXPECT_THAT(shop.peer.seen, SizeIs(1));
    EXPECT_EQ(shop.peer.seen.at(0).method, "GET");
    EXPECT_EQ(shop.peer.seen.at(0).target, "/orders/TW1001");
    EXPECT_EQ(shop.peer.seen.at(0).headers.get("Authorization"), "Bearer let-me-in");
    shop.now += 60s;
    co_await shop.ask("TW1001");
    EXPECT_THAT(shop.peer.seen, SizeIs(2));
}
TEST(HttpOrderLookup, asks_once_and_answers_from_memory) { in_shop(asks_once_and_answers_from_memory); }

net::awaitable<void> asks_for_the_orders_of_a_customer(Shop& shop) {
    shop.peer.answers = {json_response("[" + std::string{sent} + "]")};
    auto const answer = co_await shop.ask("");
    EXPECT_EQ(answer.outcome, LookupOutcome::found);
    EXPECT_EQ(answer.found, "TW1001");
    EXPECT_EQ(shop.peer.seen.at(0).target, "/orders?line=U1");
}
TEST(HttpOrderLookup, asks_for_the_orders_of_a_customer) { in_shop(asks_for_the_orders_of_a_customer); }

net::awaitable<void> says_not_found_without_asking_for_what_is_no_number(Shop& shop) {
    shop.peer.answers = {text_response("", 404)};
    auto const unknown = co_await shop.ask("TW9");
    EXPECT_EQ(unknown.outcome, LookupOutcome::not_found);
    auto const dots = co_await shop.ask("..");
    EXPECT_EQ(dots.outcome, LookupOutcome::not_found);
    EXPECT_THAT(shop.peer.seen, SizeIs(1));
}
TEST(HttpOrderLookup, says_not_found_without_asking_for_what_is_no_number) { in_shop(says_not_found_without_asking_for_what_is_no_number); }

net::awaitable<void> is_left_alone_after_failures_in_a_row(Shop& shop) {
    shop.settings.breaker_failures = 2;
    shop.peer.answers = {text_response("", 503), text_response("", 401), json_response(sent)};
    auto answer = co_await shop.ask("TW1001");
    EXPECT_EQ(answer.outcome, LookupOutcome::failed);
    EXPECT_EQ(answer.why, "the shop's system answered 503");
    answer = co_await shop.ask("TW1001");
    EXPECT_EQ(answer.why, "the shop's system answered 401: is orders.http.token right?");
    answer = co_await shop.ask("TW1001");
    EXPECT_EQ(answer.why, "the shop's system failed several times and is left alone for a moment");
    EXPECT_THAT(shop.peer.seen, SizeIs(2));
    shop.now += 30s;
    answer = co_await shop.ask("TW1001");
    EXPECT_EQ(answer.outcome, LookupOutcome::found);
}
TEST(HttpOrderLookup, is_left_alone_after_failures_in_a_row) { in_shop(is_left_alone_after_failures_in_a_row); }

// A customer who tries odd numbers would otherwise shut the others out.
net::awaitable<void> does_not_count_numbers_the_system_does_not_like(Shop& shop) {
    shop.settings.breaker_failures = 1;
    shop.peer.answers = {text_response("", 400), json_response(sent)};
    auto answer = co_await shop.ask("1'--");
    EXPECT_EQ(answer.outcome, LookupOutcome::failed);
    answer = co_await shop.ask("TW1001");
    EXPECT_EQ(answer.outcome, LookupOutcome::found);
}
TEST(HttpOrderLookup, does_not_count_numbers_the_system_does_not_like) { in_shop(does_not_count_numbers_the_system_does_not_like); }

net::awaitable<void> waits_no_longer_than_its_time(Shop& shop) {
    shop.settings.timeout = 50ms;
    shop.peer.answers = {text_response("", 0)};
    auto const answer = co_await shop.ask("TW1001");
    EXPECT_EQ(answer.outcome, LookupOutcome::failed);
    EXPECT_THAT(shop.peer.seen, SizeIs(1)) << "what may have been received is not asked again";
}
TEST(HttpOrderLookup, waits_no_longer_than_its_time) { in_shop(waits_no_longer_than_its_time); }

/// Takes calls and hangs up.
net::awaitable<void> hang_up(net::ip::tcp::acceptor& acceptor, int& calls) {
    for (;;) {
        error_code error;
        net::ip::tcp::socket caller{acceptor.get_executor()};
        co_await acceptor.async_accept(caller, net::redirect_error(net::use_awaitable, error));
        if (error) co_return;
        ++calls;
    }
}

net::awaitable<void> tries_again_when_there_is_no_connection(Shop& shop) {
    net::any_io_executor const executor = co_await this_coro::executor;
    net::ip::tcp::acceptor acceptor{executor, net::ip::tcp::endpoint{net::ip::address_v4::loopback(), 0}};
    int calls = 0;
    TaskGroup group{executor};
    group.spawn("hang up", hang_up(acceptor, calls));
    shop.settings.url = "https://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port()) + "/{order}";
    auto const answer = co_await shop.ask("TW1001");
    EXPECT_EQ(answer.outcome, LookupOutcome::failed);
    EXPECT_EQ(calls, 2) << "retries: 1";
    acceptor.close();
    bool const ended = co_await group.join(1s);
    EXPECT_TRUE(ended);
}
TEST(HttpOrderLookup, tries_again_when_there_is_no_connection) { in_shop(tries_again_when_there_is_no_connection); }

net::awaitable<void> names_the_host_but_not_the_order_when_there_is_no_connection(Shop& shop) {
    shop.settings.url = "http://127.0.0.1:1/orders/{order}";
    auto const answer = co_await shop.ask("TW1001");
    EXPECT_EQ(answer.outcome, LookupOutcome::failed);
    EXPECT_THAT(answer.why, HasSubstr("cannot connect to 127.0.0.1:1"));
    EXPECT_THAT(answer.why, testing::Not(HasSubstr("TW1001")));
}
TEST(HttpOrderLookup, names_the_host_but_not_the_order_when_there_is_no_connection) { in_shop(names_the_host_but_not_the_order_when_there_is_no_connection); }

net::awaitable<void> does_not_call_private_addresses_unless_allowed(Shop& shop) {
    shop.settings.allow_private_addresses = false;
    auto const answer = co_await shop.ask("TW1001");
    EXPECT_EQ(answer.outcome, LookupOutcome::failed);
    EXPECT_EQ(answer.why, "127.0.0.1 is not an address of the public internet");
    EXPECT_THAT(shop.peer.seen, SizeIs(0));
}
TEST(HttpOrderLookup, does_not_call_private_addresses_unless_allowed) { in_shop(does_not_call_private_addresses_unless_allowed); }

net::awaitable<void> tells_people_when_the_answer_is_nonsense(Shop& shop) {
    shop.peer.answers = {text_response("<html>down for maintenance</html>")};
    auto const answer = co_await shop.ask("TW1001");
    EXPECT_EQ(answer.outcome, LookupOutcome::failed);
    EXPECT_EQ(answer.why, "the answer is not JSON");
}
TEST(HttpOrderLookup, tells_people_when_the_answer_is_nonsense) { in_shop(tells_people_when_the_answer_is_nonsense); }

}  // namespace
}  // namespace kefu
