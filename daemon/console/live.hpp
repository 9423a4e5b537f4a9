// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/clock.hpp"
#include "daemon/http/websocket.hpp"
#include "daemon/store/store.hpp"

#include <boost/json/object.hpp>

#include <atomic>
#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

/// What happens, told to the pages that are open, as it happens. The frames are described in openapi.json at /live.
namespace kefu {

/// Colleagues who have a conversation open.
struct Lookers {
    std::vector<std::string> looking;
    std::vector<std::string> typing;
};

/// One page with a connection. The hub's own; others only hand it back.
struct LivePage {
    std::shared_ptr<WebSocket> socket;
    std::string person;
    std::string session;       ///< its hash; empty: a program with a token
    std::string looking;       ///< a conversation; empty: none
    Timestamp typing_until{};  ///< there
    bool behind = false;       ///< it read too slowly, something was left out: it is told to read everything again
};

/// From any thread. The store tells it of every commit (on_change); what it was told is merged for 50 ms, so that a flood costs each page 20 frames a second.
class LiveHub {
  public:
    LiveHub(net::any_io_executor home, Clock clock);

    net::any_io_executor home() const { return home_; }

    /// Conversations changed.
    void changed(std::vector<Changed> changes);

    /// Sends the changes on, until cancelled. On `home`; one of them.
    net::awaitable<void> run();

    /// Where a page is to begin: nothing was missed, the frame to catch up with, or `reset`.
    struct Welcome {
        std::shared_ptr<LivePage> page;
        std::string frame;  ///< empty: nothing was missed
    };
    /// Takes the page in and says what it missed since `after` of that epoch.
    Welcome enter(std::shared_ptr<WebSocket> socket, std::string person, std::string session, std::string_view epoch, std::uint64_t after);
    void leave(std::shared_ptr<LivePage> const& page);

    std::string epoch() const { return epoch_; }  ///< of this start of the daemon
    std::uint64_t newest() const;

    void look(std::shared_ptr<LivePage> const& page, std::string conversation);
    void type(std::shared_ptr<LivePage> const& page);
    /// Takes back what is over; call it now and then.
    void stop_typing(std::shared_ptr<LivePage> const& page);
    Lookers lookers(std::string_view conversation, std::string_view but) const;

    /// To every page.
    void tell(boost::json::object const& frame);
    /// Ends the connections of one session, or of all of a person's but one.
    void end_session(std::string_view session);
    void end_person(std::string_view person, std::string_view but_session);

    static constexpr std::uint16_t signed_out = 4401;  ///< the close code

  private:
    struct Entry {
        std::uint64_t sequence = 0;
        Changed change;
    };

    void flush();
    void send(LivePage& page, std::string const& frame);
    void tell_lookers(std::string const& conversation);
    std::string reset_frame() const;
    static std::string changes_frame(std::uint64_t sequence, std::vector<Changed const*> const& changes);

    net::any_io_executor home_;
    Clock clock_;
    net::steady_timer wake_;
    std::string epoch_;
    mutable std::mutex mutex_;
    std::list<std::shared_ptr<LivePage>> pages_;
    std::map<std::string, Changed> waiting_;  ///< by conversation
    std::deque<Entry> told_;                  ///< the newest
    std::uint64_t sequence_ = 0;
};

}  // namespace kefu
