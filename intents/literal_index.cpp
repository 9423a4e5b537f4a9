// SPDX-License-Identifier: Apache-2.0
#include "intents/literal_index.hpp"

#include "intents/utf8.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace kefu {
namespace {

std::u32string decoded(std::string_view text) {
    std::u32string code_points;
    for (std::size_t at = 0; at < text.size();) code_points += next_code_point(text, at);
    return code_points;
}

// Which cells are free: each taken one leads to where the search goes on.
class FreeCells {
  public:
    void take(std::uint32_t cell) {
        grow(cell + 1);
        next_[cell] = cell + 1;
    }

    // The lowest that is free, from `cell` on.
    std::uint32_t from(std::uint32_t cell) {
        auto free = cell;
        while (free < next_.size() && next_[free] != free) free = next_[free];
        while (cell != free) cell = std::exchange(next_[cell], free);
        return free;
    }

    // Where the cells of all these codes, which rise, are free; after a few tries behind all others.
    std::uint32_t base_for(std::span<std::uint32_t const> codes) {
        auto const fits = [&](std::uint32_t base) {
            return std::all_of(codes.begin(), codes.end(), [&](auto code) { return from(base + code) == base + code; });
        };
        auto first = from(codes.front() + 1);
        for (int tries = 0; tries < most_tries && first < next_.size(); ++tries, first = from(first + 1)) {
            if (fits(first - codes.front())) return first - codes.front();
        }
        return std::max(static_cast<std::uint32_t>(next_.size()), codes.front() + 1) - codes.front();
    }

  private:
    static constexpr int most_tries = 200;

    void grow(std::uint32_t size) {
        while (next_.size() < size) next_.push_back(static_cast<std::uint32_t>(next_.size()));
    }

    std::vector<std::uint32_t> next_;  // itself: free
};

}  // namespace

std::uint32_t LiteralIndex::add(std::string_view literal) {
    return numbers_.try_emplace(std::string{literal}, static_cast<std::uint32_t>(numbers_.size())).first->second;
}

// Codes from 1 on, the most frequent characters first: their cells lie together.
void LiteralIndex::number_characters(std::u32string const& characters) {
    std::unordered_map<char32_t, std::uint32_t> counts;
    for (char32_t const c : characters) ++counts[c];
    std::vector<std::pair<char32_t, std::uint32_t>> ordered{counts.begin(), counts.end()};
    std::sort(ordered.begin(), ordered.end(), [](auto const& a, auto const& b) { return a.second != b.second ? a.second > b.second : a.first < b.first; });
    codes_.assign(256, 0);  // the page of the characters without a page
    for (std::size_t i = 0; i < ordered.size(); ++i) {
        auto const c = ordered[i].first;
        if ((c >> 8) >= pages_.size()) pages_.resize((c >> 8) + 1, 0);
        auto& page = pages_[c >> 8];
        if (page == 0) {
            page = static_cast<std::uint32_t>(codes_.size());
            codes_.resize(codes_.size() + 256, 0);
        }
        codes_[page + (c & 0xFF)] = static_cast<std::uint16_t>(i + 1);
    }
}

void LiteralIndex::make_ready() {
    std::vector<std::pair<std::u32string, std::uint32_t>> literals;
    literals.reserve(numbers_.size());
    std::u32string characters;
    for (auto const& [literal, number] : numbers_) characters += literals.emplace_back(decoded(literal), number).first;
    numbers_ = {};
    number_characters(characters);
    for (auto& [literal, number] : literals) {
        for (auto& c : literal) c = code_of(c);
    }
    std::sort(literals.begin(), literals.end());

    // The literals [first, last), by now codes, share their first `depth`, which lead to `cell`.
    struct Branch {
        std::uint32_t cell;
        std::size_t first;
        std::size_t last;
        std::size_t depth;
    };
    cells_.assign(1, Cell{});
    FreeCells free;
    free.take(0);
    std::vector<Branch> branches{{0, 0, literals.size(), 0}};
    std::vector<std::uint32_t> codes;
    for (std::size_t next = 0; next < branches.size(); ++next) {
        auto [cell, first, last, depth] = branches[next];
        if (first < last && literals[first].first.size() == depth) cells_[cell].literal = literals[first++].second;
        if (first == last) continue;
        codes.clear();
        for (auto i = first; i < last; ++i) {
            if (codes.empty() || codes.back() != literals[i].first[depth]) codes.push_back(literals[i].first[depth]);
        }
        auto const base = free.base_for(codes);
        if (base + codes.back() >= cells_.size()) cells_.resize(base + codes.back() + 1);
        cells_[cell].base = base;
        for (auto const code : codes) {
            auto const start = first;
            while (first < last && literals[first].first[depth] == code) ++first;
            free.take(base + code);
            cells_[base + code].parent = cell;
            branches.push_back({base + code, start, first, depth + 1});
        }
    }
    cells_.resize(cells_.size() + codes_.size());  // so that no step looks beyond them
    cells_.shrink_to_fit();
}

}  // namespace kefu
