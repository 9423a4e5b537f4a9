// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "intents/classify.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kefu {

/// A sentence the shop may not say. Offsets are UTF-8 bytes into the checked text.
struct GuardFinding {
    std::string rule;  ///< dispatch_day, refund_amount, invoice_surcharge, paid_review, off_platform, delivery_hour, blame
    std::size_t start_byte = 0;
    std::size_t end_byte = 0;
    std::string why;  ///< in the operator's words, for agents
    friend bool operator==(GuardFinding const&, GuardFinding const&) = default;
};

/// No outgoing text promises what the shop may not promise (promise 5). Rules come from replies/guard.yaml. Immutable, thread-safe.
class Guard {
  public:
    /// Reads guard.yaml and, with `check_examples`, runs its examples: `blocks` must be found, `allows` must pass; each failure is an error
    /// with its place.
    static Checked<Guard> load(SourceText const& file, bool check_examples = true);

    /// The first thing `text` (UTF-8) must not say. Nothing: it may go out.
    std::optional<GuardFinding> check(std::string_view text) const;

  private:
    struct Compiled;
    explicit Guard(std::shared_ptr<Compiled const> compiled) : compiled_(std::move(compiled)) {}
    std::shared_ptr<Compiled const> compiled_;
};

}  // namespace kefu
