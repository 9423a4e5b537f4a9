// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "replies/decide.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

/// What the parts of decide() share. Nobody outside replies/ includes this.
namespace kefu {

/// From here on a topic counts as said.
inline constexpr double topic_threshold = 0.5;

/// One decision in the making.
struct Turn {
    Catalog const& catalog;
    ChannelPolicy const& channel;
    Timestamp now;
    Conversation conversation;
    std::vector<Effect> effects;
    std::vector<std::string> why;
    AnswerMode mode = AnswerMode::auto_;  ///< the strictest of the rules that what is said is about

    void concerns(Rule const& rule) { mode = std::max(mode, rule.mode); }
    Policy const& policy() const { return catalog.policy; }
    void because(std::string reason) { why.push_back(std::move(reason)); }
};

/// Letters, a Han character counting as four.
inline constexpr int a_word = 8;
inline constexpr int a_word_or_two = 16;
inline constexpr int a_few_words = 32;
inline constexpr int a_short_sentence = 40;

/// Several messages read as one: what they want together and what they brought.
struct Reading {
    Classification meaning;               ///< highest scores, all entities; offsets lead into `quote`
    std::string quote;                    ///< the texts, one a line
    std::vector<MessageId> photos;        ///< the message, once for each photo in it
    std::vector<ContentKind> unreadable;  ///< voice, video, files, places, stickers
    bool has_words = false;               ///< letters or digits: more than emoji and marks
    bool asks = false;                    ///< has a question mark, or words of the packs' topic "question"

    bool says(std::string_view topic) const;
    std::string order() const;  ///< an order number, or a tracking number instead; empty: none
};
Reading read_together(std::vector<Unanswered> const& messages);
/// Letters of a text, a Han character counting as four.
int letters_in(std::string_view text);
/// More letters than `few`.
bool says_more_than(int few, Reading const& about);

/// The locale of the texts for this customer: the conversation's language, the profile's, the channel's, the shop's.
std::string locale_of(Turn const& turn);
std::string locale_of(Catalog const& catalog, ChannelPolicy const& channel, Conversation const& conversation);
/// False for a customer whose language is known and has no texts (N5).
bool has_texts(Turn const& turn);

/// The channel and the customer let the bot say something now. Who owns the conversation is not looked at.
bool may_speak(Turn const& turn);
/// Asks for the template, unless the bot may not speak.
void say(Turn& turn, std::string template_id, SendPurpose purpose, Arguments arguments = {});

/// Moves the conversation, with a line in the audit log. `by`: "bot" or an agent.
void change_owner(Turn& turn, Owner owner, std::string reason, std::string const& by);

/// Nothing is open any more; the next message opens it again for the bot.
void close_conversation(Turn& turn, std::string reason);

/// This decision says something to the customer.
bool says_something(Turn const& turn);

/// When this template was last said, within the loop limit's window; the epoch when it was not.
Timestamp last_said(Conversation const& conversation, std::string_view template_id);

/// What is known goes to the case, also before there is one: nobody is asked for it again (A9). True when an order number is new.
bool learn(Conversation& conversation, Reading const& reading);

// call_person.cpp

/// Why a person is needed and which one.
struct Call {
    std::string reason;
    std::string tier;  ///< empty: the policy's default
    std::string topic;
    std::string reply;  ///< what the customer is told; empty: what fits the reason
    bool urgent = false;
};

/// Asks for a person. "A real person or a bot?" asks who we are.
bool wants_person(Classification const& meaning);

/// Threats, extortion, safety, abuse, a wish for a person: what is not left waiting for the quiet window. Nothing: it is none of these.
std::optional<Call> immediate_call(Turn const& turn, Classification const& meaning);

/// What the bot did about `rule` did not help; null: nothing was understood.
Call failed(Rule const* rule);

/// Which of two calls weighs more: safety, legal threats, ... ; 0 for what is no emergency.
int gravity(std::string_view reason);

/// Hands the conversation over: case, escalation, deadline, and the line that tells the customer.
void call_person(Turn& turn, Call const& call, Reading const& about);

/// The rule is off: nothing is said about it but that a person comes.
void leave_to_people(Turn& turn, Rule const& rule, Reading const& about);

/// What a person is needed for when no emergency and no rule says it: tier and topic of the weightiest thing the customer wants.
Call ordinary_call(Turn const& turn, std::string reason, Classification const& meaning);

/// Somebody of the tier who is needed is there now.
bool people_are_there(Turn const& turn);

/// Until when a person of that tier answers, in working time and on whole five minutes.
Timestamp deadline(Turn const& turn, std::string_view tier);

/// "angry 0.9 · wants: tracking, refund · order 8842", no customer text.
std::string summary_of(Conversation const& conversation, Reading const& about);

// decide_send.cpp

/// What a send said was not said after all: rotation, loop limits and the disclosure count as before.
/// Gives the templates back, without the disclosure.
std::vector<Said> unsay(Conversation& conversation, EffectId const& effect);
/// The case as it was before the send that is taken back was decided.
void undo_case(Conversation& conversation);
/// No send is on its way any more.
void forget_send(Conversation& conversation);

// decide_draft.cpp

/// There is a draft, and it is all a person is needed for.
bool waits_for_approval(Conversation const& conversation);
/// The draft that waits for approval is outdated: what it answers is unanswered again, and the bot's.
void decide_draft_anew(Turn& turn, std::string why);
/// The draft's words were not said; the reply handle that was kept for them is free again.
void withdraw_draft(Conversation& conversation);
/// The draft, if there is one, will not be said.
void drop_draft(Conversation& conversation);
/// The same, and the conversation no longer waits for its approval.
void give_up_draft(Turn& turn, std::string why, std::string const& by);
void approve(Turn& turn, AgentActed const& act);
void discard(Turn& turn, AgentActed const& act);
/// People who were called to approve a draft need not look any more when it is gone and no other takes its place.
void call_off_approval(Turn& turn);

// decide_assign.cpp

/// Begins to ask the people of that tier, one after the other, when the channel names agents. Who is asked already stays asked, unless `anew`.
void ask_people(Turn& turn, std::string const& tier, bool anew = true);
/// It is nobody's turn any more.
void end_assignment(Turn& turn);
/// The one whose turn it is did not react in time.
void on_no_reaction(Turn& turn);

// decide_case.cpp; what the walk through a playbook is: run_playbook.hpp

enum class Cause;
/// The rule of the case that is open, has a playbook and is not with a person yet; nothing when there is none.
Rule const* case_in_progress(Turn const& turn);
/// Walks the open case's playbook, then those of the other matters the customer raised. `answered`: this message got an answer of its own already.
void go_on_with_case(Turn& turn, Reading const& about, Cause cause, bool answered = false);
/// Makes `rule` the matter of the conversation, or keeps it for later when a weightier one is open, and goes on. `wishes`: all of the message's.
void take_up(Turn& turn, Rule const& rule, std::vector<Rule const*> const& wishes, Reading const& about, bool answered);
/// The slot of the playbook's own that we ask for; null: none, or one of every case (the order number, photos, the phone number).
Slot const* slot_asked_for(Turn const& turn);
/// A question beside the one that we ask: it is noted for a colleague, and ours stays. Once a case; false: nothing was said.
bool note_question(Turn& turn, Reading const& about);
/// The same matter, for another order than before.
void begin_with_other_order(Turn& turn, Reading const& about);
/// Sets the timer of what the open case waits for.
void watch_case(Turn& turn);
void on_playbook_timer(Turn& turn);
void on_lookup_timer(Turn& turn);
/// Goes on with what the look-up brought, at once or when the send that is on its way has arrived.
void go_on_after_lookup(Turn& turn);

// decide_answer.cpp, decide_message.cpp, decide_waiting.cpp, decide_agent.cpp, decide_send.cpp

/// Answers what is unanswered, all of it together, or keeps silent for a reason.
void answer(Turn& turn);
/// Answers, or waits for the rest of a burst.
void answer_or_wait(Turn& turn);

void on_event(Turn& turn, MessageReceived const& event);
void on_event(Turn& turn, ButtonPressed const& event);
void on_event(Turn& turn, Followed const& event);
void on_event(Turn& turn, AgentActed const& event);
void on_event(Turn& turn, SendFinished const& event);
void on_event(Turn& turn, SendReported const& event);
void on_event(Turn& turn, SendHeld const& event);
void on_event(Turn& turn, DraftWritten const& event);
void on_event(Turn& turn, MessageUnsent const& event);
void on_event(Turn& turn, Unreachable const& event);
void on_event(Turn& turn, ReplyUnusable const& event);
void on_event(Turn& turn, MediaStored const& event);
void on_event(Turn& turn, OrderLookedUp const& event);
void on_event(Turn& turn, Assigned const& event);
void on_event(Turn& turn, AgentCame const& event);
void on_event(Turn& turn, AgentAssigned const& event);
void on_event(Turn& turn, AgentConceded const& event);
void on_event(Turn& turn, AgentTagged const& event);

/// A message for a conversation in which a person is awaited.
void on_message_while_waiting(Turn& turn, Unanswered const& message);
/// Calls the people of another tier about what they wait for already. The customer hears nothing of it.
void call_tier(Turn& turn, Tier const& tier, std::string const& why, bool urgent);
/// The promised time has passed and nobody came.
void on_deadline(Turn& turn);

}  // namespace kefu
