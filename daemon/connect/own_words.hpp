// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/timestamp.hpp"

#include <deque>
#include <string>
#include <string_view>

namespace kefu::bridge {

/// Remembers what we sent in the last two minutes, to tell our own words from a person's when a bridge cannot link them (B4, `echo_of`). At most 4096 texts.
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

}  // namespace kefu::bridge
