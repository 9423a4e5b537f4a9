// SPDX-License-Identifier: Apache-2.0
#include "replies/number_like.hpp"

#include "intents/order_context.hpp"

#include <boost/algorithm/string/predicate.hpp>

#include <algorithm>
#include <locale>
#include <utility>
#include <vector>

namespace kefu {

namespace {

constexpr std::size_t fewest_digits = 5;
constexpr std::size_t longest = 32;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

bool is_something_else(Reading const& about, std::string const& value) {
    auto const& entities = about.meaning.entities;
    return std::any_of(entities.begin(), entities.end(), [&](auto const& entity) {
        return (entity.kind == EntityKind::phone || entity.kind == EntityKind::money || entity.kind == EntityKind::email) &&
               boost::algorithm::icontains(entity.value, value, std::locale::classic());
    });
}

/// Runs of letters and digits, upper case, in their order; without those that are taken back.
std::vector<Entity> runs_in(Reading const& about) {
    std::vector<Entity> runs;
    std::string run;
    std::size_t start = 0;
    auto const& text = about.quote;
    auto const finish = [&] {
        while (run.ends_with('-')) run.pop_back();
        auto const digits = static_cast<std::size_t>(std::count_if(run.begin(), run.end(), is_digit));
        auto const end = start + run.size();
        if (digits >= fewest_digits && run.size() <= longest && !is_something_else(about, run))
            runs.push_back({EntityKind::order_number, std::exchange(run, {}), start, end});
        run.clear();
    };
    for (std::size_t at = 0; at < text.size(); ++at) {
        char const c = text[at];
        if (!is_digit(c) && !is_letter(c) && (c != '-' || run.empty())) {
            finish();
            continue;
        }
        if (run.empty()) start = at;
        run += c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    finish();
    drop_corrected_orders(text, runs);
    return runs;
}

bool same_shape(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char one, char other) { return is_digit(one) == is_digit(other); });
}

}  // namespace

std::string number_like_order(Reading const& about) {
    auto const runs = runs_in(about);
    auto const best = std::max_element(runs.begin(), runs.end(), [](auto const& a, auto const& b) { return a.value.size() < b.value.size(); });
    return best == runs.end() ? std::string{} : best->value;
}

std::string number_like(std::string_view known, Reading const& about) {
    auto const runs = runs_in(about);
    auto const found = std::find_if(runs.rbegin(), runs.rend(), [&](auto const& run) { return same_shape(run.value, known); });
    return found == runs.rend() ? std::string{} : found->value;
}

}  // namespace kefu
