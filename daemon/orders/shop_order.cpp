// SPDX-License-Identifier: Apache-2.0
#include "daemon/orders/shop_order.hpp"

#include "replies/schedule.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

namespace kefu {

namespace {

namespace json = boost::json;

constexpr std::size_t longest_text = 500;  // a fact goes into a message; what is longer is none
constexpr std::size_t most_orders = 250;   // of one answer; platforms give fewer on a page
constexpr std::size_t shortest_proof = 3;

std::string lower(std::string_view text) {
    std::string out{text};
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

json::value const* at_pointer(json::value const& from, std::string_view pointer) {
    if (pointer.empty()) return &from;
    boost::system::error_code wrong;
    return from.find_pointer({pointer.data(), pointer.size()}, wrong);
}

/// Everything `pointer` leads to: one value, or with '*' one for each item. RFC 6901 gives '-' no value to read; here it is the last item.
void collect(json::value const& from, std::string_view pointer, std::vector<json::value const*>& found) {
    for (std::size_t slash = pointer.find('/'); slash != std::string_view::npos; slash = pointer.find('/', slash + 1)) {
        auto const end = std::min(pointer.find('/', slash + 1), pointer.size());
        auto const token = pointer.substr(slash + 1, end - slash - 1);
        if (token != "-" && token != "*") continue;
        auto const* list = at_pointer(from, pointer.substr(0, slash));
        if (list == nullptr || !list->is_array() || list->get_array().empty()) return;
        auto const& items = list->get_array();
        for (auto const& item : items)
            if (token == "*" || &item == &items.back()) collect(item, pointer.substr(end), found);
        return;
    }
    if (auto const* value = at_pointer(from, pointer)) found.push_back(value);
}

/// Text as it is, numbers as they are written; nothing for the rest and for what is empty.
std::optional<std::string> text_of(json::value const& value) {
    if (value.is_int64()) return std::to_string(value.get_int64());
    if (value.is_uint64()) return std::to_string(value.get_uint64());
    if (!value.is_string() || value.get_string().empty() || value.get_string().size() > longest_text) return std::nullopt;
    return std::string{value.get_string()};
}

std::optional<double> number_of(json::value const& value) {
    double number = 0;
    if (value.is_number()) {
        number = value.to_number<double>();
    } else {
        auto const text = text_of(value).value_or("");
        auto const [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (text.empty() || problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    }
    if (!std::isfinite(number) || std::abs(number) > 1e12) return std::nullopt;
    return number;
}

std::optional<Timestamp> moment_of(json::value const& value, std::string const& time_zone) {
    if (value.is_number()) {
        auto const seconds = value.to_number<double>();
        if (!(seconds > 1e8 && seconds < 1e13)) return std::nullopt;
        return from_millis(static_cast<std::int64_t>(seconds < 1e11 ? seconds * 1000 : seconds));  // some write milliseconds
    }
    auto const text = text_of(value).value_or("");
    if (auto const moment = from_rfc3339(text)) return moment;
    auto const wall = from_rfc3339(text + (text.size() == 10 ? "T00:00:00Z" : "Z"));
    return wall ? std::optional{from_local(*wall, time_zone)} : std::nullopt;
}

/// A page to show to a customer.
bool is_web_address(std::string_view text) {
    auto const printable = [](char c) { return static_cast<unsigned char>(c) > ' ' && c != '\x7f'; };
    return (text.starts_with("https://") || text.starts_with("http://")) && std::all_of(text.begin(), text.end(), printable);
}

std::optional<Argument> fact_of(json::value const& value, std::string_view name, OrderField kind, std::string const& time_zone) {
    if (kind == OrderField::number) {
        auto const number = number_of(value);
        return number ? std::optional<Argument>{*number} : std::nullopt;
    }
    if (kind == OrderField::moment) {
        auto const moment = moment_of(value, time_zone);
        return moment ? std::optional<Argument>{*moment} : std::nullopt;
    }
    auto text = text_of(value);
    if (!text || (name == "tracking_url" && !is_web_address(*text))) return std::nullopt;
    return Argument{*std::move(text)};
}

enum class Found { nothing, word, doubt };

/// The word that `pointer` leads to; doubt: its items do not agree.
std::pair<Found, std::string> word_at(json::value const& order, std::string const& pointer, std::map<std::string, std::string> const& words) {
    std::vector<json::value const*> values;
    collect(order, pointer, values);
    if (values.empty()) return {Found::nothing, {}};
    auto const first = text_of(*values.front());
    for (auto const* value : values)
        if (text_of(*value) != first) return {Found::doubt, {}};
    if (!first) return {Found::nothing, {}};
    auto known = words.find(lower(*first));
    if (known == words.end()) known = words.find("*");
    if (known == words.end()) return {Found::nothing, {}};
    return {known->second.empty() ? Found::doubt : Found::word, known->second};
}

std::optional<Argument> meaning_of(json::value const& order, std::vector<WordRule> const& rules) {
    for (auto const& rule : rules)
        for (auto const& pointer : rule.pointers) {
            auto [found, word] = word_at(order, pointer, rule.words);
            if (found == Found::word) return Argument{std::move(word)};
            if (found == Found::doubt) return std::nullopt;
        }
    return std::nullopt;
}

std::vector<std::string> texts_at(json::value const& order, std::vector<std::string> const& pointers) {
    std::vector<std::string> texts;
    std::vector<json::value const*> values;
    for (auto const& pointer : pointers) collect(order, pointer, values);
    for (auto const* value : values)
        if (auto text = text_of(*value); text && std::find(texts.begin(), texts.end(), *text) == texts.end()) texts.push_back(*std::move(text));
    return texts;
}

std::vector<std::string> proofs_of(json::value const& order, OrderMapping const& mapping) {
    std::vector<std::string> proofs;
    auto const add = [&](std::string proof) {
        if (proof.size() >= shortest_proof && std::find(proofs.begin(), proofs.end(), proof) == proofs.end()) proofs.push_back(std::move(proof));
    };
    for (auto const& phone : texts_at(order, mapping.phones)) {
        std::string digits;
        std::copy_if(phone.begin(), phone.end(), std::back_inserter(digits), [](char c) { return c >= '0' && c <= '9'; });
        if (digits.size() >= shortest_proof) add(digits.substr(digits.size() - shortest_proof));
    }
    for (auto const& postcode : texts_at(order, mapping.postcodes)) add(plain_number(postcode));
    return proofs;
}

/// The list that the answer is, or holds; null when it is one order itself.
json::array const* list_of(json::value const& answer, OrderMapping const& mapping) {
    if (auto const* items = answer.if_array()) return items;
    for (auto const& pointer : mapping.list)
        if (auto const* list = at_pointer(answer, pointer); list && list->is_array()) return &list->get_array();
    return nullptr;
}

}  // namespace

std::string plain_number(std::string_view number) {
    std::string out;
    for (char const c : number) {
        if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z')) out += c;
        if (c >= 'a' && c <= 'z') out += static_cast<char>(c - 'a' + 'A');
    }
    return out;
}

Result<ShopOrder> read_shop_order(json::value const& order, OrderMapping const& mapping) {
    ShopOrder result;
    result.numbers = texts_at(order, mapping.numbers);
    std::erase_if(result.numbers, [](auto const& number) { return plain_number(number).empty(); });
    if (result.numbers.empty()) return Error{Errc::bad_payload, "the answer holds no order number where the mapping says"};
    if (auto customer = texts_at(order, mapping.customer); !customer.empty()) result.customer = std::move(customer.front());
    for (auto const& [name, kind] : order_fields) {
        std::optional<Argument> fact;
        if (name == "status" || name == "refund") {
            fact = meaning_of(order, name == "status" ? mapping.statuses : mapping.refunds);
        } else if (auto const pointers = mapping.fields.find(name); pointers != mapping.fields.end()) {
            std::vector<json::value const*> values;
            for (auto const& pointer : pointers->second) collect(order, pointer, values);
            for (auto const* value : values)
                if (!fact) fact = fact_of(*value, name, kind, mapping.time_zone);
        }
        if (fact) result.facts.emplace(name, *std::move(fact));
    }
    result.proofs = proofs_of(order, mapping);
    return result;
}

Result<std::vector<ShopOrder>> read_shop_orders(std::string_view payload, OrderMapping const& mapping) {
    boost::system::error_code wrong;
    auto const answer = json::parse({payload.data(), payload.size()}, wrong);
    if (wrong) return Error{Errc::bad_payload, "the answer is not JSON"};
    std::vector<ShopOrder> orders;
    auto const* list = list_of(answer, mapping);
    if (list == nullptr) {
        auto order = read_shop_order(answer, mapping);
        if (!order) return order.error();
        orders.push_back(*std::move(order));
        return orders;
    }
    for (auto const& item : *list) {
        if (orders.size() == most_orders) break;
        if (auto order = read_shop_order(item, mapping)) orders.push_back(*std::move(order));
    }
    if (orders.empty() && !list->empty()) return Error{Errc::bad_payload, "the answer holds no order number where the mapping says"};
    return orders;
}

OrderLookedUp answer_look_up(LookUpOrder const& asked, std::vector<ShopOrder> const& orders) {
    OrderLookedUp answer;
    answer.order = asked.order;
    answer.outcome = LookupOutcome::not_found;
    auto const theirs = [&](ShopOrder const& order) { return !asked.customer.empty() && order.customer == asked.customer; };
    auto const of_number = [&, wanted = plain_number(asked.order)](ShopOrder const& order) {
        return std::any_of(order.numbers.begin(), order.numbers.end(), [&](auto const& number) { return plain_number(number) == wanted; });
    };
    // A system that passes over the question answers with orders of others; and two that fit are none.
    std::vector<ShopOrder const*> fitting;
    for (auto const& order : orders)
        if (asked.order.empty() ? theirs(order) : of_number(order)) fitting.push_back(&order);
    if (fitting.size() != 1) return answer;
    auto const& order = *fitting.front();
    answer.outcome = LookupOutcome::found;
    answer.found = asked.order.empty() ? order.numbers.front() : asked.order;
    answer.facts = order.facts;
    answer.linked = theirs(order);
    answer.proofs = order.proofs;
    return answer;
}

}  // namespace kefu
