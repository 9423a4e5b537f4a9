// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <functional>
#include <string>
#include <utility>

namespace kefu {

/// A string that names one kind of thing. Two kinds never convert into each other.
template <class Tag>
struct StrongId {
    std::string value;

    StrongId() = default;
    explicit StrongId(std::string v) : value(std::move(v)) {}
    bool empty() const { return value.empty(); }
    friend auto operator<=>(StrongId const&, StrongId const&) = default;
};

/// The name an operator gave to one account on one platform, for example `line-main`.
using ChannelId = StrongId<struct ChannelTag>;
/// One customer (or group) on one channel: `<channel>/<platform's id>`. Unique in the store.
using ConversationId = StrongId<struct ConversationTag>;
/// The platform's own id of one message; unique within its channel.
using MessageId = StrongId<struct MessageTag>;
/// One effect in the outbox: `<conversation>#<number>`. The same decision always gives the same id.
using EffectId = StrongId<struct EffectTag>;

}  // namespace kefu

template <class Tag>
struct std::hash<kefu::StrongId<Tag>> {
    std::size_t operator()(kefu::StrongId<Tag> const& id) const noexcept { return std::hash<std::string>{}(id.value); }
};
