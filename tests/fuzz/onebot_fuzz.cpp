// SPDX-License-Identifier: Apache-2.0
// Any bytes as what a OneBot implementation sends: no crash, no hang, and whatever is read has an id, a conversation of its channel, an address that can be
// answered and valid UTF-8. The first byte picks the version, or CQ codes.
#include "daemon/connect/onebot/actions.hpp"
#include "daemon/connect/onebot/content.hpp"
#include "replies/json.hpp"

#include <cstdint>
#include <cstdlib>

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

void check(kefu::InboundEvent const& event) {
    require(!event.event_id.empty());
    require(event.conversation.value.starts_with("q/"));
    require(kefu::onebot::read_peer(event.sender).has_value());
    require(kefu::event_from_json(kefu::to_json(event.event)).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) return 0;
    std::string_view const text{reinterpret_cast<char const*>(data) + 1, size - 1};
    using namespace kefu::onebot;
    if (data[0] % 3 == 2) {
        (void)segments_of_cq(text);
        return 0;
    }
    Account account;
    account.channel = kefu::ChannelId{"q"};
    account.version = data[0] % 3 == 0 ? kefu::OneBotVersion::v11 : kefu::OneBotVersion::v12;
    account.id = "10001000";
    auto const frame = read_frame(account, text, kefu::from_millis(1'764'000'000'000));
    if (!frame) {
        require(!frame.error().message.empty());
        return 0;
    }
    if (auto const* event = std::get_if<kefu::InboundEvent>(&*frame)) check(*event);
    if (auto const* own = std::get_if<OwnMessage>(&*frame)) check(own->inbound);
    if (auto const* reply = std::get_if<Reply>(&*frame)) (void)outcome_of(account.version, *reply);
    return 0;
}
