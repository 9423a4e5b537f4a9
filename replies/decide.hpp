// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "replies/catalog.hpp"
#include "replies/conversation.hpp"
#include "replies/effect.hpp"
#include "replies/event.hpp"

#include <string>
#include <vector>

namespace kefu {

/// What follows from an event. `why` is for the journal and `kefud trace`: which rule, in words, no customer text.
struct Decision {
    Conversation conversation;
    std::vector<Effect> effects;
    std::vector<std::string> why;
    bool for_approval = false;  ///< what is said is about a rule in draft mode: a person approves it, as on a channel in draft mode
    bool guarded = false;       ///< the guard kept the bot from saying something
};

/// What the channel allows, beside the shop's policy.
struct ChannelPolicy {
    using Mode = AnswerMode;
    Mode mode = Mode::auto_;
    std::string type;                                       ///< "line", "webhooks": picks channel forms of templates
    std::string default_locale;                             ///< empty: the shop's
    std::optional<std::chrono::milliseconds> quiet_window;  ///< instead of the policy's
    std::optional<std::chrono::minutes> stale_after;
    bool answer_unaddressed = false;  ///< answer in groups also when not mentioned
    bool fetch_profile = false;
    bool names_agents = false;  ///< there are agents who may be online: when a person is needed, one of them is named
    OrderSource orders;
};

/// What a message's language is guessed from when it does not tell itself: the talk so far, the profile, the channel, the shop. For classify().
std::string language_prior(Catalog const& catalog, ChannelPolicy const& channel, Conversation const& conversation);

/// Why an agent may not do this now, in words for them; nothing when they may. decide() leaves everything as it is when there is an objection.
std::optional<std::string> objection(Conversation const& conversation, AgentActed const& act);
std::optional<std::string> objection(Conversation const& conversation, AgentAssigned const& given);
std::optional<std::string> objection(Conversation const& conversation, AgentConceded const& given, Timestamp now);
std::optional<std::string> objection(Conversation const& conversation, AgentTagged const& tagged);
/// The same for any event; nothing for what no agent does.
std::optional<std::string> objection_to(Conversation const& conversation, Event const& event, Timestamp now);

/// The heart of the program: pure and total. Any state and any event give a decision; the same ones give the same decision.
/// Effects come with Reply, not Send: respond() renders.
Decision decide(Catalog const& catalog, ChannelPolicy const& channel, Conversation conversation, Event const& event, Timestamp now);

/// decide(), then every Reply rendered, guarded and put into one Send; what cannot be said goes back into decide() as ReplyUnusable. On a channel in draft
/// mode the Send goes back as DraftWritten instead of out.
/// This is what live traffic, simulate, chat and replays all run. `effects` holds no Reply.
Decision respond(Catalog const& catalog, ChannelPolicy const& channel, Conversation conversation, Event const& event, Timestamp now);

/// For people who choose their words themselves: the locale this customer is answered in, where texts of it are missing the one behind it, and all that a
/// template may be given now.
struct Speakable {
    std::string locale;
    std::string fallback;
    Arguments arguments;
};
Speakable speakable(Catalog const& catalog, ChannelPolicy const& channel, Conversation const& conversation, Timestamp now);

}  // namespace kefu
