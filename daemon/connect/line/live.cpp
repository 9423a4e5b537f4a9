// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/line/live.hpp"

namespace kefu::line {

namespace {

constexpr std::size_t most_unread_chats = 4096;

}  // namespace

void ReadTokens::keep(std::string const& chat, std::string token) {
    std::lock_guard const lock{mutex_};
    if (tokens_.insert_or_assign(chat, std::move(token)).second) order_.push_back(chat);
    if (order_.size() <= most_unread_chats) return;
    tokens_.erase(order_.front());
    order_.pop_front();
}

std::string ReadTokens::take(std::string const& chat) {
    std::lock_guard const lock{mutex_};
    auto const found = tokens_.find(chat);
    return found == tokens_.end() ? std::string{} : std::exchange(found->second, std::string{});
}

}  // namespace kefu::line
