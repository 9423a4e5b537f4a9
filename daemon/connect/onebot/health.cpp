// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/onebot/health.hpp"

namespace kefu::onebot {

using namespace std::chrono_literals;

namespace {

constexpr auto people_hear_after = 60s;
constexpr std::chrono::milliseconds slack = 500ms;  // a heartbeat may be a little late

}  // namespace

void Watch::opened(Timestamp now) {
    open_ = true;
    spoke_ = false;
    answers_ = true;
    online_.reset();
    good_.reset();
    interval_.reset();
    heard_at_ = now;
}

void Watch::closed() { open_ = false; }

void Watch::heard(Timestamp now) {
    spoke_ = true;
    heard_at_ = now;
}

void Watch::told(Health const& health, Timestamp now) {
    heard(now);
    if (health.online) online_ = health.online;
    if (health.good) good_ = health.good;
    if (health.interval) interval_ = health.interval;
}

void Watch::probed(std::optional<bool> online, bool answered) {
    answers_ = answered;
    if (online) online_ = online;
}

State Watch::state(Timestamp now) const {
    if (!open_) return State::dialing;
    if (online_ == false) return State::offline;
    if (interval_ && now - heard_at_ > 2 * *interval_ + slack) return State::offline;
    if (!spoke_) return State::silent;
    return good_ == false || !answers_ ? State::not_good : State::online;
}

std::string_view Watch::obstacle(Timestamp now) const {
    if (!open_) return "no implementation is connected";
    if (online_ == false) return "the account is logged out";
    if (interval_ && now - heard_at_ > 2 * *interval_ + slack) return "the implementation has fallen silent";
    if (!answers_) return "the implementation answers no actions";
    return {};
}

bool Watch::alarm(Timestamp now) {
    bool const fine = state(now) == State::online;
    if (fine) wrong_since_.reset(), alarmed_ = false;
    if (fine || alarmed_) return false;
    if (!wrong_since_) wrong_since_ = now;
    alarmed_ = now - *wrong_since_ >= people_hear_after;
    return alarmed_;
}

}  // namespace kefu::onebot
