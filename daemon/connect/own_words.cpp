// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/own_words.hpp"

#include "intents/utf8.hpp"

#include <unicode/uchar.h>

#include <algorithm>
#include <functional>

namespace kefu {

namespace {

constexpr std::chrono::seconds remembered{120};
constexpr std::size_t most = 4096;

std::size_t hash_of(std::string_view conversation, std::string_view text) {
    return std::hash<std::string>{}(std::string{conversation} + '\n' + bare_words(text));
}

}  // namespace

std::string bare_words(std::string_view text) {
    std::string bare;
    for (std::size_t at = 0; at < text.size();) {
        auto const start = at;
        auto const c = static_cast<UChar32>(next_code_point(text, at));
        bool const decoration = u_isUWhiteSpace(c) || u_hasBinaryProperty(c, UCHAR_EXTENDED_PICTOGRAPHIC) || u_hasBinaryProperty(c, UCHAR_EMOJI_MODIFIER) ||
                                u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT);
        if (!decoration) bare.append(text.substr(start, at - start));
    }
    return bare.empty() ? std::string{text} : bare;  // nothing but emoji: those are the words
}

void OwnWords::sent(std::string_view conversation, std::string_view text, Timestamp now) {
    forget(now);
    if (said_.size() >= most) said_.pop_front();
    said_.push_back({hash_of(conversation, text), now});
}

bool OwnWords::has(std::string_view conversation, std::string_view text, Timestamp now) {
    forget(now);
    auto const hash = hash_of(conversation, text);
    return std::any_of(said_.begin(), said_.end(), [&](Said const& said) { return said.hash == hash; });
}

void OwnWords::forget(Timestamp now) {
    while (!said_.empty() && now - said_.front().at > remembered) said_.pop_front();
}

}  // namespace kefu
