// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/clock.hpp"
#include "daemon/services.hpp"
#include "daemon/store/store.hpp"
#include "daemon/watch/differences.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace kefu {

/// What is wrong, since when, and when people were told. A value; the shell around it does the telling.
class Alarm {
  public:
    enum class Change { none, begun, goes_on, over };

    /// `wrong` as of now. People are told when it begins, each `repeat` while it goes on, and when it is over.
    Change note(bool wrong, Timestamp now, std::chrono::milliseconds repeat);
    Timestamp since() const { return since_; }

  private:
    bool wrong_ = false;
    Timestamp since_{};
    Timestamp told_{};
};

/// Looks each second at what came into the journal, once it is `watch.patience` old: does everything accepted have an answer, a reason to be silent, a person,
/// or something that is still to come? What does not is looked at again, and is a difference when it is found twice. In the log (self_watch), in the metrics
/// (kefud_watch_differences) and told by the notifiers. Lives on the io thread; what it refers to outlives it.
class SelfWatch {
  public:
    SelfWatch(Store& store, std::function<ServicesPtr()> services, Clock clock);

    /// Until it is cancelled.
    net::awaitable<void> run();

    /// One look. For run(), and for tests.
    net::awaitable<void> look();

  private:
    /// How many looks in a row, by conversation; "" for what is no conversation's.
    using Seen = std::map<std::string, int>;
    void take(WatchPage const& page, Timestamp now, std::chrono::milliseconds patience);
    void note(Difference difference, std::string const& where, Seen& found);
    net::awaitable<void> tell(ServicesPtr services, Timestamp now);
    net::awaitable<void> tell_people(ServicesPtr services, std::string_view difference, std::string what, Timestamp now);

    Store& store_;
    std::function<ServicesPtr()> services_;
    Clock clock_;
    std::uint64_t until_ = 0;
    std::map<Difference, Seen> seen_;
    std::map<Difference, Alarm> alarms_;
};

}  // namespace kefu
