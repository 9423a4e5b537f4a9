// SPDX-License-Identifier: Apache-2.0
#include "replies/authority.hpp"
#include "replies/turn.hpp"

#include <algorithm>
#include <cstdio>

/// What people give customers, and what they note of them.
namespace kefu {

namespace {

constexpr std::size_t most_tags = 32;
constexpr double rounding = 1e-6;  // sums of hundredths are not exact

/// "120", "99.5"
std::string number_text(double amount) {
    char text[32];
    std::snprintf(text, sizeof text, "%.2f", amount);
    std::string number{text};
    while (number.ends_with('0')) number.pop_back();
    if (number.ends_with('.')) number.pop_back();
    return number;
}

std::vector<std::string> tags_after(std::vector<std::string> tags, AgentTagged const& tagged) {
    std::erase_if(tags, [&](auto const& tag) { return std::find(tagged.remove.begin(), tagged.remove.end(), tag) != tagged.remove.end(); });
    tags.insert(tags.end(), tagged.add.begin(), tagged.add.end());
    std::sort(tags.begin(), tags.end());
    tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
    return tags;
}

}  // namespace

std::optional<std::string> objection(Conversation const& conversation, AgentConceded const& given, Timestamp now) {
    if (conversation.conceded.size() >= most_concessions) return "this customer was given something " + std::to_string(most_concessions) + " times already";
    auto const left = left_to_give(conversation, given.currency, given.per_order, given.per_day, now);
    if (!left || given.amount <= *left + rounding) return std::nullopt;
    auto const amount = [&](double value) { return number_text(value) + ' ' + given.currency; };
    auto const who = given.above.empty() || given.above == given.tier ? "nobody decides about more" : given.above + " may decide about " + amount(given.amount);
    return given.tier + " may give " + amount(*left) + " more here; " + who;
}

void on_event(Turn& turn, AgentConceded const& event) {
    auto& conversation = turn.conversation;
    if (auto const why = objection(conversation, event, turn.now)) return turn.because(*why);
    conversation.conceded.push_back({turn.now, conversation.open.number, conversation.open.order, event.kind, event.amount, event.currency, event.agent});
    turn.effects.emplace_back(Concede{event.kind, event.amount, event.currency, event.why, event.agent});
}

std::optional<std::string> objection(Conversation const& conversation, AgentTagged const& tagged) {
    if (tags_after(conversation.tags, tagged).size() <= most_tags) return std::nullopt;
    return "a customer has at most " + std::to_string(most_tags) + " tags";
}

void on_event(Turn& turn, AgentTagged const& event) {
    auto& conversation = turn.conversation;
    if (auto const why = objection(conversation, event)) return turn.because(*why);
    auto tags = tags_after(conversation.tags, event);
    if (tags == conversation.tags) return turn.because("the tags are as they were");
    conversation.tags = std::move(tags);
    std::string change;
    for (auto const& tag : event.add) change += " +" + tag;
    for (auto const& tag : event.remove) change += " -" + tag;
    turn.effects.emplace_back(Audit{"tags", event.agent, change.substr(1)});
}

}  // namespace kefu
