// SPDX-License-Identifier: Apache-2.0
// Any bytes as what a platform posts: no crash, no hang, and whatever is read has an id, a conversation of its channel and valid UTF-8. The first byte picks
// the parser.
#include "daemon/connect/chatwoot/chatwoot.hpp"
#include "daemon/connect/line/line.hpp"
#include "daemon/connect/messenger/messenger.hpp"
#include "daemon/connect/telegram/telegram.hpp"
#include "daemon/connect/webhooks/cloud_events.hpp"
#include "daemon/connect/webhooks/webhooks.hpp"
#include "daemon/connect/whatsapp/whatsapp.hpp"
#include "replies/json.hpp"

#include <cstdint>
#include <cstdlib>

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

kefu::Result<kefu::Parsed> parse(int which, std::string_view body, kefu::Timestamp now) {
    kefu::ChannelId const channel{"c"};
    switch (which) {
        case 0:
            return kefu::telegram::parse({channel, "777", "shop_bot", {"-5"}, false}, body, now);
        case 1:
            return kefu::messenger::parse({channel, "1", "2"}, body, now);
        case 2:
            return kefu::whatsapp::parse({channel, "1"}, body, now);
        case 3:
            return kefu::chatwoot::parse({channel, "1"}, "delivery", body, now);
        case 4:
            return kefu::line::parse({channel, {}, {}, false}, body, now);
        case 5:
            return kefu::webhooks::parse(channel, "id", body, now);
        default: {
            kefu::Headers headers;
            headers.set("Content-Type", "application/cloudevents+json");
            auto const event = kefu::webhooks::read_cloud_event(headers, "id", body);
            if (!event) return event.error();
            return kefu::webhooks::parse(channel, *event, body, now);
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) return 0;
    std::string_view const body{reinterpret_cast<char const*>(data) + 1, size - 1};
    auto const parsed = parse(data[0] % 7, body, kefu::from_millis(1'764'000'000'000));
    if (!parsed) {
        require(!parsed.error().message.empty());
        return 0;
    }
    for (auto const& event : parsed->events) {
        require(!event.event_id.empty());
        require(event.conversation.value.starts_with("c/"));
        require(kefu::event_from_json(kefu::to_json(event.event)).has_value());
    }
    return 0;
}
