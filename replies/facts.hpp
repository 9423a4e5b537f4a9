// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "replies/playbook.hpp"
#include "replies/turn.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace kefu {

/// What kind of value a fact has.
enum class FactKind { text, number, moment };

struct FactName {
    std::string_view name;
    FactKind kind;
};

/// The facts that code gives, beside slots and the policy's:
///   order phone photos   of the case              lookup        off pending found not_found failed
///   status courier tracking_number tracking_url amount currency item refund      from the order; the vocabulary: orders.hpp
///   days_since_shipped days_since_delivered days_since_scan days_overdue days_refund_overdue   whole days, computed now
///   order_over_authority claim_over_authority   yes no: against the authority of the rule's tier
///   claim                an amount the customer named       anger   0-1, of this case
///   hours                open closed                        waited  customer time: what ended the last wait
///   offer                accepted refused none              language channel
///   mentions             the topics of everything said in this case: any of them counts
///   tag                  what people noted of the customer: any of them counts
std::vector<FactName> const& built_in_facts();

/// Its value now; nothing when it is not known. O(log n) in the facts of the case.
std::optional<Argument> fact(Turn const& turn, Reading const& about, std::string_view name);

/// The same when it is a number.
std::optional<double> number_of(Turn const& turn, Reading const& about, std::string_view name);

/// ISO 4217, of the order's amount; the shop's when the order names none.
std::string order_currency(Turn const& turn);

bool holds(Turn const& turn, Reading const& about, Clause const& clause);
bool applies(Turn const& turn, Reading const& about, Step const& step);

/// What templates may be given from the case: its slots, what the order lookup gave. The policy's facts are not among them.
void add_case_arguments(Conversation const& conversation, Arguments& arguments);

}  // namespace kefu
