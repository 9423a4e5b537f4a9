// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "config/base/timestamp.hpp"
#include "config/settings.hpp"
#include "intents/classify.hpp"
#include "replies/effect.hpp"

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

/// What happened in a span of time, read from the store for reports.
namespace kefu {

struct TrafficQuery {
    Timestamp from{};
    Timestamp to{};
    bool hourly = false;    ///< rows by the hour, else by the day
    std::string channel;    ///< empty: all
    std::string time_zone;  ///< IANA: where days begin
};

/// Numbers of conversations count from 0, in order of appearance.
struct Traffic {
    TrafficQuery query;
    std::size_t conversations = 0;

    struct Heard {
        Timestamp at;
        std::size_t conversation = 0;
        std::array<bool, label_count> labels{};
        double anger = 0;
    };
    struct Spoken {
        Timestamp at;
        std::size_t conversation = 0;
        SendPurpose purpose = SendPurpose::answer;
        std::vector<std::string> templates;
        std::string language;
        enum class End { open, delivered, refused, unknown, cancelled } end = End::open;
    };
    /// What a person did with a conversation: claim, reply, ...
    struct Acted {
        Timestamp at;
        std::size_t conversation = 0;
        std::string action, agent;
    };
    struct HandedOver {
        Timestamp at;
        std::size_t conversation = 0;
        std::string reason, tier;
        bool urgent = false;
        Timestamp answer_by{};  ///< what the customer was promised; the epoch: nothing
    };
    struct Given {
        Timestamp at;
        std::string kind, currency, by;
        double amount = 0;
    };
    std::vector<Heard> heard;
    std::vector<Spoken> spoken;
    std::vector<Acted> acted;
    std::vector<HandedOver> handed_over;
    std::vector<Given> given;
};

/// When the hour or day of that moment begins in the query's time zone.
Timestamp bucket_of(Timestamp at, TrafficQuery const& query);

/// On a connection of its own, as one moment: no writer waits. Every message is read anew with `classifier`, so that a change of the packs shows in the past
/// too. Blocks: some 20 µs a row. bad_payload: more than a million rows; take a shorter span.
Result<Traffic> read_traffic(StoreSettings const& store, TrafficQuery query, Classifier const& classifier);

}  // namespace kefu
