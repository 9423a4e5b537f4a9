// SPDX-License-Identifier: Apache-2.0
#include "replies/turn.hpp"

#include <algorithm>

/// Whose turn it is when a person is needed. Who is online and has room is known outside: decide() asks with Assign and hears Assigned. What the customer was
/// promised does not depend on any of it: the deadline goes on, whoever is asked.
namespace kefu {

namespace {

void choose_next(Turn& turn) {
    auto& assignment = turn.conversation.assignment;
    assignment.choosing = true;
    assignment.somebody_came = false;
    turn.effects.emplace_back(Assign{assignment.tier, language_prior(turn.catalog, turn.channel, turn.conversation), assignment.passed});
}

/// From now on it is theirs to react; anybody else may all the same.
void give_turn(Turn& turn, std::string const& agent) {
    auto& conversation = turn.conversation;
    auto& assignment = conversation.assignment;
    conversation.agent = agent;
    assignment.choosing = false;
    assignment.acknowledge_by = turn.now + turn.policy().tier(assignment.tier).acknowledge_within;
    turn.effects.emplace_back(SetTimer{"acknowledge", assignment.acknowledge_by});
}

/// All who were there were asked: the next tier up. The customer's deadline stays where it is.
void ask_next_tier(Turn& turn) {
    auto const tier = turn.conversation.assignment.tier;
    auto const& above = turn.policy().above(tier);
    if (above.name == tier) return turn.because("nobody reacts, and nobody stands above " + tier + ": the deadline goes on");
    turn.because("nobody of " + tier + " reacts: " + above.name);
    call_tier(turn, above, "nobody of " + tier + " reacted", false);
    ask_people(turn, above.name);
}

}  // namespace

void ask_people(Turn& turn, std::string const& tier, bool anew) {
    auto& conversation = turn.conversation;
    bool const is_asked = conversation.assignment.tier == tier && (conversation.assignment.choosing || !conversation.agent.empty());
    if (is_asked && !anew) return;
    end_assignment(turn);
    if (!turn.channel.names_agents || !conversation.reachable) return;
    conversation.assignment.tier = tier;
    choose_next(turn);
}

void end_assignment(Turn& turn) {
    auto& conversation = turn.conversation;
    if (conversation.owner == Owner::waiting && !conversation.agent.empty()) turn.effects.emplace_back(CancelTimer{"acknowledge"});
    conversation.agent.clear();
    conversation.assignment = {};
}

void on_event(Turn& turn, Assigned const& event) {
    auto& assignment = turn.conversation.assignment;
    auto const& passed = assignment.passed;
    bool const outdated = event.tier != assignment.tier || std::find(passed.begin(), passed.end(), event.agent) != passed.end();
    if (!assignment.choosing || outdated) return turn.because("nobody waits for this choice any more");
    assignment.choosing = false;
    if (!event.agent.empty()) {
        auto const before = passed.empty() ? std::string{} : passed.back() + " did not react; ";
        turn.because("it is the turn of " + event.agent);
        turn.effects.emplace_back(Audit{"assigned", "bot", event.agent});
        turn.effects.emplace_back(TellAgents{before + "it is the turn of " + event.agent});
        return give_turn(turn, event.agent);
    }
    if (assignment.somebody_came) return choose_next(turn);
    if (passed.empty()) return turn.because("nobody of " + assignment.tier + " is there: everybody is called");
    ask_next_tier(turn);
}

void on_event(Turn& turn, AgentCame const& event) {
    auto& conversation = turn.conversation;
    auto& assignment = conversation.assignment;
    if (assignment.tier.empty() || !conversation.agent.empty()) return turn.because("nobody is looked for");
    std::erase(assignment.passed, event.agent);
    if (assignment.choosing)
        assignment.somebody_came = true;
    else
        choose_next(turn);
}

void on_no_reaction(Turn& turn) {
    auto& conversation = turn.conversation;
    auto& assignment = conversation.assignment;
    if (conversation.owner != Owner::waiting || conversation.agent.empty()) return;
    if (turn.now < assignment.acknowledge_by) {  // given anew since
        turn.effects.emplace_back(SetTimer{"acknowledge", assignment.acknowledge_by});
        return;
    }
    turn.because(conversation.agent + " did not react");
    assignment.passed.push_back(std::exchange(conversation.agent, {}));
    choose_next(turn);
}

std::optional<std::string> objection(Conversation const& conversation, AgentAssigned const& given) {
    switch (conversation.owner) {
        case Owner::bot:
            return "the bot has this conversation; claim it first";
        case Owner::closed:
            return "this conversation is closed";
        case Owner::waiting:
            if (conversation.agent == given.to) return "it is the turn of " + given.to + " already";
            break;
        case Owner::person:
            if (conversation.agent == given.to) return "this conversation is with " + given.to + " already";
            break;
    }
    return std::nullopt;
}

void on_event(Turn& turn, AgentAssigned const& event) {
    auto& conversation = turn.conversation;
    if (auto const why = objection(conversation, event)) return turn.because(*why);
    auto const from = conversation.agent.empty() ? std::string{} : conversation.agent + " → ";
    auto const reason = event.why.empty() ? std::string{} : ": " + event.why;
    turn.effects.emplace_back(Audit{"assigned", event.agent, from + event.to + reason});
    turn.effects.emplace_back(TellAgents{event.agent + " gives this to " + event.to + reason});
    if (conversation.owner == Owner::person) {
        conversation.agent = event.to;
        conversation.owner_since = turn.now;
        return;
    }
    auto& assignment = conversation.assignment;
    if (assignment.tier.empty()) assignment.tier = turn.policy().tier(conversation.open.tier).name;
    std::erase(assignment.passed, event.to);
    give_turn(turn, event.to);
}

}  // namespace kefu
