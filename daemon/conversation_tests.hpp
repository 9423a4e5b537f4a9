// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/simulation.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// The operators' conversation tests: what a customer writes, what we say, who has it then. The format: replies/README.md, "A conversation test".
namespace kefu {

struct CustomerSays {
    std::string text;
    int photos = 0;
    std::vector<ContentKind> attachments;  ///< the photos among them
};
struct PersonDoes {
    bool joins = false;
};
struct TimePasses {};

/// What must be true after a turn. Nothing that is absent is looked at.
struct Expected {
    std::optional<std::vector<std::string>> labels;
    std::optional<std::vector<std::string>> replies;  ///< templates in order, without the disclosure
    std::vector<std::string> says;
    std::vector<std::string> never;
    std::optional<std::string> owner;
    std::optional<std::string> escalates;  ///< the reason; "false": nobody is called
    std::optional<std::string> tier;
    std::map<std::string, std::string> facts;  ///< of the case: topic, order, asking, lookup, photos, or a slot
};

struct TestTurn {
    std::variant<CustomerSays, PersonDoes, TimePasses> what;
    std::chrono::milliseconds after{0};  ///< since the turn before
    Expected expected;
    SourceLocation where;
};

struct ConversationTest {
    std::string name;
    std::string locale;   ///< every reply must be in it; empty: not looked at
    std::string channel;  ///< whose settings apply
    Timestamp start;
    std::optional<PlayedOrders> orders;
    std::vector<TestTurn> turns;
    SourceLocation where;
};

/// Reads tests/*.yaml. Unknown keys, templates, durations: errors with their place.
Checked<std::vector<ConversationTest>> load_conversation_tests(std::vector<SourceText> const& files, Catalog const& catalog);

/// What went otherwise than expected, in words for operators, each with its place; empty: the test passed.
std::vector<Error> play(ConversationTest const& test, SnapshotPtr const& snapshot);

}  // namespace kefu
