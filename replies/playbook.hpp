// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "intents/classification.hpp"
#include "intents/source_text.hpp"
#include "replies/template.hpp"

#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// Playbooks: how the shop goes about a case, as data. replies/README.md, "A playbook", is for operators.
///
/// A playbook is a list of steps that is gone through from its top each time something happens. What is known is not asked, what was said is not said again,
/// what does not apply is passed over; the first step that has something to wait for ends the walk. So an interruption, a restart or a changed
/// playbook needs no care: the next walk finds its place by itself.
namespace kefu {

/// One comparison with a fact (facts.hpp). Text is compared as it is, numbers as numbers.
struct Condition {
    enum class Test { any_of, known, unknown, less, at_most, more, at_least };
    std::string fact;
    Test test = Test::any_of;
    std::vector<std::string> values;  ///< any_of
    double number = 0;                ///< the others
    std::string other;                ///< a fact instead of `number`: '<= {return_days}'
};

/// `when`: all conditions hold. `unless`: not all of them do.
struct Clause {
    std::vector<Condition> all;
    bool unless = false;
};

/// What a playbook may ask for beside the order number, photos and the phone number, which every case has.
struct Slot {
    enum class Type { text, number, yes_no, choice, address };
    Type type = Type::text;
    std::map<std::string, std::vector<std::string>> choices;  ///< value → words that mean it, folded; for yes_no beside the packs' yes and no
    std::vector<std::string> named_by;                        ///< folded; a phrase with one of these and a choice's word fills the slot before it is asked for
    bool confirms = false;                                    ///< yes_no: it asks whether the case's own wish is meant: to say the wish again is a yes
    std::vector<std::string> not_only;                        ///< folded; "not just": what stands behind it in its phrase names no choice
    std::vector<EntityKind> heard_in;                         ///< text, address: a message with one of these fills the slot before it is asked for
    std::vector<std::string> lead_in;                         ///< text, address: words in front that are not kept
};

/// What every case has, beside a playbook's own slots.
inline constexpr std::array<std::string_view, 3> case_slots{"order", "photos", "phone"};
constexpr bool is_case_slot(std::string_view name) { return name == case_slots[0] || name == case_slots[1] || name == case_slots[2]; }

/// When a question has been asked `tries` times in vain.
enum class Otherwise { call, skip, close };

struct Ask {
    std::string slot;   ///< a slot of the playbook, or order, photos, phone
    std::string say;    ///< the question
    std::string again;  ///< in other words; empty: the same template, whose variants rotate
    int tries = 2;
    int count = 1;  ///< photos
    Otherwise otherwise = Otherwise::call;
};
struct Say {
    std::string template_id;
};
/// Asks the shop's system for the order. `anew`: even when it was asked before.
struct LookUp {
    bool anew = false;
};
struct CallPerson {
    std::string reason;
    std::string tier;  ///< empty: the rule's
    std::string say;
    bool urgent = false;
};
/// Until the customer raises the matter again, or until the time is over.
struct Wait {
    bool customer = false;
    std::chrono::minutes at_most{0};  ///< 0: however long it takes
};
/// The next step of the ladder (policy.yaml), within the bot's authority: yes, no, or the next one.
struct Offer {};
/// A concession without asking, within the bot's authority: `value` names the fact that holds its amount.
struct Grant {
    std::string kind;
    std::string value;
    std::string say;
};
struct Set {
    std::map<std::string, std::string> facts;
};
struct Forget {
    std::vector<std::string> slots;
};
/// For the owner's tables: counts this case under that heading.
struct Record {
    std::string report;
};
struct Tell {
    std::string what;
};
struct Close {
    std::string why;
};

using StepAction = std::variant<Ask, Say, LookUp, CallPerson, Wait, Offer, Grant, Set, Forget, Record, Tell, Close>;

struct Step {
    std::string id;               ///< "say:order_status", numbered when there are several: what was done is remembered by it
    std::vector<Clause> clauses;  ///< all must hold; those of the groups around it first
    StepAction action;
    SourceLocation where;
};

struct Playbook {
    std::string name;
    bool in_between = false;  ///< while another playbook asks, its first text answers and the question is asked again
    std::map<std::string, Slot> slots;
    std::vector<Step> steps;

    Slot const* slot(std::string_view name) const;
};

/// The templates a step may say.
std::vector<std::string> templates_of(StepAction const& action);

/// All playbooks by name. Immutable.
using Playbooks = std::map<std::string, Playbook, std::less<>>;

/// Reads the files of playbooks/. Unknown keys, facts, templates, slots: errors with their place. `facts`: names that the policy adds to the built-in ones.
/// `slots`: slot_names() of the same files. `templates`: null when they did not load; what is named is not checked then.
Checked<Playbooks> load_playbooks(std::vector<SourceText> const& files, std::vector<std::string> const& facts, std::vector<std::string> const& slots,
                                  Templates const* templates);

/// The slots and set facts of all playbooks, which templates may use as placeholders. Mistakes are left to load_playbooks().
std::vector<std::string> slot_names(std::vector<SourceText> const& files);

}  // namespace kefu
