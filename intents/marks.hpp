// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "intents/normalize.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace kefu {

/// The diacritics that normalising took off, for Vietnamese above all, where they make another word of it: a number for what stood on the letter
/// `text.origins[index]`, which must be a Latin one, the same however it was composed and in either case; 0 for nothing.
class Marks {
  public:
    Marks(std::string_view original, Normalized const& text) : original_(original), text_(text) {}

    std::uint32_t on(std::size_t index) const {
        auto const& origin = text_.origins.data()[index];
        bool const is_ascii = origin.end - origin.start == 1;
        return is_ascii ? 0 : of_bytes(original_.substr(origin.start, origin.end - origin.start));
    }

  private:
    static std::uint32_t of_bytes(std::string_view bytes);

    std::string_view original_;
    Normalized const& text_;
};

}  // namespace kefu
