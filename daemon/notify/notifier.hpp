// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/connect/connector.hpp"
#include "daemon/store/store.hpp"

#include <string>

namespace kefu {

/// Something people must know, with everything they need (scenarios.md, "For the team").
struct Notice {
    enum class Kind { escalated, told, resolved, alarm };
    Kind kind = Kind::escalated;
    EffectId id;            ///< the idempotency key of this notice
    std::string what;       ///< for `told` and `alarm`: in words
    ConversationView view;  ///< (not of an alarm, which is about the daemon itself) who, channel, language, case, history, photos
    std::optional<EscalationRow> escalation;
    std::string time_zone;   ///< the shop's, IANA; people read times in it
    std::string link;        ///< into the console; empty when no public_url is set
    std::string claim_link;  ///< takes the case for the team that was called (claim_link.hpp); empty likewise, and when nobody is to take it
};

/// One way to reach people. Adding one is one file and its test. Lives on the io thread.
class Notifier {
  public:
    virtual ~Notifier() = default;
    virtual std::string const& id() const = 0;
    virtual net::awaitable<SendResult> notify(Notice notice, SendAttempt attempt) = 0;
};

}  // namespace kefu
