// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/secrets.hpp"
#include "config/settings_field.hpp"

#include <array>
#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

/// `orders:` of kefud.yaml: where the shop's orders can be asked for, and how its answers are read. See settings.hpp.
namespace kefu {

using namespace std::chrono_literals;

enum class OrderSystem { none, http, file };
constexpr std::array<std::string_view, 3> names(OrderSystem) { return {"none", "http", "file"}; }

enum class OrderMappingName { custom, shopify, woocommerce, shopline };
constexpr std::array<std::string_view, 4> names(OrderMappingName) { return {"custom", "shopify", "woocommerce", "shopline"}; }

/// The words of replies/orders.hpp; `unknown`: it says too little to tell the customer, people look.
enum class OrderStatus {
    unpaid,
    processing,
    shipped,
    in_transit,
    out_for_delivery,
    ready_for_pickup,
    delivered,
    delayed,
    returning,
    returned,
    cancelled,
    lost,
    unknown
};
constexpr std::array<std::string_view, 13> names(OrderStatus) {
    return {"unpaid",    "processing", "shipped",   "in_transit", "out_for_delivery", "ready_for_pickup", "delivered", "delayed",
            "returning", "returned",   "cancelled", "lost",       "unknown"};
}

enum class RefundStage { requested, goods_received, approved, paid, rejected, unknown };
constexpr std::array<std::string_view, 6> names(RefundStage) { return {"requested", "goods_received", "approved", "paid", "rejected", "unknown"}; }

struct OrderHttpSettings {
    std::string url;
    std::string customer_url;
    std::string header = "Authorization";
    Secret token;
    OrderMappingName mapping = OrderMappingName::custom;
    std::chrono::milliseconds timeout = 5s;
    int retries = 1;
    std::chrono::milliseconds cache = 60s;
    int cache_orders = 10'000;
    int breaker_failures = 5;
    std::chrono::milliseconds breaker_pause = 30s;
    bool allow_private_addresses = false;

    static void fields(auto& self, auto&& field) {
        field("url", self.url, "where one order is asked for (GET, JSON); {order} is its number", {.example = "'https://shop.example.com/api/orders/{order}'"});
        field("customer_url", self.customer_url, "where one customer's orders are asked for; {customer} is the platform's user id; empty: not asked",
              {.example = "'https://shop.example.com/api/orders?line_user={customer}'"});
        field("header", self.header, "the header field that carries `token`", {.shape = Shape::name});
        field("token", self.token, "its whole value, such as 'Bearer ...' or 'Basic ...'; empty: no such field", {.example = "credential:order-token"});
        field("mapping", self.mapping, "how an order is written there; custom: as `fields` and `statuses` say");
        field("timeout", self.timeout, "how long one look-up may take, trying again included", {.least = 100, .most = 30'000});
        field("retries", self.retries, "tries more when there is no connection", {.least = 0, .most = 5});
        field("cache", self.cache, "how long an answer is used again; 0: never", {.most = 3'600'000});
        field("cache_orders", self.cache_orders, "answers that are kept", {.least = 1, .most = 1'000'000});
        field("breaker_failures", self.breaker_failures, "failures in a row after which the system is left alone for `breaker_pause`",
              {.least = 1, .most = 1000});
        field("breaker_pause", self.breaker_pause, "meanwhile every look-up fails at once, and people take over", {.least = 100, .most = 3'600'000});
        field("allow_private_addresses", self.allow_private_addresses, "let the URLs lead to this machine or a private network");
    }
    friend bool operator==(OrderHttpSettings const&, OrderHttpSettings const&) = default;
};

struct OrderFileSettings {
    std::filesystem::path path;
    std::string table;

    static void fields(auto& self, auto&& field) {
        field("path", self.path, "a .csv file (UTF-8, its first line names the columns: number, status, phone, ... as in `fields`) or an SQLite database",
              {.example = "orders.csv"});
        field("table", self.table, "the database's table or view, its columns named likewise", {.shape = Shape::name, .example = "orders"});
    }
    friend bool operator==(OrderFileSettings const&, OrderFileSettings const&) = default;
};

/// Where each fact stands in an order. A '-' in a pointer is the last item of a list.
struct OrderFieldSettings {
    std::string list, number, status, courier, tracking_number, tracking_url, amount, currency, item, refund, shipped_at, delivered_at, last_scan_at,
        expected_at, refund_due, phone, postcode, customer;

    static void fields(auto& self, auto&& field) {
        auto const pointer = [&](std::string_view key, auto& member, std::string_view meaning, std::string_view example) {
            field(key, member, meaning, Field{.shape = Shape::json_pointer, .example = example});
        };
        pointer("list", self.list, "the list of orders, when the answer is not one order itself", "/orders");
        pointer("number", self.number, "its number, as customers know it", "/number");
        pointer("status", self.status, "where it is, in the words of `statuses`", "/status");
        pointer("courier", self.courier, "who carries it", "/shipment/carrier");
        pointer("tracking_number", self.tracking_number, "the carrier's number", "/shipment/number");
        pointer("tracking_url", self.tracking_url, "the carrier's page (http or https)", "/shipment/url");
        pointer("amount", self.amount, "what it costs", "/total");
        pointer("currency", self.currency, "in which currency (ISO 4217)", "/currency");
        pointer("item", self.item, "what was bought", "/items/0/name");
        pointer("refund", self.refund, "where its refund is, in the words of `refunds`", "/refund/status");
        pointer("shipped_at", self.shipped_at, "moments: RFC 3339, or a date (and time) of the shop's time zone, or seconds since 1970", "/shipment/sent");
        pointer("delivered_at", self.delivered_at, "when it was delivered", "/shipment/delivered");
        pointer("last_scan_at", self.last_scan_at, "when the carrier saw it last", "/shipment/seen");
        pointer("expected_at", self.expected_at, "when it should come", "/shipment/expected");
        pointer("refund_due", self.refund_due, "when the refund should be there", "/refund/due");
        pointer("phone", self.phone, "whose last three digits show that the order is theirs", "/phone");
        pointer("postcode", self.postcode, "shows the same", "/postcode");
        pointer("customer", self.customer, "the platform's user id of the customer: theirs without further questions", "/line_user");
    }
    friend bool operator==(OrderFieldSettings const&, OrderFieldSettings const&) = default;
};

struct OrderStatusWord {
    std::string theirs;
    OrderStatus ours = OrderStatus::unknown;

    static void fields(auto& self, auto&& field) {
        field("theirs", self.theirs, "the shop's word; upper and lower case are one", {.required = true, .example = "dispatched"});
        field("ours", self.ours, "what it means; unknown: nothing is told and people look", {.required = true, .example = "shipped"});
    }
    friend bool operator==(OrderStatusWord const&, OrderStatusWord const&) = default;
};

struct RefundWord {
    std::string theirs;
    RefundStage ours = RefundStage::unknown;

    static void fields(auto& self, auto&& field) {
        field("theirs", self.theirs, "the shop's word; upper and lower case are one", {.required = true, .example = "done"});
        field("ours", self.ours, "what it means", {.required = true, .example = "paid"});
    }
    friend bool operator==(RefundWord const&, RefundWord const&) = default;
};

struct OrderSettings {
    OrderSystem type = OrderSystem::none;
    bool second_fact = true;
    OrderHttpSettings http;
    OrderFileSettings file;
    OrderFieldSettings pointers;
    std::vector<OrderStatusWord> statuses;
    std::vector<RefundWord> refunds;

    static void fields(auto& self, auto&& field) {
        field("type", self.type, "none: order numbers are only collected for people");
        field("second_fact", self.second_fact,
              "ask for the last digits of the phone number, or the postcode, before telling about an order that is not known to be theirs");
        field("http", self.http, "type http: the shop's API");
        field("file", self.file, "type file: an export of the shop's orders; read anew when it changes");
        field("fields", self.pointers,
              "where things stand in an answer, or a file's columns; with a ready-made mapping, or a file with our columns, only what differs");
        field("statuses", self.statuses, "the shop's words for where an order is; with a ready-made mapping, or a file that uses ours, only what differs");
        field("refunds", self.refunds, "the shop's words for where a refund is");
    }
    friend bool operator==(OrderSettings const&, OrderSettings const&) = default;
};

}  // namespace kefu
