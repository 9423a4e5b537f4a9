// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "replies/message_format.hpp"

#include <unicode/datefmt.h>
#include <unicode/numberformatter.h>
#include <unicode/plurrule.h>

#include <array>
#include <memory>

/// What parse_message_format.cpp builds and message_format.cpp renders. Nobody else includes this.
namespace kefu {

using NumberFormat = icu::number::LocalizedNumberFormatter;
using Parts = std::vector<MessageFormat::Part>;
using NearDays = std::array<std::string, 2>;  // today and tomorrow in words; empty where ICU knows none

/// One piece of a text. A plain struct with what each type needs, because most pieces are literals or plain placeholders.
struct MessageFormat::Part {
    enum class Type { literal, plain, number, moment, plural, select, hash };
    struct Branch {
        std::string keyword;  // "few", "image"
        std::optional<double> exactly;
        Parts parts;
    };

    Type type = Type::literal;
    std::string text;  // of a literal; else the placeholder's name
    std::unique_ptr<NumberFormat> number;
    std::shared_ptr<icu::DateFormat const> moment;
    std::shared_ptr<NearDays const> near_days;  // only of a day
    std::unique_ptr<icu::PluralRules> rules;
    double offset = 0;
    std::vector<Branch> branches;
    bool ascii_digits = false;  // plain: this locale writes small numbers as 0-9
};

inline std::string utf8(icu::UnicodeString const& text) {
    std::string converted;
    text.toUTF8String(converted);
    return converted;
}

}  // namespace kefu
