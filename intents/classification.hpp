// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The vocabulary of understanding: what classify() says about one message. Plain values.
namespace kefu {

enum class Label { anger, tracking, refund, cancel, human };
inline constexpr std::size_t label_count = 5;
inline constexpr std::array<std::string_view, label_count> label_names{"anger", "tracking", "refund", "cancel", "human"};

std::string_view to_string(Label label);
std::optional<Label> label_from_string(std::string_view name);

enum class AngerKind { insult, profanity, sarcasm, fraud_accusation, threat_agency, threat_media, threat_legal, threat_review, extortion, intensity };
inline constexpr std::array<std::string_view, 10> anger_kind_names{"insult",       "profanity",    "sarcasm",       "fraud_accusation", "threat_agency",
                                                                   "threat_media", "threat_legal", "threat_review", "extortion",        "intensity"};
std::string_view to_string(AngerKind kind);
std::optional<AngerKind> anger_kind_from_string(std::string_view name);

/// True for the four threats and extortion: what a person must see however politely it is put (A4-A8).
bool is_threat(AngerKind kind);

/// How angry, 0 (calm) to 1, and in which ways. `kinds` is sorted and without repeats.
struct Anger {
    double level = 0;
    std::vector<AngerKind> kinds;
    friend bool operator==(Anger const&, Anger const&) = default;
};

struct TopicScore {
    std::string name;  ///< from topics.yaml
    double score = 0;  ///< 0-1
    friend bool operator==(TopicScore const&, TopicScore const&) = default;
};

/// Why: the words that fired a rule. Offsets are UTF-8 bytes, half-open, into the original text.
struct Evidence {
    std::size_t start_byte = 0;
    std::size_t end_byte = 0;
    std::string rule;   ///< "zh-Hant/threat_agency.named"
    std::string topic;  ///< the topic it spoke for
    friend bool operator==(Evidence const&, Evidence const&) = default;
};

enum class EntityKind { order_number, phone, email, tracking_number, money, date, size, colour, address };
inline constexpr std::array<std::string_view, 9> entity_kind_names{"order_number", "phone", "email",  "tracking_number", "money",
                                                                   "date",         "size",  "colour", "address"};
std::string_view to_string(EntityKind kind);
std::optional<EntityKind> entity_kind_from_string(std::string_view name);

struct Entity {
    EntityKind kind = EntityKind::order_number;
    std::string value;  ///< cleaned: digits of a phone with + kept, an order number without spaces, in upper case
    std::size_t start_byte = 0;
    std::size_t end_byte = 0;
    friend bool operator==(Entity const&, Entity const&) = default;
};

/// What one message means. `labels` is in enum order, `topics` by falling score.
struct Classification {
    std::string language = "und";  ///< zh-Hant, zh-Hans, cs, en, ...; `mul` mixed, `und` undecided
    std::vector<Label> labels;
    std::array<double, label_count> scores{};
    std::vector<TopicScore> topics;
    Anger anger;
    std::vector<Entity> entities;
    std::vector<Evidence> evidence;

    bool has(Label label) const;
    double topic(std::string_view name) const;                 ///< 0 when absent
    std::optional<std::string> entity(EntityKind kind) const;  ///< the first of its kind
    friend bool operator==(Classification const&, Classification const&) = default;
};

}  // namespace kefu
