// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "replies/turn.hpp"

#include <string>
#include <string_view>
#include <vector>

/// What a message wants of us, by the policy's rules. Nobody outside replies/ includes this.
namespace kefu {

/// Above this a topic outweighs what the model only half believes ...
inline constexpr double sure = 0.6;
/// ... and above this it is a wish beside the answer that we asked for.
inline constexpr double certain_beside_an_answer = 0.75;

/// Most important first.
using Wishes = std::vector<Rule const*>;

Wishes wishes_of(Turn const& turn, Reading const& about);

/// "Do not cancel, I only ask where it is": the question counts, and a case about what is taken back does not go on.
void drop_what_is_taken_back(Turn& turn, Wishes& wishes);

/// Talk around a request (thanks, a yes, "never mind"): it never takes the place of one.
bool is_talk(std::string_view topic);
bool is_small_talk(std::string_view topic);
/// A refusal: nothing else is answered beside it.
bool stands_alone(Rule const& rule);

/// One of them is more than talk.
bool has_request(Wishes const& wishes);

/// Nothing in it could be the answer to a question of ours: thanks, greetings, taking back, or questions that a text answers.
bool only_questions_or_talk(Wishes const& wishes);

/// The request that decides. A question that a text answers does not keep a weightier one of the same message waiting: both are answered. A refusal
/// stands alone.
Rule const& main_wish(Turn const& turn, Wishes const& wishes);

/// What the bot says nothing about; null: none of it.
Rule const* left_to_people(Wishes const& wishes);

/// The rule's reply is all it takes.
bool text_is_enough(Rule const& rule);
/// The text that answers this request all by itself: nothing is asked for and nobody called. Empty: it takes more.
std::string text_that_is_enough(Turn const& turn, Rule const& rule, Reading const& about);

}  // namespace kefu
