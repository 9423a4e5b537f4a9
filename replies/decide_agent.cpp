// SPDX-License-Identifier: Apache-2.0
#include "replies/turn.hpp"

namespace kefu {

namespace {

/// From here on the bot says nothing, whatever it was about to say.
void silence_the_bot(Turn& turn, std::string why) {
    auto& conversation = turn.conversation;
    turn.effects.emplace_back(CancelSends{std::move(why)});
    turn.effects.emplace_back(CancelTimer{"quiet"});
    turn.effects.emplace_back(CancelTimer{"answer_by"});
    conversation.unanswered.clear();
    conversation.window_opened = {};
    conversation.answering.clear();
    conversation.answer_by = {};
    conversation.deadlines_missed = 0;
    conversation.still_waiting_at = {};
}

void claim(Turn& turn, std::string const& agent) {
    if (turn.conversation.owner == Owner::person && turn.conversation.agent == agent) return turn.because("has it already");
    silence_the_bot(turn, "a person took over");
    change_owner(turn, Owner::person, "claimed", agent);
}

/// A person has it who is none of ours: the bot is silent, and whoever of ours goes on with it may. It has no agent's name.
void take_over_elsewhere(Turn& turn, AgentActed const& event) {
    auto& conversation = turn.conversation;
    if (conversation.owner == Owner::person) {
        if (conversation.agent.empty()) conversation.owner_since = turn.now;
        return turn.because("a person has it already");
    }
    drop_draft(conversation);
    silence_the_bot(turn, "a person answers on the platform");
    change_owner(turn, Owner::person, "a person answers on the platform", event.agent);
    conversation.agent.clear();
}

void reply(Turn& turn, AgentActed const& event) {
    if (event.text.find_first_not_of(" \t\r\n") == std::string::npos) return turn.because("an empty reply");
    drop_draft(turn.conversation);
    claim(turn, event.agent);
    if (!turn.conversation.reachable) {
        turn.effects.emplace_back(TellAgents{"not sent: the customer cannot be reached any more"});
        return turn.because("unreachable: not sent");
    }
    Send send;
    send.messages.emplace_back().text = event.text;
    send.purpose = SendPurpose::agent;
    send.by = event.agent;
    send.language = turn.conversation.language;
    turn.effects.emplace_back(std::move(send));
}

/// The bot begins anew: what it said and counted before a person had it does not matter any more; what is known of the case does.
void hand_back(Turn& turn, std::string const& agent) {
    auto& conversation = turn.conversation;
    if (conversation.owner == Owner::bot) return turn.because("the bot has it already");
    drop_draft(conversation);
    silence_the_bot(turn, "handed back");
    auto const before = conversation.open;
    close_case(conversation);
    conversation.open.order = before.order;
    conversation.open.phone = before.phone;
    conversation.said.clear();
    conversation.not_understood = 0;
    conversation.heat = 0;
    conversation.backlog_told = false;
    conversation.approval_asked = false;
    turn.effects.emplace_back(CloseEscalation{"handed back"});
    change_owner(turn, Owner::bot, "handed back", agent);
    turn.conversation.agent.clear();
}

void resolve(Turn& turn, std::string const& agent) {
    auto& conversation = turn.conversation;
    drop_draft(conversation);
    silence_the_bot(turn, "resolved");
    close_case(conversation);
    conversation.not_understood = 0;
    conversation.heat = 0;
    conversation.backlog_told = false;
    conversation.approval_asked = false;
    turn.effects.emplace_back(CloseEscalation{"resolved"});
    change_owner(turn, Owner::closed, "resolved", agent);
}

}  // namespace

std::optional<std::string> objection(Conversation const& conversation, AgentActed const& act) {
    if (act.action == AgentAction::note || act.elsewhere) return std::nullopt;
    if (conversation.owner == Owner::person && !conversation.agent.empty() && conversation.agent != act.agent && !is_with_team(conversation))
        return "this conversation is with " + conversation.agent;
    if (act.action != AgentAction::approve && act.action != AgentAction::discard) return std::nullopt;
    if (!conversation.draft) return "no draft waits here: it was sent, dropped, or a newer message made it outdated";
    if (!act.draft.empty() && act.draft != conversation.draft->id) return "there is a newer draft";
    return std::nullopt;
}

void on_event(Turn& turn, AgentActed const& event) {
    if (auto const why = objection(turn.conversation, event)) return turn.because(*why);
    bool const takes_over = event.action == AgentAction::claim || event.action == AgentAction::reply;
    if (event.elsewhere && takes_over) return take_over_elsewhere(turn, event);
    switch (event.action) {
        case AgentAction::claim:
            return claim(turn, event.agent);
        case AgentAction::reply:
            return reply(turn, event);
        case AgentAction::hand_back:
            return hand_back(turn, event.agent);
        case AgentAction::resolve:
            return resolve(turn, event.agent);
        case AgentAction::note:
            turn.effects.emplace_back(Audit{"note", event.agent, {}});
            return;
        case AgentAction::approve:
            return approve(turn, event);
        case AgentAction::discard:
            return discard(turn, event);
    }
}

}  // namespace kefu
