// SPDX-License-Identifier: Apache-2.0
#include "daemon/orders/shop_order.hpp"

#include <algorithm>
#include <utility>

namespace kefu {

namespace {

static_assert(std::equal(order_statuses.begin(), order_statuses.end(), names(OrderStatus{}).begin()));
static_assert(std::equal(refund_stages.begin(), refund_stages.end(), names(RefundStage{}).begin()));

/// Admin REST API, `orders.json?status=any&name={order}`. shopify.dev: Order, Fulfillment.
OrderMapping shopify() {
    OrderMapping mapping;
    mapping.list = {"/orders"};
    mapping.numbers = {"/name", "/order_number"};
    mapping.phones = {"/phone", "/shipping_address/phone", "/billing_address/phone", "/customer/phone"};
    mapping.postcodes = {"/shipping_address/zip", "/billing_address/zip"};
    mapping.fields = {{"courier", {"/fulfillments/-/tracking_company"}},
                      {"tracking_number", {"/fulfillments/-/tracking_number"}},
                      {"tracking_url", {"/fulfillments/-/tracking_url"}},
                      {"amount", {"/total_price"}},
                      {"currency", {"/currency"}},
                      {"item", {"/line_items/0/title"}},
                      {"shipped_at", {"/fulfillments/-/created_at"}}};
    mapping.statuses = {{{"/cancelled_at"}, {{"*", "cancelled"}}},
                        {{"/fulfillment_status"}, {{"partial", ""}, {"restocked", ""}}},  // some of it is somewhere
                        {{"/fulfillments/*/shipment_status"},
                         {{"label_printed", "processing"},
                          {"label_purchased", "processing"},
                          {"confirmed", "processing"},
                          {"ready_for_pickup", "ready_for_pickup"},
                          {"in_transit", "in_transit"},
                          {"out_for_delivery", "out_for_delivery"},
                          {"attempted_delivery", "delayed"},
                          {"delivered", "delivered"},
                          {"failure", ""}}},
                        {{"/fulfillment_status"}, {{"fulfilled", "shipped"}}},
                        {{"/financial_status"},
                         {{"pending", "unpaid"},
                          {"partially_paid", "unpaid"},
                          {"voided", ""},
                          {"refunded", ""},
                          {"authorized", "processing"},
                          {"paid", "processing"},
                          {"partially_refunded", "processing"}}}};
    mapping.refunds = {{{"/financial_status"}, {{"refunded", "paid"}}}};
    return mapping;
}

/// REST API v3, `orders/{order}`. "completed" is what shops set when a parcel leaves.
OrderMapping woocommerce() {
    OrderMapping mapping;
    mapping.numbers = {"/number", "/id"};
    mapping.phones = {"/billing/phone", "/shipping/phone"};
    mapping.postcodes = {"/shipping/postcode", "/billing/postcode"};
    mapping.fields = {{"amount", {"/total"}}, {"currency", {"/currency"}}, {"item", {"/line_items/0/name"}}, {"shipped_at", {"/date_completed"}}};
    mapping.statuses = {{{"/status"},
                         {{"pending", "unpaid"},
                          {"checkout-draft", "unpaid"},
                          {"on-hold", "unpaid"},
                          {"failed", "unpaid"},
                          {"processing", "processing"},
                          {"completed", "shipped"},
                          {"cancelled", "cancelled"},
                          {"refunded", ""},
                          {"trash", ""}}}};
    mapping.refunds = {{{"/status"}, {{"refunded", "paid"}}}};
    return mapping;
}

/// Open API of SHOPLINE in Taiwan and Hong Kong (open-api.docs.shoplineapp.com), `v1/orders/search?query={order}`. "arrived" is a shop or a front door:
/// people look, unless the operator says which.
OrderMapping shopline() {
    OrderMapping mapping;
    mapping.list = {"/items"};
    mapping.numbers = {"/order_number"};
    mapping.phones = {"/customer_phone", "/delivery_data/recipient_phone"};
    mapping.postcodes = {"/delivery_address/postcode"};
    mapping.fields = {{"courier", {"/order_delivery/name_translations/zh-hant"}},
                      {"tracking_number", {"/delivery_data/tracking_number"}},
                      {"tracking_url", {"/delivery_data/tracking_url"}},
                      {"amount", {"/total/dollars"}},
                      {"currency", {"/total/currency_iso"}},
                      {"item", {"/subtotal_items/0/title_translations/zh-hant"}},
                      {"shipped_at", {"/order_delivery/shipped_at"}},
                      {"delivered_at", {"/order_delivery/collected_at"}}};
    mapping.statuses = {
        {{"/status"}, {{"cancelled", "cancelled"}}},
        {{"/order_delivery/status"},
         {{"shipping", "processing"},
          {"shipped", "shipped"},
          {"arrived", ""},
          {"collected", "delivered"},
          {"returning", "returning"},
          {"returned", "returned"}}},
        {{"/order_payment/payment_type"}, {{"cash_on_delivery", "processing"}}},
        // Not paid yet: what that means depends on how it is to be paid.
        {{"/order_payment/status"},
         {{"temp", ""}, {"pending", ""}, {"failed", "unpaid"}, {"expired", "unpaid"}, {"completed", "processing"}, {"refunding", ""}, {"refunded", ""}}}};
    mapping.refunds = {{{"/order_payment/status"}, {{"refunding", "approved"}, {"refunded", "paid"}}}};
    return mapping;
}

/// The columns of a file are named as the fields.
OrderMapping columns() {
    OrderMapping mapping;
    mapping.numbers = {"/number"};
    mapping.phones = {"/phone"};
    mapping.postcodes = {"/postcode"};
    mapping.customer = {"/customer"};
    for (auto const& [name, kind] : order_fields) mapping.fields[std::string{name}] = {'/' + std::string{name}};
    WordRule statuses{{"/status"}, {}};
    for (auto const word : order_statuses) statuses.words.emplace(word, word);
    WordRule refunds{{"/refund"}, {}};
    for (auto const word : refund_stages) refunds.words.emplace(word, word);
    mapping.statuses = {std::move(statuses)};
    mapping.refunds = {std::move(refunds)};
    return mapping;
}

OrderMapping ready_made(OrderSettings const& settings) {
    if (settings.type == OrderSystem::file) return columns();
    switch (settings.http.mapping) {
        case OrderMappingName::shopify:
            return shopify();
        case OrderMappingName::woocommerce:
            return woocommerce();
        case OrderMappingName::shopline:
            return shopline();
        case OrderMappingName::custom:
            break;
    }
    return {};
}

/// The operator's words come first: for his own pointer, or for all that the system's rules look at.
template <class Words>
void add_words(std::vector<WordRule>& rules, std::string const& pointer, Words const& words) {
    WordRule own;
    if (!pointer.empty()) own.pointers.push_back(pointer);
    for (auto const& rule : rules)
        for (auto const& other : rule.pointers)
            if (pointer.empty() && std::find(own.pointers.begin(), own.pointers.end(), other) == own.pointers.end()) own.pointers.push_back(other);
    for (auto const& word : words) {
        std::string theirs = word.theirs;
        for (char& c : theirs)
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        auto const ours = name_of(word.ours);
        own.words[theirs] = ours == "unknown" ? std::string{} : std::string{ours};
    }
    if (!own.words.empty()) rules.insert(rules.begin(), std::move(own));
}

}  // namespace

OrderMapping mapping_of(OrderSettings const& settings, std::string time_zone) {
    OrderMapping mapping = ready_made(settings);
    mapping.time_zone = std::move(time_zone);
    auto const& own = settings.pointers;
    auto const replace = [](std::vector<std::string>& pointers, std::string const& pointer) {
        if (!pointer.empty()) pointers = {pointer};
    };
    replace(mapping.list, own.list);
    replace(mapping.numbers, own.number);
    replace(mapping.phones, own.phone);
    replace(mapping.postcodes, own.postcode);
    replace(mapping.customer, own.customer);
    OrderFieldSettings::fields(own, [&](std::string_view key, std::string const& pointer, std::string_view, Field const&) {
        auto const known = std::find_if(order_fields.begin(), order_fields.end(), [&](auto const& field) { return field.first == key; });
        if (known != order_fields.end() && !pointer.empty()) mapping.fields[std::string{key}] = {pointer};
    });
    add_words(mapping.statuses, own.status, settings.statuses);
    add_words(mapping.refunds, own.refund, settings.refunds);
    return mapping;
}

}  // namespace kefu
