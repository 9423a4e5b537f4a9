// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/connect/line/access_token.hpp"
#include "daemon/connect/line/ledger.hpp"

#include <atomic>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kefu::line {

/// The newest markAsReadToken of each chat: it marks that message and all before it. In memory only; after a restart the next message brings one. Holds the
/// newest 4096 chats. From any thread.
class ReadTokens {
  public:
    std::atomic<bool> wanted{false};  ///< the account leaves marking to us

    void keep(std::string const& chat, std::string token);
    std::string take(std::string const& chat);  ///< empty: nothing is unread

  private:
    std::mutex mutex_;
    std::map<std::string, std::string> tokens_;
    std::deque<std::string> order_;
};

/// The groups we push to, as a push there costs one paid message for each member. Remembers 1000; of more nobody knows the size.
class Groups {
  public:
    /// People in it, without us; 1 as long as nobody has said. From now on it is one to ask about.
    std::int64_t people_in(std::string const& group);

    /// Whose size is not known, or was told an hour ago; at most `most`.
    std::vector<std::string> due(std::size_t most, Timestamp now) const;

    /// What LINE answered; nothing: it does not tell.
    void told(std::string const& group, std::optional<std::int64_t> people, Timestamp now);

  private:
    struct Size {
        std::int64_t people = 1;
        Timestamp due{};
    };
    std::map<std::string, Size> sizes_;
};

/// The live side of an account; it outlives a reload. Lives on the io thread, but for the tokens of messages.
struct Live {
    Live(ChannelSettings const& settings, HttpClient& http, Clock clock) : token(settings, http, std::move(clock)), ledger(settings.line.quota) {}

    AccessToken token;
    Ledger ledger;
    ReadTokens unread;
    Groups groups;
    Timestamp quota_due{};  ///< when LINE is asked again for the month's paid messages; Timestamp{}: it never was
    std::string kept;       ///< the ledger's counts, as they are stored
};

}  // namespace kefu::line
