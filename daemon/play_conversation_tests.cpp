// SPDX-License-Identifier: Apache-2.0
#include "daemon/conversation_tests.hpp"

#include <algorithm>
#include <cstdio>

namespace kefu {

namespace {

using namespace std::chrono_literals;

std::string joined(std::vector<std::string> const& words) {
    if (words.empty()) return "silence";
    std::string text;
    for (auto const& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

std::string shown(Argument const& value) {
    if (auto const* text = std::get_if<std::string>(&value)) return *text;
    if (auto const* moment = std::get_if<Timestamp>(&value)) return to_rfc3339(*moment);
    char number[32];
    std::snprintf(number, sizeof number, "%g", std::get<double>(value));
    return number;
}

std::string fact_of(Conversation const& conversation, std::string const& name) {
    auto const& open = conversation.open;
    if (name == "topic") return open.topic;
    if (name == "order") return open.order;
    if (name == "asking") return open.asking;
    if (name == "lookup") return open.order_state.lookup;
    if (name == "photos") return std::to_string(open.photos.size());
    if (auto const slot = open.facts.find(name); slot != open.facts.end()) return shown(slot->second);
    if (auto const field = open.order_state.facts.find(name); field != open.order_state.facts.end()) return shown(field->second);
    return {};
}

class Judge {
  public:
    Judge(ConversationTest const& test, TestTurn const& turn, Simulation::Outcome const& outcome, Conversation const& conversation, std::vector<Error>& found)
        : test_(test), turn_(turn), outcome_(outcome), conversation_(conversation), found_(found) {}

    void judge() {
        auto const& expected = turn_.expected;
        std::vector<std::string> templates;
        std::string text;
        for (auto const& send : outcome_.sends) {
            for (auto const& id : send.templates)
                if (id != "disclosure") templates.push_back(id);
            for (auto const& message : send.messages) text += message.text + '\n';
            if (!test_.locale.empty() && send.language != test_.locale) differs("the reply's language", test_.locale, send.language);
        }
        if (expected.replies && *expected.replies != templates) differs("replies", joined(*expected.replies), joined(templates) + because());
        for (auto const& words : expected.says)
            if (text.find(words) == std::string::npos) differs("the reply", "\"" + words + "\" in it", text.empty() ? "silence" : text);
        for (auto const& words : expected.never)
            if (text.find(words) != std::string::npos) differs("the reply", "never \"" + words + "\"", text);
        if (expected.labels) {
            std::vector<std::string> labels;
            for (auto const label : outcome_.meaning.labels) labels.emplace_back(to_string(label));
            auto wanted = *expected.labels;
            std::sort(wanted.begin(), wanted.end());
            std::sort(labels.begin(), labels.end());
            if (wanted != labels) differs("labels", wanted.empty() ? "none" : joined(wanted), labels.empty() ? "none" : joined(labels));
        }
        auto const raised = outcome_.escalations.empty() ? std::string{"false"} : outcome_.escalations.front().reason;
        if (expected.escalates && *expected.escalates != raised) differs("escalates", *expected.escalates, raised + because());
        if (expected.tier) {
            auto const tier = outcome_.escalations.empty() ? std::string{"none"} : outcome_.escalations.front().tier;
            if (tier != *expected.tier) differs("tier", *expected.tier, tier);
        }
        std::string const owner{to_string(conversation_.owner)};
        if (expected.owner && *expected.owner != owner) differs("owner", *expected.owner, owner);
        for (auto const& [name, value] : expected.facts)
            if (auto const is = fact_of(conversation_, name); is != value) differs("case " + name, value, is.empty() ? "nothing" : is);
    }

  private:
    std::string because() const { return outcome_.why.empty() ? std::string{} : " (" + joined(outcome_.why) + ")"; }

    void differs(std::string const& what, std::string const& expected, std::string const& found) {
        found_.push_back({Errc::bad_config, what + ": expected " + expected + "; found " + found, turn_.where});
    }

    ConversationTest const& test_;
    TestTurn const& turn_;
    Simulation::Outcome const& outcome_;
    Conversation const& conversation_;
    std::vector<Error>& found_;
};

}  // namespace

std::vector<Error> play(ConversationTest const& test, SnapshotPtr const& snapshot) {
    std::vector<Error> found;
    Simulation simulation{snapshot, ChannelId{test.channel}, test.start, test.orders};
    if (!test.locale.empty()) simulation.set_default_locale(test.locale);
    // What timers say before the next turn belongs to this one, as long as it comes within a minute: the quiet window.
    for (std::size_t i = 0; i < test.turns.size(); ++i) {
        auto const& turn = test.turns[i];
        simulation.run_until(simulation.now() + (i == 0 ? 0ms : turn.after));
        if (auto const* says = std::get_if<CustomerSays>(&turn.what)) simulation.customer_says(says->text, says->attachments);
        if (auto const* person = std::get_if<PersonDoes>(&turn.what)) person->joins ? simulation.person_joins("person") : simulation.person_leaves("person");
        auto const next = i + 1 < test.turns.size() ? test.turns[i + 1].after : 60'000ms;
        if (!std::holds_alternative<TimePasses>(turn.what)) simulation.run_until(simulation.now() + std::min<std::chrono::milliseconds>(30s, next / 2));
        auto const outcome = simulation.take();
        Judge{test, turn, outcome, simulation.conversation(), found}.judge();
    }
    return found;
}

}  // namespace kefu
