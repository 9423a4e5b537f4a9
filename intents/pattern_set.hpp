// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "intents/expression.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kefu {

/// Thousands of expressions, searched for all at once. One walk over the text finds the literals they hold (LiteralIndex); only an
/// expression all of whose literals are there is tried, by Matcher where its opening literal stands or else by RE2. Immutable and thread-safe.
class PatternSet {
  public:
    /// A subset of the expressions: bit i is group i.
    using Groups = std::uint64_t;
    static constexpr std::size_t most_groups = 64;
    static constexpr Groups all_groups = ~Groups{0};

    struct Source {
        Expression expression;
        SourceLocation where;
        std::uint8_t group = 0;  ///< below most_groups
    };

    /// Half-open bytes of the text. Never empty.
    struct Hit {
        std::uint32_t expression = 0;  ///< index into the sources
        std::uint32_t start = 0;
        std::uint32_t end = 0;
    };

    /// Errors, each with its place: a bad expression (RE2's words), one that matches any text.
    static Checked<PatternSet> compile(std::vector<Source> const& sources);

    PatternSet(PatternSet&&) noexcept;
    PatternSet& operator=(PatternSet&&) noexcept;
    ~PatternSet();

    /// Adds where each expression of these groups matches in normalised text: by rising expression, then from left to right, without
    /// overlaps within one expression, at most 16 for each. What RE2 finds when it searches for each expression singly.
    void search(std::string_view text, Groups groups, std::vector<Hit>& out) const;

  private:
    struct Compiled;
    explicit PatternSet(std::unique_ptr<Compiled> compiled);
    std::unique_ptr<Compiled> compiled_;
};

}  // namespace kefu
