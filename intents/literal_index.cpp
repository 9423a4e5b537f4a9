// SPDX-License-Identifier: Apache-2.0
#include "intents/literal_index.hpp"

#include <algorithm>
#include <utility>

namespace kefu {
namespace {

std::u32string decoded(std::string_view text) {
    std::u32string code_points;
    for (std::size_t at = 0; at < text.size();) code_points += next_code_point(text, at);
    return code_points;
}

}  // namespace

std::uint32_t LiteralIndex::add(std::string_view literal) {
    return numbers_.try_emplace(std::string{literal}, static_cast<std::uint32_t>(numbers_.size())).first->second;
}

void LiteralIndex::make_ready() {
    std::vector<std::pair<std::u32string, std::uint32_t>> literals;
    literals.reserve(numbers_.size());
    for (auto const& [literal, number] : numbers_) literals.emplace_back(decoded(literal), number);
    numbers_ = {};
    std::sort(literals.begin(), literals.end());

    // The literals [first, last) share their first `depth` code points, which lead to `node`.
    struct Branch {
        std::uint32_t node;
        std::size_t first;
        std::size_t last;
        std::size_t depth;
    };
    nodes_.assign(1, Node{});  // the root
    std::vector<Branch> branches{{0, 0, literals.size(), 0}};
    for (std::size_t next = 0; next < branches.size(); ++next) {
        auto [parent, first, last, depth] = branches[next];
        if (first < last && literals[first].first.size() == depth) nodes_[parent].literal = literals[first++].second;
        nodes_[parent].first_child = static_cast<std::uint32_t>(nodes_.size());
        while (first < last) {
            auto const c = literals[first].first[depth];
            auto end = first;
            while (end < last && literals[end].first[depth] == c) ++end;
            nodes_[parent].sieve |= static_cast<std::uint16_t>(1U << (c & 15));
            ++nodes_[parent].children;
            branches.push_back({static_cast<std::uint32_t>(nodes_.size()), first, end, depth + 1});
            nodes_.push_back({c, none, none, 0, 0});
            first = end;
        }
    }

    for (std::uint32_t i = 0; i < nodes_.front().children; ++i) {
        auto const node = nodes_.front().first_child + i;
        auto const c = nodes_[node].code_point;
        if ((c >> 8) >= pages_.size()) pages_.resize((c >> 8) + 1, none);
        auto& page = pages_[c >> 8];
        if (page == none) {
            page = static_cast<std::uint32_t>(root_.size());
            root_.resize(root_.size() + 256, none);
        }
        root_[page + (c & 0xFF)] = node;
    }
}

}  // namespace kefu
