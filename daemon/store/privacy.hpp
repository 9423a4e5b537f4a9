// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/timestamp.hpp"

#include <cstddef>
#include <string>
#include <vector>

/// What the store lets go of: what has been kept long enough, and everything about one person.
namespace kefu {

/// What is older goes; the epoch: nothing does. See RetentionSettings.
struct Expiry {
    Timestamp raw{};    ///< events as the platform sent them, with their signatures
    Timestamp texts{};  ///< rows of the journal: what was said, decided and sent
    Timestamp media{};  ///< photos and files
    Timestamp cases{};  ///< hand-overs that are closed, and conversations in which nothing happened since
    Timestamp audit{};  ///< who did what
};

struct Expired {
    std::size_t raw = 0;
    std::size_t texts = 0;
    std::size_t media = 0;
    std::size_t cases = 0;
    std::size_t audit = 0;
    bool more = false;  ///< the limit ended it
    std::size_t all() const { return raw + texts + media + cases + audit; }
};

/// What there was of a person, and is gone; or would be.
struct Erased {
    std::size_t events = 0;  ///< rows of the journal
    std::size_t escalations = 0;
    std::size_t outbox = 0;
    std::size_t audit = 0;
    std::size_t timers = 0;
    std::vector<std::string> files;    ///< in the media folder; the caller deletes them
    std::vector<std::string> uploads;  ///< names of files that a page uploaded, likewise
    friend bool operator==(Erased const&, Erased const&) = default;
};

}  // namespace kefu
