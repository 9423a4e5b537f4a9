// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/intake.hpp"
#include "daemon/net/task_group.hpp"
#include "tests/support/store_backends.hpp"
#include "tests/support/websocket_peer.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace kefu {

/// Channels with routes of their own on one path of a listener, above a store. close() before it goes.
struct ChannelWorld {
    using MakeConnector = std::function<std::unique_ptr<Connector>(ChannelSetup)>;

    ChannelWorld(net::any_io_executor const& executor, std::string const& path, std::vector<ChannelSettings> const& channels, MakeConnector const& make)
        : home(executor), http(executor), tasks(executor), store(sqlite_backend().open(folder.path(), simple_shop, nobody).value()) {
        auto made = std::make_shared<Services>();
        Inlet const inlet{*store, counts, [this] { return now; }, home, [this] { return services; }, &tasks};
        for (auto const& settings : channels) {
            auto connector = make({settings, ChannelPolicy{}, http, [this] { return now; }});
            connector->attach(inlet);
            made->by_path[path].push_back(connector.get());
            made->connectors.emplace(settings.id.value, std::move(connector));
        }
        services = made;
        EXPECT_TRUE(services->by_path.at(path).front()->add_routes(server.router, path, inlet));
        server.open(home);
    }

    Connector& channel(std::string const& id) const { return *services->connectors.at(id); }

    /// A reload without the channels.
    void take_away() {
        auto const before = std::exchange(services, std::make_shared<Services>());
        retire_others(*before, *services);
    }

    net::awaitable<void> close() {
        if (!services->connectors.empty()) take_away();
        co_await server.listener->stop(std::chrono::seconds{1});
        server.close();
        EXPECT_TRUE(co_await tasks.join(std::chrono::seconds{5})) << "who attends to a channel goes with it";
        store->close();
    }

    net::any_io_executor home;
    TemporaryFolder folder;
    HttpClient http;
    TaskGroup tasks;
    Timestamp now = from_millis(1'764'000'005'000);
    std::unique_ptr<Store> store;
    IntakeCounts counts;
    ServicesPtr services;
    listener_world::Server server;
};

}  // namespace kefu
