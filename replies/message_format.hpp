// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "replies/template.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kefu {

/// What may stand for a placeholder. `any`: only the policy knows.
enum class PlaceholderKind { text, number, moment, any };
using Placeholders = std::map<std::string, PlaceholderKind, std::less<>>;

/// One text in ICU MessageFormat syntax: parsed by ICU, then kept as a tree of its own. icu::MessageFormat is not used because it makes parts of
/// itself while formatting, so threads would have to take turns, and because a text without numbers and dates needs nothing of it.
/// Immutable; any number of threads may render.
class MessageFormat {
  public:
    struct Part;

    /// `locale` is BCP 47. What is wrong goes to `problems`, in words for an operator.
    static std::optional<MessageFormat> parse(std::string_view text, std::string const& locale, Placeholders const& known, std::vector<std::string>& problems);

    MessageFormat(MessageFormat&&) noexcept;
    MessageFormat& operator=(MessageFormat&&) noexcept;
    ~MessageFormat();

    /// Nothing when an argument is absent, empty, or not of the kind the text needs. Moments are shown in `time_zone`.
    std::optional<std::string> render(Arguments const& arguments, std::string const& time_zone) const;

    /// In order of appearance, each once.
    std::vector<std::string> const& placeholders() const { return placeholders_; }

  private:
    MessageFormat();
    std::vector<Part> parts_;
    std::vector<std::string> placeholders_;
};

}  // namespace kefu
