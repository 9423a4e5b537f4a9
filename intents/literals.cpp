// SPDX-License-Identifier: Apache-2.0
#include "intents/literals.hpp"

#include "intents/utf8.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace kefu {
namespace {

// More or longer literals would narrow a search no further, but the index would no longer fit into the processor's cache.
constexpr std::size_t most_openings = 256;
constexpr std::size_t enough_weight = 9;

void sort_unique(Openings& openings) {
    std::sort(openings.begin(), openings.end());
    openings.erase(std::unique(openings.begin(), openings.end()), openings.end());
}

// A Han character says about as much as three letters.
std::size_t weight(std::u32string_view text) {
    std::size_t sum = 0;
    for (char32_t const c : text) sum += c >= 0x2E80 ? 3 : 1;
    return sum;
}

}  // namespace

Openings opening_of_nothing() { return {{U"", true}}; }
Openings opening_of_anything() { return {{U"", false}}; }

Openings opening_of_one(std::u32string_view characters) {
    Openings all;
    for (char32_t const c : characters) all.push_back({{c}, true});
    sort_unique(all);
    return all;
}

Openings followed_by(Openings const& first, Openings const& then) {
    auto const extends = [](Opening const& opening) { return opening.complete && weight(opening.text) < enough_weight; };
    auto const extended = static_cast<std::size_t>(std::count_if(first.begin(), first.end(), extends));
    bool const too_many = extended * then.size() > most_openings;
    Openings all;
    for (auto const& opening : first) {
        if (!extends(opening) || (too_many && !opening.text.empty())) {
            all.push_back({opening.text, false});
        } else {
            for (auto const& next : then) all.push_back({opening.text + next.text, next.complete});
        }
    }
    sort_unique(all);
    return all;
}

Openings either(Openings first, Openings const& second) {
    first.insert(first.end(), second.begin(), second.end());
    sort_unique(first);
    return first;
}

Openings quantified(Openings openings, bool repeated, bool optional) {
    if (repeated) {
        for (auto& opening : openings) opening.complete = false;
    }
    if (optional) openings.push_back({U"", true});
    sort_unique(openings);
    return openings;
}

std::size_t selectivity(Openings const& openings) {
    std::size_t least = openings.empty() ? 0 : std::numeric_limits<std::size_t>::max();
    for (auto const& opening : openings) least = std::min(least, weight(opening.text));
    return least;
}

std::vector<std::string> to_literals(Openings const& openings) {
    std::vector<std::string> literals;
    std::u32string_view last;
    for (auto const& opening : openings) {  // sorted: what begins with a literal stands behind it
        if (!literals.empty() && std::u32string_view{opening.text}.starts_with(last)) continue;
        last = opening.text;
        auto& literal = literals.emplace_back();
        for (char32_t const c : opening.text) append_utf8(literal, c);
    }
    return literals;
}

}  // namespace kefu
