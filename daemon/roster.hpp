// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/timestamp.hpp"
#include "config/settings.hpp"
#include "daemon/store/store.hpp"
#include "replies/effect.hpp"

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace kefu {

/// One of those who are there, and how much they have to do.
struct Present {
    AgentSettings agent;
    std::size_t load = 0;    ///< conversations they have, or whose turn it is in
    Timestamp last_given{};  ///< the epoch: not since the start
};

/// May that person be given a case of that tier in that language? An agent's `zh` covers `zh-Hant`; an unknown language is everybody's.
bool fits(AgentSettings const& agent, std::string_view tier, std::string_view language);

/// The agent of that name; a person of the console who is none of kefud.yaml has the settings' defaults.
AgentSettings agent_called(std::vector<AgentSettings> const& agents, std::string_view name);

/// Whose turn it is: who fits, is not excepted and has room; the least loaded first, then who was given nothing for longest. Empty: nobody.
std::string choose(std::vector<Present> const& there, Assign const& wanted);

/// Who of the agents is there. In memory: after a restart everybody is away until they come again, and what they were given goes on to others when they do not
/// react. From any thread.
class Roster {
  public:
    /// Online until `until`, or longer by seen(). True: was away before. `is_guest`: a person of the console who is no agent of kefud.yaml.
    bool comes(std::string const& agent, Timestamp now, Timestamp until, bool is_guest = false);
    void leaves(std::string const& agent);
    /// Called the API: who is online stays so until `until`.
    void seen(std::string const& agent, Timestamp now, Timestamp until);
    bool is_online(std::string const& agent, Timestamp now) const;

    /// Was given something just now.
    void given(std::string const& agent, Timestamp now);

    /// Those of `agents` who are there, and people of the console who are none of them: they belong to all teams and speak every language.
    std::vector<Present> there(std::vector<AgentSettings> const& agents, AgentLoads const& loads, Timestamp now) const;

  private:
    struct Entry {
        Timestamp online_until{};
        Timestamp last_given{};
        bool is_guest = false;
    };

    mutable std::mutex mutex_;
    std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace kefu
