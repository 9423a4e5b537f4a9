// SPDX-License-Identifier: Apache-2.0
#include "daemon/cli/commands.hpp"
#include "daemon/connect/line/line.hpp"
#include "daemon/snapshot.hpp"
#include "daemon/store/open_store.hpp"
#include "daemon/store/postgres_store.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <iostream>

namespace kefu::cli {

namespace {

struct Count {
    int asked = 0;
    int refused = 0;
    bool unreachable = false;
};

/// Every template with a form for LINE, in every locale, with sample values.
net::awaitable<void> check_forms(Snapshot const& snapshot, ChannelSettings const& channel, HttpClient& http, Count& count) {
    line::Validator validator{channel, http, system_now};
    auto const& templates = snapshot.catalog.templates;
    std::vector<std::string> facts;
    for (auto const& [name, value] : snapshot.catalog.policy.facts) facts.push_back(name);
    auto const arguments = Templates::sample(facts);
    for (auto const& locale : templates.locales()) {
        for (auto const& id : templates.ids()) {
            if (!templates.has_form(id, locale, name_of(ChannelType::line))) continue;
            auto rendered = templates.render(id, locale, locale, snapshot.settings.shop.time_zone, arguments, 0, name_of(ChannelType::line));
            if (!rendered) continue;
            ++count.asked;
            auto const fine = co_await validator.check(std::move(rendered->messages));
            if (fine) continue;
            if (fine.error().code != Errc::bad_payload) {
                std::cerr << channel.id.value << ": LINE could not be asked: " << fine.error().message << '\n';
                count.unreachable = true;
                co_return;
            }
            std::cerr << channel.id.value << ": template " << id << " (" << locale << "): " << fine.error().message << '\n';
            ++count.refused;
        }
    }
}

net::awaitable<void> check_channels(Snapshot const& snapshot, HttpClient& http, Count& count) {
    for (auto const& channel : snapshot.settings.channels)
        if (channel.type == ChannelType::line) co_await check_forms(snapshot, channel, http, count);
    http.close_idle();
}

}  // namespace

int check_online(Snapshot const& snapshot) {
    if (snapshot.settings.store.type == StoreType::postgresql) {
        auto const reached = try_postgres(access_of(snapshot.settings.store));
        if (!reached) return report("check", reached.error().message);
        std::cout << name_of(snapshot.settings.store) << ": lets us in, version " << *reached << '\n';
    }
    net::io_context io{1};
    HttpClient http{io.get_executor()};
    Count count;
    std::exception_ptr fault;
    net::co_spawn(io, check_channels(snapshot, http, count), [&fault](std::exception_ptr thrown) { fault = thrown; });
    io.run();
    if (fault) std::rethrow_exception(fault);
    if (count.unreachable) return environment;
    std::cout << "LINE was asked about " << count.asked << " templates, would refuse " << count.refused << '\n';
    return count.refused == 0 ? ok : findings;
}

}  // namespace kefu::cli
