// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/channel_settings.hpp"
#include "daemon/connect/connector.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// What a OneBot implementation sends, as values. Pure.
namespace kefu::onebot {

/// What reading needs to know of the account.
struct Account {
    ChannelId channel;
    OneBotVersion version = OneBotVersion::v11;
    std::string id;
    std::string platform;  ///< v12; empty: any
    std::vector<std::string> other_bots;
    bool answer_unmentioned = false;                             ///< in groups
    std::function<bool(std::string_view message)> sent_by_us{};  ///< whether that message id is one of ours; empty: nobody knows
};

/// Where a message goes; written "private:12345678", "private:12345678@87654321" (a stranger met in that group), "group:87654321", in v12 with
/// "PLATFORM/ACCOUNT/" before it and also "channel:GUILD/CHANNEL".
struct Peer {
    enum class Kind { person, group, channel };
    Kind kind = Kind::person;
    std::string id;
    std::string group;  ///< person: met there; channel: the guild
    std::string platform;
    std::string account;
};
std::string to_string(Peer const& peer);
std::string conversation_of(Peer peer);  ///< the same person, wherever we met
std::optional<Peer> read_peer(std::string_view text);

/// A message of the account itself: ours come back, or a person's who uses its chat program.
struct OwnMessage {
    InboundEvent inbound;  ///< as a person's reply on the platform
    std::string text;
    std::string message;  ///< its id
};

/// What the implementation says about itself.
struct Health {
    bool connected = false;      ///< its first words on a connection
    std::string implementation;  ///< v12 tells
    std::optional<bool> online;  ///< the account; nothing: it does not say
    std::optional<bool> good;
    std::optional<std::chrono::milliseconds> interval;  ///< to its next heartbeat
};

/// The answer to an action.
struct Reply {
    std::string echo;  ///< empty: none
    std::string status;
    std::int64_t code = 0;
    boost::json::value data;
    std::string words;  ///< the implementation's, for people

    bool ok() const { return status == "ok" && code == 0; }
};

/// Nothing to do: a kind we do not know, or what is not for this account.
struct Ignored {
    std::string kind;
};

using Frame = std::variant<InboundEvent, OwnMessage, Health, Reply, Ignored>;

/// One text frame, or the body of an HTTP request. bad_payload names the member.
Result<Frame> read_frame(Account const& account, std::string_view text, Timestamp now);

/// One event; `raw`: as received. Messages in v11's history have the same members, except that `post_type` may be missing.
Result<Frame> read_event(Account const& account, boost::json::object const& event, std::string raw, Timestamp now);

/// The two versions' parts of read_event().
Result<Frame> read_v11(Account const& account, boost::json::object const& event, std::string raw, Timestamp now);
Result<Frame> read_v12(Account const& account, boost::json::object const& event, std::string raw, Timestamp now);

/// The answer to an action over HTTP.
Result<Reply> read_reply(std::string_view body);

}  // namespace kefu::onebot
