// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/orders/shop_order.hpp"

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kefu {

/// What the shop said lately. All answers live equally long, so the oldest is the next to go.
class AnswerCache {
  public:
    AnswerCache(std::chrono::milliseconds lifetime, std::size_t most) : lifetime_(lifetime), most_(most) {}

    std::optional<std::vector<ShopOrder>> find(std::string const& question, Timestamp now) const {
        auto const found = answers_.find(question);
        if (found == answers_.end() || found->second.until <= now) return std::nullopt;
        return found->second.orders;
    }

    void keep(std::string question, std::vector<ShopOrder> orders, Timestamp now) {
        if (lifetime_.count() == 0) return;
        auto const until = now + lifetime_;
        order_.emplace_back(question, until);
        answers_[std::move(question)] = {std::move(orders), until};
        while (!order_.empty() && (order_.front().second <= now || answers_.size() > most_)) drop_oldest();
    }

    std::size_t size() const { return answers_.size(); }

  private:
    struct Answer {
        std::vector<ShopOrder> orders;
        Timestamp until;
    };

    void drop_oldest() {
        auto const answer = answers_.find(order_.front().first);
        if (answer != answers_.end() && answer->second.until == order_.front().second) answers_.erase(answer);  // else it was asked for again
        order_.pop_front();
    }

    std::chrono::milliseconds lifetime_;
    std::size_t most_;
    std::map<std::string, Answer> answers_;
    std::deque<std::pair<std::string, Timestamp>> order_;
};

}  // namespace kefu
