// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "replies/facts.hpp"
#include "replies/playbook.hpp"
#include "replies/turn.hpp"

#include <string>
#include <string_view>

/// The walk through a case's playbook: pure, a step of decide().
namespace kefu {

/// Why the walk is made.
enum class Cause {
    message,  ///< the customer wrote
    again,    ///< the customer raised the matter of the case again: what waits for the customer goes on
    time,     ///< a timer
    news,     ///< the order's look-up came back
};

/// What ended it.
enum class Walk {
    asked,     ///< a question is out
    pending,   ///< the shop's system was asked
    waits,     ///< for the customer or for time
    called,    ///< a person has it
    closed,    ///< nothing is open any more
    finished,  ///< the playbook has nothing more to do
};

/// Goes through the playbook of the open case from its top. `answered`: this message got an answer of its own already, so a question asked in vain before
/// is no failure now.
Walk walk(Turn& turn, Rule const& rule, Reading const& about, Cause cause, bool answered = false);

/// Slots that code asks for, beside those of the playbook.
inline constexpr std::string_view second_fact_slot = "second_fact";
inline constexpr std::string_view offer_slot = "offer";

// take_answer.cpp
enum class Taken { nothing, filled, refused };
/// Reads the messages as the answer to what was asked. `only_questions_or_talk`: they hold nothing that could be one, only thanks, greetings and questions
/// that have answers of their own.
Taken take_answer(Turn& turn, Playbook const& playbook, Reading const& about, bool only_questions_or_talk);
/// Fills the slots that are `named_by` words of the messages: nobody is asked for what they just said.
void hear_unasked(Turn& turn, Playbook const& playbook, Reading const& about);

// walk_order.cpp
/// Looks the case's order up when that is still to do. False: the answer is awaited, or something was said instead.
bool order_is_looked_up(Turn& turn, Reading const& about, LookUp const& step, Walk& walk);
/// True when what the customer wrote proves that the order is theirs.
bool take_second_fact(Turn& turn, Reading const& about);

// walk_offer.cpp
/// Makes the next offer of the ladder. True: it is out; false: there is none, or it is decided.
bool offer_is_out(Turn& turn);
/// Makes the offer that is out once more: the answer was not understood. False: that was done before, or it may not be made any more.
bool offered_again(Turn& turn);
void answer_offer(Turn& turn, bool accepted);
/// Gives it when the bot may. False: it may not.
bool granted(Turn& turn, Reading const& about, Grant const& grant, Rule const& rule);

/// The question is out: its answer is awaited, reminded of, and one day not awaited any more.
void await_answer(Turn& turn, std::string slot);

/// The customer will not answer this: the step that asks says what then.
void refuse(Turn& turn, Playbook const& playbook, std::string const& slot);

/// "where_is_order/say:order_status"
std::string mark_of(Rule const& rule, Step const& step);

/// The first moment at or after `due` when the bot may write by itself.
Timestamp waking(Turn const& turn, Timestamp due);

}  // namespace kefu
