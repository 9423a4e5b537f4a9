// SPDX-License-Identifier: Apache-2.0
// What must hold whatever happens in whatever order.
#include "replies/json.hpp"
#include "small_shop.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <set>

namespace kefu::small_shop {

namespace {

constexpr std::array<char const*, 3> agents{"Eva", "Iva", "Jan"};

/// The small shop where some answers wait for approval and one topic is people's.
Catalog const& careful_shop() {
    static Catalog const one = [] {
        auto files = sources();
        for (auto const* changed :
             {"topic: stock, mode: draft", "topic: where_is_order, mode: draft", "topic: minor_flaw, mode: draft", "topic: invoice, mode: off"}) {
            std::string const with_mode = changed;
            auto const plain = with_mode.substr(0, with_mode.find(','));
            files.policy.text.replace(files.policy.text.find(plain), plain.size(), with_mode);
        }
        return catalog_with(files);
    }();
    return one;
}

/// One conversation, its outbox and its timers, with everything going wrong that may.
class World {
  public:
    explicit World(std::uint32_t seed) : shop_(seed % 3 == 0 ? careful_shop() : catalog()), random_(seed) {
        conversation_.id = ConversationId{"web/" + std::to_string(seed)};
        channel_.quiet_window = std::chrono::milliseconds{chance(0.5) ? 0 : 2000};
        channel_.fetch_profile = chance(0.5);
        channel_.answer_unaddressed = chance(0.5);
        drafts_ = chance(0.3);
        channel_.names_agents = chance(0.7);
    }

    void step() {
        now_ += std::chrono::milliseconds{number(1, 100) * number(1, 3000)};
        if (chance(0.02)) now_ += std::chrono::hours{number(1, 60)};
        if (chance(0.02)) channel_.mode = static_cast<ChannelPolicy::Mode>(number(0, 2));
        if (chance(0.02)) channel_.orders = {chance(0.7), chance(0.5), chance(0.5)};
        if (chance(0.1)) channel_.mode = drafts_ ? ChannelPolicy::Mode::draft : ChannelPolicy::Mode::auto_;
        if (chance(0.1)) come_or_go();
        switch (number(0, 9)) {
            case 0:
            case 1:
            case 2:
            case 3:
                return handle(message());
            case 4:
                return chance(0.4) ? fire_timer() : chance(0.5) ? finish_lookup() : finish_assign();
            case 5:
            case 6:
            case 7:
                return finish_send();
            case 8:
                return handle(rare());
            default:
                return handle(agent());
        }
    }

    /// Nobody writes any more: everything that was begun comes to an end by itself.
    void ends() {
        constexpr int enough = 500;
        for (int i = 0; i < enough; ++i) {
            if (testing::Test::HasFatalFailure()) return;
            if (!outbox_.empty())
                finish_send();
            else if (!lookups_.empty())
                finish_lookup();
            else if (!assigns_.empty())
                finish_assign();
            else if (!timers_.empty())
                fire_timer();
            else
                return;
        }
        FAIL() << "it goes on for ever: " << timers_.begin()->first;
    }

  private:
    struct Pending {
        Send send;
        bool in_flight = false;
    };

    void handle(Event const& event) {
        auto const before = conversation_;
        auto const decision = respond(shop_, channel_, conversation_, event, now_);
        auto const again = respond(shop_, channel_, conversation_, event, now_);
        ASSERT_EQ(decision.conversation, again.conversation);
        ASSERT_EQ(decision.effects, again.effects);
        conversation_ = decision.conversation;
        ASSERT_EQ(conversation_from_json(to_json(conversation_)).value(), conversation_);
        check(before, decision, event);
        if (testing::Test::HasFatalFailure()) return;

        std::vector<EffectId> cancelled;
        for (auto const& effect : decision.effects) {
            if (auto const* timer = std::get_if<SetTimer>(&effect)) timers_[timer->name] = timer->due;
            if (auto const* lookup = std::get_if<LookUpOrder>(&effect)) lookups_.push_back(lookup->order);
            if (auto const* assign = std::get_if<Assign>(&effect)) assigns_.push_back(*assign);
            if (auto const* given = std::get_if<Concede>(&effect)) spend(*given);
            if (auto const* timer = std::get_if<CancelTimer>(&effect)) timers_.erase(timer->name);
            if (std::holds_alternative<CancelSends>(effect))
                std::erase_if(outbox_, [&](Pending const& pending) {
                    bool const taken = pending.send.by == "bot" && !pending.in_flight;
                    if (taken) cancelled.push_back(pending.send.id);
                    return taken;
                });
        }
        for (auto const& effect : decision.effects)
            if (auto const* send = std::get_if<Send>(&effect)) {
                outbox_.push_back({*send, false});
                if (send->by == "bot" || std::holds_alternative<AgentActed>(event)) answers_[send->id] = ids(conversation_.answering);
            }
        for (auto const& id : cancelled) {
            answers_.erase(id);
            handle(SendFinished{id, SendOutcome::cancelled, "taken back"});
        }
    }

    static std::set<std::string> ids(std::vector<Unanswered> const& messages) {
        std::set<std::string> all;
        for (auto const& message : messages) all.insert(message.id.value);
        return all;
    }

    void check(Conversation const& before, Decision const& decision, Event const& event) {
        auto const& after = decision.conversation;
        auto const name = std::string{event_name(event)};
        int sends = 0;
        bool released = false;
        for (auto const& effect : decision.effects) {
            ASSERT_FALSE(std::holds_alternative<Reply>(effect)) << name;
            if (auto const* audit = std::get_if<Audit>(&effect)) released = released || audit->action == "owner";
            auto const* send = std::get_if<Send>(&effect);
            if (!send) continue;
            ++sends;
            ASSERT_TRUE(effect_ids_.insert(send->id.value).second) << "used twice: " << send->id.value;
            ASSERT_FALSE(send->messages.empty()) << name;
            for (auto const& message : send->messages) ASSERT_NE(message.text, "") << name;
            ASSERT_EQ(send->knows_message, after.received);
            if (auto const* act = std::get_if<AgentActed>(&event); act && act->action == AgentAction::approve) {
                ASSERT_EQ(before.draft->id, send->id) << "approved what was not there";
            }
            if (send->by != "bot") continue;
            ASSERT_NE(after.owner, Owner::person) << name << ": the bot speaks while a person has it";
            ASSERT_TRUE(before.owner != Owner::person) << name;
            bool const customer_came = name == "message_received" || name == "button_pressed" || name == "followed";  // that opens it again
            ASSERT_TRUE(before.owner != Owner::closed || customer_came) << name;
            ASSERT_TRUE(after.reachable && !after.standby && channel_.mode == ChannelPolicy::Mode::auto_) << name;
        }
        ASSERT_LE(sends, 1) << name;
        ASSERT_TRUE(before.owner == after.owner || released) << name << ": an owner changed without a line in the audit log";
        // Nobody is forgotten: what waits has a timer, a send on its way, or people.
        auto const has_timer = [&](std::string const& timer) {
            return timers_.contains(timer) || std::any_of(decision.effects.begin(), decision.effects.end(), [&](auto const& effect) {
                       auto const* set = std::get_if<SetTimer>(&effect);
                       return set && set->name == timer;
                   });
        };
        bool const must_answer = after.owner == Owner::bot && !after.unanswered.empty();
        ASSERT_TRUE(!must_answer || has_timer("quiet")) << name;
        bool const must_watch = after.owner == Owner::waiting && after.reachable && after.deadlines_missed <= 3;
        ASSERT_TRUE(!must_watch || has_timer("answer_by")) << name;
        bool const must_remind = after.owner == Owner::bot && (!after.open.asking.empty() || after.open.wait_until != Timestamp{});
        ASSERT_TRUE(!must_remind || has_timer("playbook")) << name << ": asks for " << after.open.asking;
        bool const must_look_up = after.owner == Owner::bot && after.open.order_state.lookup == "pending";
        ASSERT_TRUE(!must_look_up || has_timer("lookup")) << name;
        bool const must_go_on = after.owner == Owner::bot && after.open.order_state.unread;
        ASSERT_TRUE(!must_go_on || !after.answering_with.empty() || has_timer("quiet")) << name << ": nobody goes on with the look-up";
        ASSERT_TRUE(after.owner == Owner::bot || after.unanswered.empty()) << name;
        ASSERT_LE(after.said.size(), 32u);
        ASSERT_LE(after.conceded.size(), 32u);
        ASSERT_TRUE(after.owner != Owner::person || !after.agent.empty()) << name;
        ASSERT_TRUE(after.agent.empty() || after.owner == Owner::person || after.owner == Owner::waiting) << name;
        bool const must_react = after.owner == Owner::waiting && !after.agent.empty();
        ASSERT_TRUE(!must_react || has_timer("acknowledge")) << name << ": it is the turn of " << after.agent << " for ever";
        ASSERT_TRUE(after.assignment.tier.empty() || after.owner == Owner::waiting) << name << ": somebody is looked for where nobody waits";
        ASSERT_LE(after.assignment.passed.size(), agents.size()) << name;
        bool const by_time = name == "timer_fired" || name == "assigned" || name == "agent_came" || name == "agent_assigned";
        bool const promised = by_time && before.owner == Owner::waiting && after.owner == Owner::waiting && before.answer_by > now_;
        ASSERT_TRUE(!promised || after.answer_by == before.answer_by) << name << ": a promise was moved";
        ASSERT_TRUE(!after.draft || after.answering_with == after.draft->id) << name << ": a draft is forgotten";
        ASSERT_TRUE(after.owner != Owner::bot || !after.draft) << name << ": a draft nobody is asked about";
        ASSERT_TRUE(after.owner != Owner::waiting || after.owner_reason != "draft" || after.draft) << name << ": an approval of nothing";
    }

    /// Of all that is given, by whomever: the bot gives up to 10 USD for one case and 15 USD in a day, people up to 20 and 30.
    void spend(Concede const& given) {
        ASSERT_EQ(given.currency, "USD");
        bool const by_bot = given.by == "bot";
        in_case_[conversation_.open.number] += given.amount;
        std::erase_if(in_day_, [&](auto const& earlier) { return now_ - earlier.first >= std::chrono::hours{24}; });
        in_day_.emplace_back(now_, given.amount);
        double day = 0;
        for (auto const& [at, amount] : in_day_) day += amount;
        if (given.amount <= 0) return;
        ASSERT_LE(in_case_[conversation_.open.number], by_bot ? 10 : 20) << "more than " << given.by << " may give";
        ASSERT_LE(day, by_bot ? 15 : 30) << "more than " << given.by << " may give in a day";
    }

    void come_or_go() {
        auto const agent = somebody();
        if (online_.erase(agent) > 0) return;
        online_.insert(agent);
        handle(AgentCame{agent});
    }

    /// Whoever is online, or nobody.
    void finish_assign() {
        if (assigns_.empty()) return;
        auto const wanted = assigns_.front();
        assigns_.erase(assigns_.begin());
        std::string chosen;
        for (auto const& agent : online_)
            if (std::find(wanted.except.begin(), wanted.except.end(), agent) == wanted.except.end()) chosen = agent;
        handle(Assigned{wanted.tier, chosen});
    }

    std::string somebody() { return agents[number(0, agents.size() - 1)]; }

    void finish_lookup() {
        if (lookups_.empty()) return;
        OrderLookedUp found;
        found.order = lookups_.front();
        lookups_.erase(lookups_.begin());
        found.outcome = static_cast<LookupOutcome>(number(0, 2));
        found.found = found.order.empty() ? "1003" : found.order;
        found.linked = chance(0.5);
        if (chance(0.8)) found.proofs = {"789"};
        if (found.outcome == LookupOutcome::found) found.facts = {{"status", "shipped"}, {"courier", "GLS"}, {"amount", 25.0}, {"currency", "USD"}};
        handle(found);
    }

    Message plain_message() {
        Message message;
        message.id = MessageId{"m" + std::to_string(++messages_)};
        message.sender = "customer";
        message.text = chance(0.05) ? "it ends in 789" : chance(0.9) ? "words" : chance(0.5) ? "👍" : "??";
        message.sent_at = now_;
        message.addressed = chance(0.95);
        message.standby = chance(0.02);
        if (chance(0.7)) message.reply_handle = "h" + std::to_string(messages_);
        if (chance(0.15))
            for (auto n = number(1, 3); n > 0; --n) message.attachments.push_back({static_cast<ContentKind>(number(0, 7)), "id", {}, {}});
        return message;
    }

    Event message() {
        static std::vector<std::string> const topics{
            "greeting",       "thanks",        "no_reply",       "yes",           "no",           "bot_question", "withdraw", "resolved",
            "where_is_order", "delivery_late", "refund_request", "refund_policy", "compensation", "cancel_order", "damaged",  "wrong_item",
            "grumble",        "invoice",       "stock",          "privacy",       "minor_flaw"};
        auto const pick = [&] { return topics[number(0, topics.size() - 1)]; };
        auto what = chance(0.2) ? meaning({}) : chance(0.2) ? meaning({pick(), pick()}) : meaning({pick()});
        if (chance(0.05)) what = meaning({"human"});
        if (chance(0.02)) what = meaning({"safety"});
        if (chance(0.1)) what = angry(what, static_cast<double>(number(50, 99)) / 100);
        if (chance(0.03)) what = angry(what, 0.7, {static_cast<AngerKind>(number(4, 8))});
        if (chance(0.2)) what = with_order(what, std::to_string(number(1000, 1005)));
        if (chance(0.1)) what.language = chance(0.5) ? "cs" : "und";
        if (chance(0.01)) what.language = "th";
        return MessageReceived{plain_message(), what, chance(0.02)};
    }

    Event rare() {
        switch (number(0, 7)) {
            case 0:
                return MessageUnsent{MessageId{"m" + std::to_string(messages_ - std::min<std::uint64_t>(messages_, number(0, 3)))}};
            case 1:
                return ButtonPressed{"data", plain_message()};
            case 2:
                return Followed{chance(0.5), plain_message()};
            case 3:
                return chance(0.3) ? Event{Unreachable{"blocked"}} : Event{Noted{"joined"}};
            case 4:
                return TimerFired{chance(0.3)   ? "quiet"
                                  : chance(0.3) ? "acknowledge"
                                  : chance(0.4) ? "answer_by"
                                  : chance(0.4) ? "playbook"
                                  : chance(0.5) ? "lookup"
                                                : "tea"};
            case 5:
                return ProfileLearned{"Jana", chance(0.5) ? "cs" : ""};
            case 6:
                return MediaStored{MessageId{"m1"}, "", "", "404"};
            default:
                return SendFinished{EffectId{"nobody#1"}, static_cast<SendOutcome>(number(0, 3)), "?"};
        }
    }

    Event agent() {
        if (chance(0.5)) return message();
        if (chance(0.2)) return AgentAssigned{somebody(), somebody(), "why"};
        if (chance(0.2)) return AgentConceded{somebody(), "aftersale", "coupon", static_cast<double>(number(0, 12)), "USD", "why", 20.0, 30.0, "supervisor"};
        if (chance(0.1)) return AgentTagged{somebody(), {"vip"}, {"new"}};
        return AgentActed{static_cast<AgentAction>(number(0, 6)), somebody(),
                          chance(0.5)   ? "We ship it today."
                          : chance(0.5) ? "Good morning."
                                        : "",
                          chance(0.5)};
    }

    void fire_timer() {
        auto const next = std::min_element(timers_.begin(), timers_.end(), [](auto const& a, auto const& b) { return a.second < b.second; });
        if (next == timers_.end()) return;
        now_ = std::max(now_, next->second);
        auto const name = next->first;
        timers_.erase(next);
        handle(TimerFired{name});
    }

    /// The dispatcher: puts the first send in flight, or finishes the one in flight.
    void finish_send() {
        if (outbox_.empty()) return;
        auto& first = outbox_.front();
        if (!first.in_flight) {
            bool const may_go =
                first.send.by != "bot" || (conversation_.owner != Owner::person && first.send.knows_message == conversation_.received && !chance(0.02));
            if (may_go) {
                first.in_flight = true;
                return;
            }
            auto const id = first.send.id;
            outbox_.erase(outbox_.begin());
            answers_.erase(id);
            return handle(SendFinished{id, SendOutcome::cancelled, "not current any more"});
        }
        auto const send = first.send;
        outbox_.erase(outbox_.begin());
        auto const outcome = chance(0.9) ? SendOutcome::delivered : chance(0.5) ? SendOutcome::refused : SendOutcome::unknown;
        if (outcome != SendOutcome::refused)
            for (auto const& id : answers_[send.id]) {
                ASSERT_TRUE(answered_.insert(id).second) << "answered twice: " << id << " by " << send.id.value;
            }
        handle(SendFinished{send.id, outcome, "x"});
    }

    std::uint64_t number(std::uint64_t least, std::uint64_t most) { return std::uniform_int_distribution<std::uint64_t>{least, most}(random_); }
    bool chance(double probability) { return std::bernoulli_distribution{probability}(random_); }

    Catalog const& shop_;
    std::mt19937 random_;
    Conversation conversation_;
    ChannelPolicy channel_;
    Timestamp now_ = tuesday_10;
    std::map<std::string, Timestamp> timers_;
    std::vector<Pending> outbox_;
    std::map<EffectId, std::set<std::string>> answers_;
    std::set<std::string> answered_;
    std::set<std::string> effect_ids_;
    std::vector<std::string> lookups_;
    std::map<std::uint64_t, double> in_case_;
    std::vector<std::pair<Timestamp, double>> in_day_;
    std::uint64_t messages_ = 0;
    bool drafts_ = false;
    std::vector<Assign> assigns_;
    std::set<std::string> online_;
};

TEST(Decide, keeps_its_promises_whatever_happens) {
    for (std::uint32_t seed = 1; seed <= 350; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        World world{seed};
        for (int step = 0; step < 300; ++step) {
            SCOPED_TRACE("step " + std::to_string(step));
            world.step();
            if (testing::Test::HasFatalFailure()) return;
        }
        world.ends();
        if (testing::Test::HasFatalFailure()) return;
    }
}

}  // namespace

}  // namespace kefu::small_shop
