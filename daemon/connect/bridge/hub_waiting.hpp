// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/connect/bridge/hub.hpp"

/// What hub.cpp and hub_send.cpp share. Nobody else includes this.
namespace kefu::bridge {

/// A send between its first frame and its last word.
struct Hub::Waiting {
    explicit Waiting(net::any_io_executor const& executor) : news(executor, net::steady_timer::time_point::max()) {}

    SendFrame frame;
    std::string to;
    bool by_person = false;
    std::string session;  ///< of the connection it went out on
    std::weak_ptr<Line> line;
    bool counted = false;  ///< among the line's open sends
    bool interrupted = false;
    bool fetched_by_poll = false;
    bool offered = false;               ///< to a poll
    std::optional<ResultFrame> result;  ///< the newest that says something
    net::steady_timer news;

    void release() {
        if (auto const held = line.lock(); held && counted) --held->open_sends;
        counted = false;
    }
    void tell(ResultFrame newest) {
        result = std::move(newest);
        release();
        news.cancel();
    }
};

/// In the hub's list for as long as it waits, also when the wait is cut short.
class Hub::Listed {
  public:
    Listed(std::list<Waiting*>& list, Waiting& waiting) : list_(list), waiting_(waiting), place_(list.insert(list.end(), &waiting)) {}
    ~Listed() {
        waiting_.release();
        list_.erase(place_);
    }
    Listed(Listed const&) = delete;
    Listed& operator=(Listed const&) = delete;

  private:
    std::list<Waiting*>& list_;
    Waiting& waiting_;
    std::list<Waiting*>::iterator place_;
};

}  // namespace kefu::bridge
