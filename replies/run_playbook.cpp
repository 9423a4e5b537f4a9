// SPDX-License-Identifier: Apache-2.0
#include "replies/run_playbook.hpp"

#include <algorithm>

namespace kefu {

namespace {

constexpr int most_rounds = 8;                 // a `forget` begins anew; a playbook that only forgets ends here
constexpr std::uint32_t given_up = 1'000'000;  // in Case::done: asked often enough

enum class Go { on, anew, stop };

/// What every case has is asked for twice in all, whichever playbook asks; a slot of its own by each playbook.
std::string ask_mark(Rule const& rule, Ask const& ask) { return (is_case_slot(ask.slot) ? std::string{"case"} : rule.playbook) + "/ask:" + ask.slot; }

class Walker {
  public:
    Walker(Turn& turn, Rule const& rule, Playbook const& playbook, Reading const& about, Cause cause, bool answered)
        : turn_(turn), rule_(rule), playbook_(playbook), about_(about), cause_(cause), answered_(answered) {}

    Walk run() {
        if (!wait_is_over()) return Walk::waits;
        for (int round = 0; round < most_rounds; ++round) {
            auto const go = once();
            if (go == Go::stop) return end_;
            if (go == Go::on) return Walk::finished;
        }
        turn_.because("playbook " + playbook_.name + " goes in a circle");
        call_person(turn_, failed(&rule_), about_);
        return Walk::called;
    }

  private:
    Go once() {
        for (auto const& step : playbook_.steps) {
            if (!applies(turn_, about_, step)) continue;
            mark_ = mark_of(rule_, step);
            auto const go = std::visit([&](auto const& action) { return carry_out(action); }, step.action);
            if (go != Go::on) return go;
        }
        return Go::on;
    }

    /// What waits is over when the customer came back to it, or when its time has come.
    bool wait_is_over() {
        auto& open = turn_.conversation.open;
        if (open.waiting.empty()) return true;
        bool const in_time = open.wait_until != Timestamp{} && turn_.now >= open.wait_until;
        if (cause_ != Cause::again && !in_time) return false;
        open.facts["waited"] = std::string{cause_ == Cause::again ? "customer" : "time"};
        open.done[open.waiting] = 2;
        open.waiting.clear();
        if (open.wait_until != Timestamp{}) turn_.effects.emplace_back(CancelTimer{"playbook"});
        open.wait_until = {};
        return true;
    }

    /// True the first time.
    bool once_only() { return turn_.conversation.open.done[mark_]++ == 0; }

    Go stop(Walk end) {
        end_ = end;
        return Go::stop;
    }

    SendPurpose purpose() const { return cause_ == Cause::time ? SendPurpose::holding : SendPurpose::answer; }

    bool is_known(Ask const& ask) const {
        auto const& open = turn_.conversation.open;
        if (ask.slot == "order") return !open.order.empty();
        if (ask.slot == "phone") return !open.phone.empty();
        if (ask.slot == "photos") return open.photos.size() >= static_cast<std::size_t>(ask.count);
        return open.facts.contains(ask.slot);
    }

    Go carry_out(Ask const& ask) {
        auto& open = turn_.conversation.open;
        if (is_known(ask)) return Go::on;
        if (ask.slot == "order" && turn_.channel.orders.available && turn_.channel.orders.by_customer) {
            Walk end = Walk::finished;  // nobody is asked for what their account tells
            if (!order_is_looked_up(turn_, about_, {}, end)) return stop(end);
            if (is_known(ask)) return Go::on;
        }
        auto& asked = open.done[ask_mark(rule_, ask)];
        bool const in_vain = asked >= static_cast<std::uint32_t>(ask.tries);
        if (in_vain && ask.otherwise == Otherwise::skip) return Go::on;
        if (in_vain && ask.otherwise == Otherwise::close) return close("no answer to a question");
        if (in_vain && answered_) return stop(Walk::asked);
        if (in_vain) {
            turn_.because("asked in vain: " + ask.slot);
            call_person(turn_, failed(&rule_), about_);
            return stop(Walk::called);
        }
        bool const first = asked++ == 0;
        turn_.because("rule " + rule_.scenario + ' ' + rule_.topic + ": asks for " + ask.slot + (first ? "" : " again"));
        Arguments arguments;
        if (ask.slot == "photos") arguments.emplace("photos", static_cast<double>(ask.count) - static_cast<double>(open.photos.size()));
        say(turn_, first || ask.again.empty() ? ask.say : ask.again, first ? purpose() : SendPurpose::reask, std::move(arguments));
        await_answer(turn_, ask.slot);
        return stop(Walk::asked);
    }

    Go carry_out(Say const& line) {
        if (!once_only()) return Go::on;
        turn_.because("rule " + rule_.scenario + ' ' + rule_.topic);
        say(turn_, line.template_id, purpose());
        return Go::on;
    }

    Go carry_out(LookUp const& step) {
        bool const pending = turn_.conversation.open.order_state.lookup == "pending";
        if (step.anew && !pending && turn_.conversation.open.done[mark_] > 0) return Go::on;
        Walk end = Walk::finished;
        if (!order_is_looked_up(turn_, about_, step, end)) {
            if (step.anew && end == Walk::pending) turn_.conversation.open.done[mark_] = 1;
            return stop(end);
        }
        return Go::on;
    }

    Go carry_out(CallPerson const& person) {
        auto tier = person.tier.empty() ? rule_.tier : person.tier;
        if (person.reason == "money_above_authority" && person.tier.empty()) tier = tier_for_the_money();
        call_person(turn_, {person.reason, std::move(tier), rule_.topic, person.say, person.urgent || rule_.urgent}, about_);
        return stop(Walk::called);
    }

    /// The lowest tier that may decide about what is claimed, or else about the order's amount.
    std::string tier_for_the_money() const {
        auto const claim = number_of(turn_, about_, "claim");
        auto const amount = claim ? claim : number_of(turn_, about_, "amount");
        auto const& above = turn_.policy().above(rule_.tier);
        return amount ? turn_.policy().tier_for(above.name, *amount, claim ? turn_.policy().currency : order_currency(turn_), !claim).name : above.name;
    }

    Go carry_out(Wait const& wait) {
        auto& open = turn_.conversation.open;
        auto& state = open.done[mark_];
        if (state == 2) return Go::on;
        state = 1;
        open.facts.erase("waited");
        open.waiting = mark_;
        open.wait_until = {};
        if (wait.at_most.count() > 0) {
            open.wait_until = waking(turn_, turn_.now + wait.at_most);
            turn_.effects.emplace_back(SetTimer{"playbook", open.wait_until});
        } else if (!wait.customer) {
            state = 2;
            return Go::on;
        }
        return stop(Walk::waits);
    }

    Go carry_out(Offer const&) {
        bool const unanswered = turn_.conversation.open.asking == offer_slot && cause_ == Cause::message && !answered_;
        if (!offer_is_out(turn_)) return Go::on;
        if (!unanswered || offered_again(turn_)) return stop(Walk::asked);
        turn_.because("an offer answered in vain");
        call_person(turn_, failed(&rule_), about_);
        return stop(Walk::called);
    }

    Go carry_out(Grant const& grant) {
        auto& open = turn_.conversation.open;
        if (open.done[mark_] > 0 || !granted(turn_, about_, grant, rule_)) return Go::on;
        open.done[mark_] = 1;
        say(turn_, grant.say, purpose());
        return Go::on;
    }

    Go carry_out(Set const& set) {
        for (auto const& [name, value] : set.facts) turn_.conversation.open.facts[name] = value;
        return Go::on;
    }

    Go carry_out(Forget const& forget) {
        for (auto const& slot : forget.slots) {
            turn_.conversation.open.facts.erase(slot);
            for (auto const& step : playbook_.steps)
                if (auto const* ask = std::get_if<Ask>(&step.action); ask && ask->slot == slot) turn_.conversation.open.done.erase(ask_mark(rule_, *ask));
        }
        return Go::anew;
    }

    Go carry_out(Record const& record) {
        if (!once_only()) return Go::on;
        auto const item = fact(turn_, about_, "item");
        auto const* name = item ? std::get_if<std::string>(&*item) : nullptr;
        turn_.effects.emplace_back(Audit{"record", "bot", record.report + (name ? ": " + *name : std::string{})});
        return Go::on;
    }

    Go carry_out(Tell const& tell) {
        if (once_only()) turn_.effects.emplace_back(TellAgents{tell.what});
        return Go::on;
    }

    Go carry_out(Close const& step) { return close(step.why); }

    Go close(std::string why) {
        close_conversation(turn_, std::move(why));
        return stop(Walk::closed);
    }

    Turn& turn_;
    Rule const& rule_;
    Playbook const& playbook_;
    Reading const& about_;
    Cause cause_;
    bool answered_;
    std::string mark_;
    Walk end_ = Walk::finished;
};

}  // namespace

std::string mark_of(Rule const& rule, Step const& step) { return rule.playbook + '/' + step.id; }

Timestamp waking(Turn const& turn, Timestamp due) { return next_opening(turn.policy().waking, due); }

void refuse(Turn& turn, Playbook const& playbook, std::string const& slot) {
    auto& open = turn.conversation.open;
    auto const* rule = turn.policy().rule(open.topic);
    if (!rule) return;
    for (auto const& step : playbook.steps)
        if (auto const* ask = std::get_if<Ask>(&step.action); ask && ask->slot == slot) open.done[ask_mark(*rule, *ask)] = given_up;
    open.asking.clear();
    turn.because("the customer will not answer: " + slot);
}

Walk walk(Turn& turn, Rule const& rule, Reading const& about, Cause cause, bool answered) {
    auto const playbook = turn.catalog.playbooks.find(rule.playbook);
    if (playbook == turn.catalog.playbooks.end()) return Walk::finished;
    turn.conversation.open.walked_at = turn.now;
    turn.conversation.open.order_state.unread = false;
    if (rule.mode == AnswerMode::off) {
        leave_to_people(turn, rule, about);
        return Walk::called;
    }
    turn.concerns(rule);
    hear_unasked(turn, playbook->second, about);
    return Walker{turn, rule, playbook->second, about, cause, answered}.run();
}

}  // namespace kefu
