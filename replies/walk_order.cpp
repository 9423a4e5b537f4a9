// SPDX-License-Identifier: Apache-2.0
#include "replies/run_playbook.hpp"

#include <algorithm>

/// Order look-ups: asked for as an effect, answered by an event. They leak nothing: an order that is not linked to the customer is told about only after a
/// second fact, and whether it exists at all is not told before.
namespace kefu {

namespace {

using namespace std::chrono_literals;

constexpr auto fresh = 1h;            // an answer older than this is asked for anew when a step wants so
constexpr auto told_after = 2s;       // then the customer hears that it takes a moment
constexpr auto longest_lookup = 60s;  // then it has failed, whatever became of it
constexpr std::string_view by_account = "order/by_account";
constexpr std::string_view not_found_mark = "order/not_found";
constexpr std::string_view proof_mark = "order/second_fact";

void ask_the_shop(Turn& turn, std::string order) {
    auto& conversation = turn.conversation;
    auto& state = conversation.open.order_state;
    state = {};
    state.lookup = "pending";
    state.order = order;
    state.asked_at = turn.now;
    turn.effects.emplace_back(LookUpOrder{std::move(order), conversation.sender});
    turn.effects.emplace_back(SetTimer{"lookup", turn.now + told_after});
}

/// Counts tries that do not fit; somebody who tries numbers is stopped.
bool too_many_failures(Turn& turn) {
    auto& conversation = turn.conversation;
    if (turn.now - conversation.lookups_since > 24h) {
        conversation.lookups_since = turn.now;
        conversation.lookups_failed = 0;
    }
    return ++conversation.lookups_failed >= turn.policy().limits.failed_lookups;
}

/// The same words whether the order does not exist or belongs to somebody else.
Walk tell_not_found(Turn& turn, Reading const& about) {
    auto& open = turn.conversation.open;
    auto const order = std::exchange(open.order, {});
    open.order_state = {};
    open.done.erase(std::string{proof_mark});
    if (too_many_failures(turn) || open.done[std::string{not_found_mark}]++ > 0) {
        turn.because("the order cannot be found");
        open.order = order;  // people may see what was meant
        call_person(turn, failed(turn.policy().rule(open.topic)), about);
        return Walk::called;
    }
    say(turn, "order_not_found", SendPurpose::answer, {{"order", order}});
    await_answer(turn, "order");
    return Walk::asked;
}

Walk ask_second_fact(Turn& turn, Reading const& about) {
    auto& open = turn.conversation.open;
    auto& asked = open.done[std::string{proof_mark}];
    if (asked >= 2) return tell_not_found(turn, about);
    say(turn, asked == 0 ? "ask_second_fact" : "ask_second_fact_again", asked == 0 ? SendPurpose::answer : SendPurpose::reask);
    ++asked;
    await_answer(turn, std::string{second_fact_slot});
    return Walk::asked;
}

}  // namespace

bool order_is_looked_up(Turn& turn, Reading const& about, LookUp const& step, Walk& walk) {
    auto& open = turn.conversation.open;
    auto& state = open.order_state;
    if (!turn.channel.orders.available) {
        state.lookup = "off";
        return true;
    }
    if (state.lookup == "pending") {
        walk = Walk::pending;
        return false;
    }
    if (open.order.empty()) {
        if (!turn.channel.orders.by_customer || open.done.contains(std::string{by_account})) return true;
        open.done[std::string{by_account}] = 1;
        ask_the_shop(turn, {});
        walk = Walk::pending;
        return false;
    }
    if (state.order != open.order || (step.anew && turn.now - state.asked_at > fresh)) {
        ask_the_shop(turn, open.order);
        walk = Walk::pending;
        return false;
    }
    if (state.lookup == "unproven" && !open.phone.empty() && proves(open.phone, state.proofs)) state.lookup = "found";
    if (state.lookup == "unproven") {
        walk = ask_second_fact(turn, about);
        return false;
    }
    if (state.lookup == "not_found") {
        walk = tell_not_found(turn, about);
        return false;
    }
    return true;
}

bool take_second_fact(Turn& turn, Reading const& about) {
    auto& state = turn.conversation.open.order_state;
    if (state.lookup != "unproven") return true;
    if (!proves(about.quote, state.proofs)) {
        // A number that does not fit is a try; small talk is none.
        if (about.quote.find_first_of("0123456789") != std::string::npos && too_many_failures(turn)) state.lookup = "not_found";
        return false;
    }
    state.lookup = "found";
    return true;
}

void on_event(Turn& turn, OrderLookedUp const& event) {
    auto& conversation = turn.conversation;
    auto& open = conversation.open;
    auto& state = open.order_state;
    if (state.lookup != "pending" || state.order != event.order) return turn.because("nobody waits for this look-up any more");
    turn.effects.emplace_back(CancelTimer{"lookup"});
    turn.because("look-up: " + std::string{lookup_outcome_names[static_cast<std::size_t>(event.outcome)]});
    bool const by_customer = event.order.empty();
    if (event.outcome == LookupOutcome::failed) {
        state.lookup = "failed";
        turn.effects.emplace_back(TellAgents{"the order could not be looked up: " + event.why});
    } else if (event.outcome == LookupOutcome::found) {
        if (by_customer && open.order.empty()) open.order = event.found;
        state.order = open.order;
        state.facts = event.facts;
        state.proofs = event.proofs;
        bool const needs_proof = turn.channel.orders.second_fact && !event.linked && !by_customer;
        state.lookup = needs_proof ? "unproven" : "found";
        if (needs_proof && event.proofs.empty()) state.lookup = "failed";  // nothing to prove it by: people look
    } else if (by_customer) {
        state = {};  // several orders or none: the number is asked for
    } else {
        // Where second facts are asked for, they are asked for here too: the question must not tell that the order exists.
        state.lookup = turn.channel.orders.second_fact ? "unproven" : "not_found";
    }
    if (conversation.owner == Owner::bot) go_on_after_lookup(turn);
}

void go_on_after_lookup(Turn& turn) {
    auto& conversation = turn.conversation;
    // What is being answered or waits to be comes first, and goes on with it.
    conversation.open.order_state.unread = !conversation.answering_with.empty() || !conversation.unanswered.empty();
    if (!conversation.open.order_state.unread) go_on_with_case(turn, {}, Cause::news);
}

void on_lookup_timer(Turn& turn) {
    auto& state = turn.conversation.open.order_state;
    if (state.lookup != "pending") return;
    if (turn.now - state.asked_at >= longest_lookup) {
        state.lookup = "failed";
        turn.because("the look-up took too long");
        if (turn.conversation.owner == Owner::bot) go_on_after_lookup(turn);
        return;
    }
    turn.effects.emplace_back(SetTimer{"lookup", state.asked_at + longest_lookup});
    auto const& conversation = turn.conversation;
    bool const may_tell = conversation.owner == Owner::bot && conversation.answering_with.empty() && conversation.unanswered.empty();
    if (!may_tell || std::exchange(state.told_to_wait, true)) return;
    if (auto const* rule = case_in_progress(turn)) turn.concerns(*rule);
    say(turn, "looking_up", SendPurpose::holding);
}

}  // namespace kefu
