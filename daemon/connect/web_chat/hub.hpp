// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/channel_settings.hpp"
#include "daemon/connect/web_chat/frames.hpp"
#include "daemon/crypto.hpp"
#include "daemon/net/rate_limit.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace kefu {
class WebSocket;
}

namespace kefu::web_chat {

/// One open page of a person.
struct Page {
    std::shared_ptr<WebSocket> socket;
    std::string sender;
    std::string address;
    bool welcomed = false;
    std::vector<std::string> before_welcome;  ///< what came while its history was read
    std::set<std::uint64_t> given;            ///< numbers of our lines that it has, the newest 256

    void note(std::uint64_t number);
};

/// The live side of a channel: who has it open, and how much each may say. It outlives a reload. Lives on the io thread, but for key() and
/// what is about typing.
class Hub {
  public:
    explicit Hub(ChannelSettings settings) : settings_(std::move(settings)) {}

    ChannelSettings const& settings() const { return settings_; }
    void change(ChannelSettings settings) { settings_ = std::move(settings); }

    /// Signs tickets. From any thread.
    std::string const& key() const { return key_; }

    /// A place among the connections; false when there is none, or this address has its share. leave() gives it back.
    bool enter(std::string const& address);
    void leave(std::string const& address);

    /// False: the channel is gone.
    bool open(std::shared_ptr<Page> const& page);
    /// The page has its history: what came meanwhile follows.
    void welcome(std::shared_ptr<Page> const& page, std::string frame);
    void close(std::shared_ptr<Page> const& page);

    /// To all pages of `sender` but one. `number` is that of a line of ours; 0: another frame.
    void tell(std::string const& sender, std::string const& frame, std::uint64_t number = 0, Page const* but = nullptr);

    /// The channel is gone from the settings: so are its pages, and nothing of theirs is taken.
    void retire();
    bool retired() const { return retired_; }

    /// The visitor writes, as of now.
    void note_typing(std::string const& sender, Timestamp now);
    Timestamp typed_at(std::string const& sender) const;       ///< from any thread
    void show_typing(std::string const& sender, Speaker who);  ///< from any thread

    /// How long they must wait before they may say something, or upload a file; zero: not at all.
    std::chrono::milliseconds wait_before_message(std::string const& sender, std::string const& address, Timestamp now);
    std::uint64_t rate_limited() const { return rate_limited_; }  ///< how often somebody had to

  private:
    ChannelSettings settings_;
    std::string key_ = random_id() + random_id();
    bool retired_ = false;
    std::size_t connections_ = 0;
    std::uint64_t rate_limited_ = 0;
    std::unordered_map<std::string, std::size_t> of_address_;
    RateLimit visitors_{8, 20'000};
    RateLimit addresses_{60, 20'000};
    mutable std::mutex mutex_;                                 ///< of all below, and of what pages wait for
    std::multimap<std::string, std::shared_ptr<Page>> pages_;  ///< by sender
    std::map<std::string, Timestamp> typed_;                   ///< by sender, of those who have it open
};

}  // namespace kefu::web_chat
