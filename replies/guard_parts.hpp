// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/yaml.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kefu {

/// Pieces of patterns with a name: `parts: {day: 'today|tomorrow'}` is used as `(?&day)`, which RE2 itself refuses, so that it
/// cannot mean anything else. (In Perl and PCRE it calls a named group: the same thing.) Parts may use parts.
class GuardParts {
  public:
    GuardParts() = default;

    /// Reads the map under `parts`. Errors: a name that is not lower case letters, digits and `_`; a part that is no expression of its own, that
    /// uses an unknown part, or itself.
    static GuardParts read(yaml::Value const& map, Errors& errors);

    /// `pattern` with every part written out as a group. Nothing when it uses a part that is not there (an error at `place`) or that
    /// is wrong itself (said by read()).
    std::optional<std::string> write_out(std::string_view pattern, yaml::Value const& place, Errors& errors) const;

  private:
    struct Part {
        std::string name;
        std::optional<std::string> text;  ///< written out; nothing when it is wrong
    };
    class Reader;
    std::vector<Part> parts_;
};

}  // namespace kefu
