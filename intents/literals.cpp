// SPDX-License-Identifier: Apache-2.0
#include "intents/literals.hpp"

#include "intents/utf8.hpp"

#include <algorithm>
#include <limits>

namespace kefu {
namespace {

// More would narrow a search hardly further, but the index would no longer fit into the processor's cache.
constexpr std::size_t most_openings = 200;
constexpr std::size_t most_products = 1200;

void sort_unique(Openings& openings) {
    std::sort(openings.begin(), openings.end());
    openings.erase(std::unique(openings.begin(), openings.end()), openings.end());
}

// All pairs; nothing when there would be too many.
Openings products(Openings const& first, Openings const& then) {
    auto const complete = static_cast<std::size_t>(std::count_if(first.begin(), first.end(), [](Opening const& opening) { return opening.is_complete(); }));
    auto const count = first.size() - complete + complete * then.size();
    if (count > most_products) return {};
    Openings all;
    all.reserve(count);
    for (auto const& opening : first) {
        if (!opening.is_complete()) {
            all.push_back(opening);
            continue;
        }
        for (auto const& next : then) {
            auto& joined = all.emplace_back(opening);
            for (char32_t const c : next.text()) joined.append(c);
            if (!next.is_complete()) joined.end_here();
        }
    }
    if (first.size() > 1) sort_unique(all);  // the same prefix keeps the order
    return all.size() > most_openings ? Openings{} : all;
}

Openings first_characters(Openings const& openings) {
    Openings all;
    for (auto const& opening : openings) {
        auto const text = opening.text();
        all.push_back(text.size() <= 1 ? opening : Opening{text.substr(0, 1), false});
    }
    sort_unique(all);
    return all;
}

}  // namespace

void Opening::append(char32_t c) {
    if (weight_ >= enough_weight) {
        is_complete_ = false;
        return;
    }
    characters_[size_++] = c;
    weight_ = static_cast<std::uint8_t>(weight_ + (c >= 0x2E80 ? 3 : 1));
}

Openings opening_of_nothing() { return {Opening{U"", true}}; }
Openings opening_of_anything() { return {Opening{U"", false}}; }

Openings opening_of_one(std::u32string_view characters) {
    Openings all;
    for (char32_t const c : characters) all.push_back(Opening{{&c, 1}, true});
    sort_unique(all);
    return all;
}

Openings followed_by(Openings const& first, Openings then) {
    if (first.size() == 1 && first.front().empty() && first.front().is_complete()) return then;
    if (auto all = products(first, then); !all.empty()) return all;
    if (auto all = products(first, first_characters(then)); !all.empty()) return all;
    Openings all;
    for (auto opening : first) {
        if (opening.empty() && opening.is_complete()) {
            all.insert(all.end(), then.begin(), then.end());
        } else {
            opening.end_here();
            all.push_back(opening);
        }
    }
    sort_unique(all);
    return all;
}

Openings either(std::vector<Openings> const& alternatives) {
    Openings all;
    for (auto const& openings : alternatives) all.insert(all.end(), openings.begin(), openings.end());
    sort_unique(all);
    return all;
}

Openings quantified(Openings openings, bool repeated, bool optional) {
    if (repeated) {
        for (auto& opening : openings) opening.end_here();
    }
    if (optional) openings.push_back(Opening{U"", true});
    sort_unique(openings);
    return openings;
}

std::size_t selectivity(Openings const& openings) {
    std::size_t least = openings.empty() ? 0 : std::numeric_limits<std::size_t>::max();
    for (auto const& opening : openings) least = std::min(least, opening.weight());
    return least;
}

std::vector<std::string> to_literals(Openings const& openings) {
    std::vector<std::string> literals;
    std::u32string_view last;
    for (auto const& opening : openings) {  // sorted: what begins with a literal stands behind it
        if (!literals.empty() && opening.text().starts_with(last)) continue;
        last = opening.text();
        auto& literal = literals.emplace_back();
        for (char32_t const c : opening.text()) append_utf8(literal, c);
    }
    return literals;
}

}  // namespace kefu
