// SPDX-License-Identifier: Apache-2.0
// Any bytes as the answer of a shop's system or as its file: no crash, no hang, nothing told that a customer may not be shown.
#include "daemon/orders/csv.hpp"
#include "daemon/orders/shop_order.hpp"

#include <cstdint>
#include <cstdlib>

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

kefu::OrderMapping mapping_named(kefu::OrderMappingName name) {
    kefu::OrderSettings settings;
    settings.type = kefu::OrderSystem::http;
    settings.http.mapping = name;
    settings.pointers.customer = "/customer/id";
    return kefu::mapping_of(settings, "Asia/Taipei");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    static kefu::OrderMapping const mappings[] = {mapping_named(kefu::OrderMappingName::shopify), mapping_named(kefu::OrderMappingName::woocommerce),
                                                  mapping_named(kefu::OrderMappingName::shopline)};
    std::string_view const bytes{reinterpret_cast<char const*>(data), size};
    for (auto const& mapping : mappings) {
        auto const orders = kefu::read_shop_orders(bytes, mapping);
        if (!orders) continue;
        for (auto const& order : *orders) {
            require(!order.numbers.empty());
            for (auto const& proof : order.proofs) require(proof.size() >= 3);
            for (auto const& [name, value] : order.facts)
                if (auto const* text = std::get_if<std::string>(&value)) require(!text->empty() && text->size() <= 500);
            auto const answer = kefu::answer_look_up({order.numbers.front(), "U1"}, *orders);
            require(answer.outcome != kefu::LookupOutcome::failed);
            require(!answer.linked || order.customer == "U1" || orders->size() > 1);
        }
    }
    if (auto const csv = kefu::read_csv(bytes))
        for (auto const& row : csv->rows) require(row.size() == csv->columns.size());
    return 0;
}
