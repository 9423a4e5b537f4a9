// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/clock.hpp"
#include "daemon/dispatch.hpp"
#include "daemon/net/on_pool.hpp"
#include "daemon/net/task_group.hpp"
#include "daemon/roster.hpp"
#include "daemon/services.hpp"
#include "daemon/store/store.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <set>
#include <string>

namespace kefu {

/// What one item of the outbox asks for, tried once: sends and notices (outbox_send.cpp), what is fetched or looked up (outbox_fetch.cpp). When and how
/// often is the dispatcher's matter. Lives on the io thread.
class OutboxWork {
  public:
    /// All of it outlives the work.
    struct Tools {
        Store& store;
        std::function<ServicesPtr()> services;
        Roster& roster;
        net::thread_pool& pool;
        std::filesystem::path media;
        Clock clock;
    };
    OutboxWork(Tools tools, DispatchCounts& counts, TaskGroup& tasks) : tools_(std::move(tools)), counts_(counts), tasks_(tasks) {}

    net::awaitable<OutboxResult> attempt(OutboxItem item);

    /// The store has the result of a fetch: what the connector kept until then may go.
    net::awaitable<void> settled(ChannelId channel, FetchMedia wanted, OutboxResult result);

  private:
    net::awaitable<OutboxResult> send(ServicesPtr current, OutboxItem item);
    net::awaitable<OutboxResult> notify(ServicesPtr current, OutboxItem item);
    net::awaitable<OutboxResult> fetch_profile(ServicesPtr current, OutboxItem item);
    net::awaitable<OutboxResult> fetch_media(ServicesPtr current, OutboxItem item);
    net::awaitable<OutboxResult> look_up_order(ServicesPtr current, OutboxItem item);
    net::awaitable<OutboxResult> assign(ServicesPtr current, OutboxItem item);
    net::awaitable<OutboxResult> delete_media(OutboxItem item);

    /// The customer sees that the answer takes longer, where the platform can show it.
    static net::awaitable<void> show_waiting(ServicesPtr current, ChannelId channel, std::string to, std::shared_ptr<bool> waiting);
    static Connector* connector(Services const& current, ChannelId const& channel);
    SendAttempt attempt_of(OutboxItem const& item) const;

    Tools tools_;
    DispatchCounts& counts_;
    TaskGroup& tasks_;                 ///< for what runs beside an item
    std::set<std::string> told_held_;  ///< sends of which people know that their channel cannot send; told once, or once more after a restart
};

}  // namespace kefu
