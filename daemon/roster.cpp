// SPDX-License-Identifier: Apache-2.0
#include "daemon/roster.hpp"

#include <algorithm>
#include <tuple>

namespace kefu {

namespace {

bool among(std::vector<std::string> const& names, std::string_view name) { return std::find(names.begin(), names.end(), name) != names.end(); }

bool covers(std::string_view spoken, std::string_view wanted) {
    return wanted.starts_with(spoken) && (wanted.size() == spoken.size() || wanted[spoken.size()] == '-');
}

}  // namespace

bool fits(AgentSettings const& agent, std::string_view tier, std::string_view language) {
    if (!agent.tiers.empty() && !among(agent.tiers, tier)) return false;
    auto const& spoken = agent.languages;
    return language.empty() || spoken.empty() || std::any_of(spoken.begin(), spoken.end(), [&](auto const& one) { return covers(one, language); });
}

AgentSettings agent_called(std::vector<AgentSettings> const& agents, std::string_view name) {
    auto const found = std::find_if(agents.begin(), agents.end(), [&](auto const& agent) { return agent.name == name; });
    if (found != agents.end()) return *found;
    AgentSettings anybody;
    anybody.name = name;
    return anybody;
}

std::string choose(std::vector<Present> const& there, Assign const& wanted) {
    Present const* best = nullptr;
    for (auto const& one : there) {
        bool const may = fits(one.agent, wanted.tier, wanted.language) && !among(wanted.except, one.agent.name);
        if (!may || one.load >= static_cast<std::size_t>(one.agent.capacity)) continue;
        if (!best || std::tie(one.load, one.last_given) < std::tie(best->load, best->last_given)) best = &one;
    }
    return best ? best->agent.name : std::string{};
}

bool Roster::comes(std::string const& agent, Timestamp now, Timestamp until, bool is_guest) {
    std::lock_guard const lock{mutex_};
    auto& entry = entries_[agent];
    bool const was_away = entry.online_until <= now;
    entry.online_until = until;
    entry.is_guest = is_guest;
    return was_away;
}

void Roster::leaves(std::string const& agent) {
    std::lock_guard const lock{mutex_};
    entries_[agent].online_until = {};
}

void Roster::seen(std::string const& agent, Timestamp now, Timestamp until) {
    std::lock_guard const lock{mutex_};
    auto const found = entries_.find(agent);
    if (found != entries_.end() && found->second.online_until > now) found->second.online_until = until;
}

bool Roster::is_online(std::string const& agent, Timestamp now) const {
    std::lock_guard const lock{mutex_};
    auto const found = entries_.find(agent);
    return found != entries_.end() && found->second.online_until > now;
}

void Roster::given(std::string const& agent, Timestamp now) {
    std::lock_guard const lock{mutex_};
    entries_[agent].last_given = now;
}

std::vector<Present> Roster::there(std::vector<AgentSettings> const& agents, AgentLoads const& loads, Timestamp now) const {
    std::lock_guard const lock{mutex_};
    std::vector<Present> there;
    for (auto const& agent : agents) {
        auto const found = entries_.find(agent.name);
        if (found == entries_.end() || found->second.online_until <= now) continue;
        auto const load = loads.find(agent.name);
        there.push_back({agent, load == loads.end() ? 0 : load->second, found->second.last_given});
    }
    for (auto const& [name, entry] : entries_) {
        bool const is_agent = std::any_of(agents.begin(), agents.end(), [&name = name](auto const& agent) { return agent.name == name; });
        if (is_agent || !entry.is_guest || entry.online_until <= now) continue;
        auto const load = loads.find(name);
        there.push_back({agent_called(agents, name), load == loads.end() ? 0 : load->second, entry.last_given});
    }
    return there;
}

}  // namespace kefu
