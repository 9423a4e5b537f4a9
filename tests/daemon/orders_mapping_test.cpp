// SPDX-License-Identifier: Apache-2.0
#include "daemon/orders/shop_order.hpp"
#include "tests/support/source_dir.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <fstream>
#include <sstream>

namespace kefu {
namespace {

namespace json = boost::json;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

std::string example(std::string const& name) {
    std::ostringstream text;
    text << std::ifstream{source_dir() / "tests/daemon/orders" / name}.rdbuf();
    return text.str();
}

OrderSettings ready_made(OrderMappingName name) {
    OrderSettings settings;
    settings.type = OrderSystem::http;
    settings.http.mapping = name;
    return settings;
}

OrderMapping mapping(OrderSettings const& settings) { return mapping_of(settings, "Europe/Prague"); }

ShopOrder the_order(std::string_view payload, OrderMapping const& with) {
    auto orders = read_shop_orders(payload, with).value();
    EXPECT_EQ(orders.size(), 1u);
    return orders.at(0);
}

/// Puts something else where `pointer` leads.
void change(json::value& payload, char const* pointer, json::value value) {
    boost::system::error_code wrong;
    *payload.find_pointer(pointer, wrong) = std::move(value);
}

Timestamp at(std::string_view text) { return from_rfc3339(text).value(); }

TEST(ShopifyMapping, reads_the_documented_order) {
    auto const order = the_order(example("shopify.json"), mapping(ready_made(OrderMappingName::shopify)));
    EXPECT_THAT(order.numbers, ElementsAre("#1001", "1001"));
    EXPECT_EQ(order.customer, "");
    EXPECT_EQ(order.facts, (Arguments{{"status", "in_transit"},
                                      {"courier", "T-CAT"},
                                      {"tracking_number", "903311223344"},
                                      {"tracking_url", "https://track.example.com/903311223344"},
                                      {"amount", 1290.0},
                                      {"currency", "TWD"},
                                      {"item", "Canvas tote"},
                                      {"shipped_at", at("2026-11-19T08:30:00Z")}}));
    EXPECT_THAT(order.proofs, UnorderedElementsAre("678", "111", "106", "110"));
}

TEST(WooCommerceMapping, reads_the_documented_order) {
    auto const order = the_order(example("woocommerce.json"), mapping(ready_made(OrderMappingName::woocommerce)));
    EXPECT_THAT(order.numbers, ElementsAre("727"));
    EXPECT_EQ(order.facts, (Arguments{{"status", "shipped"},
                                      {"amount", 529.35},
                                      {"currency", "CZK"},
                                      {"item", "Linen shirt"},
                                      {"shipped_at", at("2026-11-19T15:30:00Z")}}));  // the shop's wall clock
    EXPECT_THAT(order.proofs, UnorderedElementsAre("567", "11000", "60200"));
}

TEST(ShoplineMapping, reads_the_documented_order) {
    auto const order = the_order(example("shopline.json"), mapping(ready_made(OrderMappingName::shopline)));
    EXPECT_THAT(order.numbers, ElementsAre("20261118131420941"));
    EXPECT_EQ(order.facts, (Arguments{{"status", "shipped"},
                                      {"courier", "黑貓宅急便"},
                                      {"tracking_number", "903311223344"},
                                      {"amount", 1290.0},
                                      {"currency", "TWD"},
                                      {"item", "帆布托特包"},
                                      {"shipped_at", at("2026-11-19T08:30:00.230Z")}}));
    EXPECT_THAT(order.proofs, UnorderedElementsAre("678", "111", "220"));
}

struct StatusCase {
    char const* name;
    OrderMappingName mapping;
    std::vector<std::pair<char const*, char const*>> changes;  ///< pointer into the example → JSON
    char const* status;                                        ///< "": none, people look
    char const* refund = "";
};
class OrderStatusOf : public testing::TestWithParam<StatusCase> {};

TEST_P(OrderStatusOf, is_told_in_our_words_or_not_at_all) {
    auto const& wanted = GetParam();
    auto payload = json::parse(example(std::string{name_of(wanted.mapping)} + ".json"));
    for (auto const& [pointer, value] : wanted.changes) change(payload, pointer, json::parse(value));
    auto const order = the_order(json::serialize(payload), mapping(ready_made(wanted.mapping)));
    auto const fact = [&](char const* name) {
        auto const found = order.facts.find(name);
        return found == order.facts.end() ? std::string{} : std::get<std::string>(found->second);
    };
    EXPECT_EQ(fact("status"), wanted.status);
    EXPECT_EQ(fact("refund"), wanted.refund);
}

constexpr auto shopify = OrderMappingName::shopify;
constexpr auto woocommerce = OrderMappingName::woocommerce;
constexpr auto shopline = OrderMappingName::shopline;
constexpr char const* two_parcels = R"([{"shipment_status": "delivered"}, {"shipment_status": "in_transit"}])";

INSTANTIATE_TEST_SUITE_P(
    Words, OrderStatusOf,
    testing::Values(StatusCase{"delivered", shopify, {{"/orders/0/fulfillments/0/shipment_status", "\"delivered\""}}, "delivered"},
                    StatusCase{"not_scanned_yet", shopify, {{"/orders/0/fulfillments/0/shipment_status", "null"}}, "shipped"},
                    StatusCase{"new_word_of_the_platform", shopify, {{"/orders/0/fulfillments/0/shipment_status", "\"teleported\""}}, "shipped"},
                    StatusCase{"not_packed_yet", shopify, {{"/orders/0/fulfillments", "[]"}, {"/orders/0/fulfillment_status", "null"}}, "processing"},
                    StatusCase{"not_paid_yet",
                               shopify,
                               {{"/orders/0/fulfillments", "[]"}, {"/orders/0/fulfillment_status", "null"}, {"/orders/0/financial_status", "\"pending\""}},
                               "unpaid"},
                    StatusCase{"cancelled", shopify, {{"/orders/0/cancelled_at", "\"2026-11-20T10:00:00+08:00\""}}, "cancelled"},
                    StatusCase{"two_parcels_in_two_places", shopify, {{"/orders/0/fulfillments", two_parcels}}, ""},
                    StatusCase{"half_of_it_sent", shopify, {{"/orders/0/fulfillment_status", "\"partial\""}}, ""},
                    StatusCase{"refunded",
                               shopify,
                               {{"/orders/0/fulfillments", "[]"}, {"/orders/0/fulfillment_status", "null"}, {"/orders/0/financial_status", "\"refunded\""}},
                               "",
                               "paid"},
                    StatusCase{"waits_for_the_transfer", woocommerce, {{"/status", "\"on-hold\""}}, "unpaid"},
                    StatusCase{"being_packed", woocommerce, {{"/status", "\"processing\""}}, "processing"},
                    StatusCase{"paid_back", woocommerce, {{"/status", "\"refunded\""}}, "", "paid"},
                    StatusCase{"word_of_a_plugin", woocommerce, {{"/status", "\"awaiting-shipment\""}}, ""},
                    StatusCase{"picked_up", shopline, {{"/items/0/order_delivery/status", "\"collected\""}}, "delivered"},
                    StatusCase{"arrived_somewhere", shopline, {{"/items/0/order_delivery/status", "\"arrived\""}}, ""},
                    StatusCase{"paid_at_the_door", shopline, {{"/items/0/order_delivery/status", "\"pending\""}}, "processing"},
                    StatusCase{"money_on_its_way_back",
                               shopline,
                               {{"/items/0/order_delivery/status", "\"returned\""}, {"/items/0/order_payment/status", "\"refunding\""}},
                               "returned",
                               "approved"}),
    [](auto const& test) { return std::string{name_of(test.param.mapping)} + "_" + test.param.name; });

// --- what the operator says

OrderSettings custom() {
    OrderSettings settings = ready_made(OrderMappingName::custom);
    settings.pointers.number = "/nr";
    settings.pointers.status = "/state";
    settings.pointers.list = "/data/hits";
    settings.pointers.courier = "/parcels/-/by";
    settings.pointers.amount = "/price";
    settings.pointers.tracking_url = "/link";
    settings.pointers.expected_at = "/eta";
    settings.pointers.phone = "/tel";
    settings.pointers.customer = "/line";
    settings.pointers.refund = "/money";
    settings.statuses = {{"已出貨", OrderStatus::shipped}, {"Held", OrderStatus::unknown}};
    settings.refunds = {{"done", RefundStage::paid}};
    return settings;
}

TEST(CustomMapping, follows_the_pointers_and_words_of_the_operator) {
    auto const order = the_order(R"({"data": {"hits": [{"nr": 2077, "state": "已出貨", "parcels": [{"by": "old"}, {"by": "郵局"}], "price": "12.5",
                                     "link": "https://t.example/1", "eta": "2026-11-25", "tel": "(02) 1234-56", "line": "U1", "money": "DONE"}]}})",
                                 mapping(custom()));
    EXPECT_EQ(order, (ShopOrder{{"2077"},
                                "U1",
                                {{"status", "shipped"},
                                 {"courier", "郵局"},
                                 {"amount", 12.5},
                                 {"tracking_url", "https://t.example/1"},
                                 {"expected_at", at("2026-11-24T23:00:00Z")},
                                 {"refund", "paid"}},
                                {"456"}}));
}

TEST(CustomMapping, leaves_out_what_is_not_what_it_should_be) {
    auto const order = the_order(R"({"nr": "A-2077", "state": "held", "parcels": [], "price": "1,290", "link": "javascript:alert", "eta": "soon", "tel": "12",
                                     "line": null, "money": ["done"]})",
                                 mapping(custom()));
    EXPECT_EQ(order, (ShopOrder{{"A-2077"}, "", {}, {}}));
}

TEST(CustomMapping, takes_moments_in_seconds_or_milliseconds) {
    auto const with = mapping(custom());
    EXPECT_EQ(the_order(R"({"nr": 1, "eta": 1795000000})", with).facts.at("expected_at"), Argument{from_millis(1'795'000'000'000)});
    EXPECT_EQ(the_order(R"({"nr": 1, "eta": 1795000000123})", with).facts.at("expected_at"), Argument{from_millis(1'795'000'000'123)});
}

TEST(CustomMapping, says_without_the_answer_what_it_did_not_find) {
    auto const with = mapping(custom());
    EXPECT_EQ(read_shop_orders("<html>secret</html>", with).error().message, "the answer is not JSON");
    EXPECT_EQ(read_shop_orders(R"({"error": "secret"})", with).error().message, "the answer holds no order number where the mapping says");
    EXPECT_EQ(read_shop_orders(R"({"data": {"hits": [{"id": 5}]}})", with).error().message, "the answer holds no order number where the mapping says");
    EXPECT_THAT(read_shop_orders(R"({"data": {"hits": []}})", with).value(), IsEmpty());
}

TEST(ReadyMadeMapping, gives_way_to_what_the_operator_says) {
    auto settings = ready_made(OrderMappingName::woocommerce);
    settings.statuses = {{"completed", OrderStatus::delivered}, {"wc-at-carrier", OrderStatus::in_transit}};
    settings.pointers.customer = "/customer_id";
    settings.pointers.tracking_number = "/meta_data/0/value";
    auto payload = json::parse(example("woocommerce.json"));
    change(payload, "/meta_data", json::parse(R"([{"value": "903"}])"));
    auto const order = the_order(json::serialize(payload), mapping(settings));
    EXPECT_EQ(order.customer, "26");
    EXPECT_EQ(order.facts.at("status"), Argument{"delivered"});
    EXPECT_EQ(order.facts.at("tracking_number"), Argument{"903"});
    EXPECT_EQ(order.facts.at("item"), Argument{"Linen shirt"});
    change(payload, "/status", "wc-at-carrier");
    EXPECT_EQ(the_order(json::serialize(payload), mapping(settings)).facts.at("status"), Argument{"in_transit"});
    change(payload, "/status", "cancelled");
    EXPECT_EQ(the_order(json::serialize(payload), mapping(settings)).facts.at("status"), Argument{"cancelled"});
}

// --- who is told what

ShopOrder order(std::string number, std::string customer) { return {{std::move(number)}, std::move(customer), {{"status", "shipped"}}, {"678"}}; }

TEST(AnswerLookUp, finds_the_order_of_that_number_however_it_is_written) {
    auto const answer = answer_look_up({"tw1001", "U1"}, {order("TW-1000", "U1"), order("#TW-1001", "U2")});
    EXPECT_EQ(answer.outcome, LookupOutcome::found);
    EXPECT_EQ(answer.order, "tw1001");
    EXPECT_FALSE(answer.linked);
    EXPECT_THAT(answer.proofs, ElementsAre("678"));
    EXPECT_TRUE(answer_look_up({"TW1000", "U1"}, {order("TW-1000", "U1")}).linked);
}

// A system that does not know a parameter of the question answers with everybody's orders.
TEST(AnswerLookUp, tells_nobody_about_an_order_that_was_not_asked_for) {
    EXPECT_EQ(answer_look_up({"1001", "U1"}, {order("1002", "U1")}).outcome, LookupOutcome::not_found);
    EXPECT_EQ(answer_look_up({"", "U1"}, {order("1002", "U2")}).outcome, LookupOutcome::not_found);
    EXPECT_EQ(answer_look_up({"", ""}, {order("1002", "")}).outcome, LookupOutcome::not_found);
}

TEST(AnswerLookUp, by_customer_takes_their_only_order) {
    auto const answer = answer_look_up({"", "U1"}, {order("1001", "U1"), order("1002", "U2")});
    EXPECT_EQ(answer.outcome, LookupOutcome::found);
    EXPECT_EQ(answer.found, "1001");
    EXPECT_TRUE(answer.linked);
    EXPECT_EQ(answer_look_up({"", "U1"}, {order("1001", "U1"), order("1002", "U1")}).outcome, LookupOutcome::not_found);
}

}  // namespace
}  // namespace kefu
