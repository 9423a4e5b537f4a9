// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/connect/line/access_token.hpp"
#include "daemon/connect/line/ledger.hpp"

#include <atomic>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <utility>

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

/// The live side of an account; it outlives a reload. Lives on the io thread, but for the tokens of messages.
struct Live {
    Live(ChannelSettings const& settings, HttpClient& http, Clock clock) : token(settings, http, std::move(clock)), ledger(settings.line.quota) {}

    AccessToken token;
    Ledger ledger;
    ReadTokens unread;
    std::map<std::string, std::int64_t> group_sizes;  ///< people in the groups we push to, without us; not there: not known
    Timestamp quota_asked{};
    std::string kept;  ///< the ledger's counts, as they are stored
};

}  // namespace kefu::line
