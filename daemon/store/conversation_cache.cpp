// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/conversation_cache.hpp"

#include <utility>

namespace kefu {

Held* ConversationCache::find(std::string_view id) {
    auto const found = by_id_.find(id);
    if (found == by_id_.end()) return nullptr;
    by_use_.splice(by_use_.begin(), by_use_, found->second);
    return &*found->second;
}

Held& ConversationCache::add(Held held) {
    by_use_.push_front(std::move(held));
    by_id_.emplace(std::string_view{by_use_.front().id}, by_use_.begin());
    return by_use_.front();
}

void ConversationCache::drop(std::string_view id) {
    auto const found = by_id_.find(id);
    if (found == by_id_.end()) return;
    auto const held = found->second;
    by_id_.erase(found);  // first: its key lives in what goes next
    by_use_.erase(held);
}

void ConversationCache::trim() {
    while (by_use_.size() > limit_) {
        by_id_.erase(std::string_view{by_use_.back().id});
        by_use_.pop_back();
    }
}

}  // namespace kefu
