// SPDX-License-Identifier: Apache-2.0
#include "intents/literal_index.hpp"

namespace kefu {

std::uint32_t LiteralIndex::add(std::string_view literal) {
    std::uint32_t node = 0;
    Branch* last = nullptr;
    for (std::size_t at = 0; at < literal.size();) {
        auto const c = next_code_point(literal, at);
        if (node == 0 && c < common) starts_[c >> 6] |= std::uint64_t{1} << (c & 63);
        if (last != nullptr) last->then |= std::uint64_t{1} << (c & 63);
        auto slot = hash(node, c) & mask_;
        while (table_[slot].node != none && !(table_[slot].node == node && table_[slot].code_point == c)) slot = (slot + 1) & mask_;
        if (table_[slot].node == none) {
            table_[slot] = {node, c, static_cast<std::uint32_t>(++nodes_), none, 0};
            if (nodes_ * 2 > table_.size()) {
                grow();
                slot = hash(node, c) & mask_;
                while (!(table_[slot].node == node && table_[slot].code_point == c)) slot = (slot + 1) & mask_;
            }
        }
        last = &table_[slot];
        node = last->to;
    }
    if (last->literal == none) last->literal = static_cast<std::uint32_t>(literals_++);
    return last->literal;
}

void LiteralIndex::grow() {
    std::vector<Branch> old(table_.size() * 2);
    old.swap(table_);
    mask_ = table_.size() - 1;
    for (auto const& branch : old) {
        if (branch.node == none) continue;
        auto slot = hash(branch.node, branch.code_point) & mask_;
        while (table_[slot].node != none) slot = (slot + 1) & mask_;
        table_[slot] = branch;
    }
}

}  // namespace kefu
