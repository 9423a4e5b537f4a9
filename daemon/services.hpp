// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/clock.hpp"
#include "daemon/connect/connector.hpp"
#include "daemon/health.hpp"
#include "daemon/http/client.hpp"
#include "daemon/metrics/metrics.hpp"
#include "daemon/notify/notifier.hpp"
#include "daemon/orders/order_lookup.hpp"
#include "daemon/snapshot.hpp"

#include <boost/asio/thread_pool.hpp>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace kefu {

/// The platforms and notifiers one snapshot describes. Immutable; replaced whole on reload, while sends on their way keep the old one alive.
struct Services {
    SnapshotPtr snapshot;
    std::map<std::string, std::unique_ptr<Connector>> connectors;               ///< by channel id
    std::set<std::string> succeeded;                                            ///< ids of channels whose connector took over its predecessor's connections
    std::map<std::string, std::vector<Connector*>> by_path;                     ///< several accounts may share one webhook path
    std::map<std::string, std::unique_ptr<Notifier>> notifiers;                 ///< by notifier id
    std::unique_ptr<OrderLookup> orders;                                        ///< null: the shop has none
    std::map<std::string, std::size_t> sends_at_once;                           ///< by channel id
    std::string claim_key;                                                      ///< signs the links in notices; empty: there are none
    HttpClientCounts const* http = nullptr;                                     ///< of the requests that kefud makes; never null when made by make_services()
    std::shared_ptr<ChannelHealth> health = std::make_shared<ChannelHealth>();  ///< never null; the same after a reload
    std::shared_ptr<Metrics> metrics = std::make_shared<Metrics>();             ///< never null; the same after a reload
};
using ServicesPtr = std::shared_ptr<Services const>;

/// What services work with; all of it outlives them.
struct ServiceTools {
    HttpClient& http;
    net::thread_pool& pool;  ///< for reading files
    net::thread_pool& mail;  ///< for mail servers, which take their time
    Clock clock;
    std::string claim_key;  ///< signs the links in notices; empty: there are none
    std::shared_ptr<Metrics> metrics = std::make_shared<Metrics>();
};
/// `before`: what a reload replaces; its connections are taken over.
ServicesPtr make_services(SnapshotPtr snapshot, ServiceTools const& tools, ServicesPtr const& before = nullptr);

/// When `after` has replaced `before`, on the io thread: the connectors that nobody succeeded end.
void retire_others(Services const& before, Services const& after);

/// The language of a notifier's team.
std::string locale_of_notifier(Settings const& settings, std::string_view id);

/// The notifiers that want to hear about `tier` of a conversation on `channel`.
std::vector<std::string> notifiers_for(Settings const& settings, ChannelId const& channel, std::string_view tier);

}  // namespace kefu
