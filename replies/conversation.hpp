// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/strong_id.hpp"
#include "config/base/timestamp.hpp"
#include "intents/classification.hpp"
#include "replies/effect.hpp"
#include "replies/orders.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kefu {

/// Who answers in a conversation. Exactly one at any time; every change carries who, why and until when.
enum class Owner {
    bot,
    waiting,  ///< for a person; the bot only says honest holding lines
    person,   ///< a person has it; the bot is silent
    closed,   ///< nothing open; the next message opens it again for the bot
};
inline constexpr std::array<std::string_view, 4> owner_names{"bot", "waiting", "person", "closed"};
std::string_view to_string(Owner owner);
std::optional<Owner> owner_from_string(std::string_view name);

/// A message that has no answer yet: it waits for the quiet window to end.
struct Unanswered {
    std::uint64_t number = 0;  ///< Conversation::received when it came
    MessageId id;
    std::string text;
    Classification meaning;
    std::vector<ContentKind> attachments;
    Timestamp at;
    std::int64_t sequence = 0;  ///< Message::sequence
    bool of_album = false;
    friend bool operator==(Unanswered const&, Unanswered const&) = default;
};

/// A problem being solved: what we know, what was done about it and what we asked for. See playbook.hpp.
struct Case {
    std::uint64_t number = 0;  ///< counts in this conversation; shown to people as `<conversation number>-<case>`
    std::string topic;         ///< what it is about, from topics.yaml
    std::string tier;          ///< who would take it
    std::string order;
    std::string phone;
    std::vector<MessageId> photos;
    Arguments facts;                            ///< the playbooks' slots and what they set
    std::map<std::string, std::uint32_t> done;  ///< "where_is_order/say:order_status" → times
    std::vector<std::string> mentioned;         ///< topics of everything said since it began: a condition may ask for them later
    std::vector<std::string> also;              ///< topics the customer raised as well: their turn comes when this one waits
    std::string asking;                         ///< the slot whose answer is awaited; empty: none
    Timestamp asked_at{};
    bool reminded = false;
    std::string waiting;     ///< the step that waits for the customer or for time
    Timestamp wait_until{};  ///< the epoch: for the customer, however long it takes
    OrderState order_state;
    Timestamp walked_at{};  ///< when its playbook was last gone through
    bool handed_over = false;
    friend bool operator==(Case const&, Case const&) = default;
};

/// Something given to this customer, kept for a day and as long as its case is open: nobody's authority is used twice.
struct Conceded {
    Timestamp at;
    std::uint64_t case_number = 0;
    std::string order;  ///< empty: not known
    std::string kind;
    double amount = 0;
    std::string currency;
    std::string by;  ///< "bot" or the agent
    friend bool operator==(Conceded const&, Conceded const&) = default;
};

/// An automatic answer that went to the outbox, kept while the loop limit looks back.
struct Said {
    Timestamp at;
    std::string template_id;
    std::string text_hash;  ///< two identical answers count, however they came about
    SendPurpose purpose = SendPurpose::answer;
    EffectId effect;  ///< the send it is in: when that is cancelled, it was not said
    friend bool operator==(Said const&, Said const&) = default;
};

/// Whose turn it is while a person is waited for: one after the other of a tier is asked, then the next tier up.
struct Assignment {
    std::string tier;                 ///< whose people are asked; empty: nobody is
    std::vector<std::string> passed;  ///< of that tier, who were asked and did not react
    bool choosing = false;            ///< the next one is being chosen
    bool somebody_came = false;       ///< meanwhile: whom the choice did not know
    Timestamp acknowledge_by{};       ///< until when the one whose turn it is may react
    friend bool operator==(Assignment const&, Assignment const&) = default;
};

/// Everything decide() remembers of one customer on one channel. A value: copied, compared, stored as JSON.
struct Conversation {
    ConversationId id;
    ChannelId channel;
    std::string sender;        ///< the customer's id on the platform (group: the group's)
    std::string display_name;  ///< from the profile; empty when unknown
    std::string profile_language;
    bool profile_asked = false;

    Owner owner = Owner::bot;
    std::string owner_reason;  ///< why it is so
    std::string agent;         ///< who has it; while waiting: whose turn it is, empty: nobody's
    Timestamp owner_since{};
    bool reachable = true;
    bool standby = false;

    std::string language;        ///< of the newest message that told; the prior for the next
    std::uint64_t received = 0;  ///< messages so far
    std::uint64_t effects = 0;   ///< effects so far; numbers the next EffectId
    Timestamp last_message_at{};

    std::vector<Unanswered> unanswered;  ///< in order of arrival, or of Message::sequence
    Timestamp window_opened{};           ///< arrival of the first of them
    std::vector<Unanswered> answering;   ///< what the send on its way answers; back to `unanswered` when it is cancelled
    EffectId answering_with;             ///< the bot's send that is on its way; empty: none
    std::uint64_t answering_knows = 0;   ///< `received` when that send was decided
    bool taken_back = false;             ///< we cancelled that send ourselves, to answer anew
    Case open_before;                    ///< `open` before that send was decided: what it asked for was not asked when it is cancelled
    int not_understood_before = 0;
    std::optional<Send> draft;      ///< that send, when it waits for a person's approval instead
    Owner owner_then = Owner::bot;  ///< who has the conversation after the approval
    bool approval_asked = false;    ///< people were called to approve, and that call is open
    std::string reply_handle;       ///< the newest unused one
    Timestamp handle_at{};

    Case open;                                  ///< the open case; topic empty: none
    std::vector<Said> said;                     ///< within the loop limit's window, at most 32
    std::map<std::string, std::uint32_t> told;  ///< template → times, rotates variants
    int not_understood = 0;                     ///< in a row
    int lookups_failed = 0;                     ///< order numbers and second facts that did not fit, since `lookups_since`
    Timestamp lookups_since{};
    std::vector<Conceded> conceded;  ///< at most 32
    double heat = 0;                 ///< highest anger of this case; falls with thanks
    bool disclosed = false;          ///< the first automatic line said it is automatic
    bool backlog_told = false;       ///< one honest line after downtime
    Timestamp answer_by{};           ///< deadline promised while waiting
    int deadlines_missed = 0;        ///< in a row; each goes to the next tier
    Timestamp still_waiting_at{};    ///< when we last said that a person is still to come
    Assignment assignment;
    std::vector<std::string> tags;  ///< what people noted of the customer: vip, wholesale, ...; sorted, at most 32

    friend bool operator==(Conversation const&, Conversation const&) = default;
};

/// What people and customers call the case: letters that stand for the conversation, then the case's number in it, "KTRWPD-2".
/// No digits among the letters, so that it is never read as an order number.
std::string case_name(Conversation const& conversation);

/// A team has it, not yet one person of it: whoever acts next takes it over. No agent's name has a colon.
inline constexpr std::string_view team_prefix = "team:";
bool is_with_team(Conversation const& conversation);

/// Ends the open case; its number stays taken.
void close_case(Conversation& conversation);

}  // namespace kefu
