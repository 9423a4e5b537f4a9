// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/line/live.hpp"

namespace kefu::line {

namespace {

constexpr std::size_t most_unread_chats = 4096;
constexpr std::size_t most_groups = 1000;
constexpr std::chrono::hours size_lasts{1};

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

std::int64_t Groups::people_in(std::string const& group) {
    if (sizes_.size() >= most_groups && !sizes_.contains(group)) return 1;
    return sizes_[group].people;
}

std::vector<std::string> Groups::due(std::size_t most, Timestamp now) const {
    std::vector<std::string> due;
    for (auto const& [group, size] : sizes_)
        if (due.size() < most && size.due <= now) due.push_back(group);
    return due;
}

void Groups::told(std::string const& group, std::optional<std::int64_t> people, Timestamp now) {
    auto const found = sizes_.find(group);
    if (found == sizes_.end()) return;
    found->second = {people.value_or(found->second.people), now + size_lasts};
}

}  // namespace kefu::line
