// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/timestamp.hpp"

#include <deque>
#include <string>
#include <string_view>

namespace kefu {

/// Remembers what we sent in the last two minutes, to tell our own words from a person's where the other side cannot link them (bridge protocol
/// B4, OneBot's own messages). At most 4096 texts.
class OwnWords {
  public:
    void sent(std::string_view conversation, std::string_view text, Timestamp now);
    bool has(std::string_view conversation, std::string_view text, Timestamp now);

  private:
    struct Said {
        std::size_t hash;
        Timestamp at;
    };
    void forget(Timestamp now);
    std::deque<Said> said_;
};

/// Without white space, emoji and what modifies them: clients change those.
std::string bare_words(std::string_view text);

}  // namespace kefu
