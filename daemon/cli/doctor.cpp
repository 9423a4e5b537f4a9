// SPDX-License-Identifier: Apache-2.0
#include "daemon/doctor/doctor.hpp"

#include "daemon/cli/commands.hpp"
#include "daemon/clock.hpp"
#include "daemon/http/client.hpp"
#include "daemon/snapshot.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <array>
#include <cstdio>
#include <exception>
#include <iostream>

namespace kefu::cli {

namespace {

constexpr std::array<char const*, 3> kinds{"ok", "warning", "wrong"};

/// A coroutine of its own, so that the connections are closed when it ends.
net::awaitable<void> ask_platforms(Patient const& patient, HttpClient& http, Findings& all) {
    auto more = co_await examine_line(patient, http);
    for (auto& finding : more) all.push_back(std::move(finding));
    http.close_idle();
}

void add_online(Patient const& patient, Findings& all) {
    net::io_context io{1};
    HttpClient http{io.get_executor()};
    auto const& outgoing = patient.settings.outgoing;
    http.use_proxy({outgoing.proxy, outgoing.proxy_authorization.reveal(), outgoing.direct});
    std::exception_ptr fault;
    net::co_spawn(io, ask_platforms(patient, http, all), [&fault](std::exception_ptr thrown) { fault = thrown; });
    io.run();
    if (fault) std::rethrow_exception(fault);
}

void print(Finding const& finding, bool json) {
    char const* const kind = kinds[static_cast<std::size_t>(finding.kind)];
    if (json) {
        boost::json::object line{{"kind", kind}, {"about", finding.about}, {"what", finding.what}};
        if (!finding.todo.empty()) line["todo"] = finding.todo;
        std::cout << boost::json::serialize(line) << '\n';
        return;
    }
    std::printf("%-8s %-12s %s\n", kind, finding.about.c_str(), finding.what.c_str());
    if (!finding.todo.empty()) std::printf("%-8s %-12s → %s\n", "", "", finding.todo.c_str());
}

}  // namespace

int doctor(ConfigFile const& config, DoctorOptions const& options) {
    auto settings = read_settings(config, options.state);
    if (!settings) {
        for (auto const& error : settings.error()) std::cerr << error.to_string() << '\n';
        return findings;
    }
    Patient const patient{std::move(*settings), config.value_or(""), system_now()};
    auto all = examine(patient);
    if (options.online) add_online(patient, all);
    bool sound = true;
    for (auto const& finding : all) {
        print(finding, options.json);
        sound = sound && finding.kind == Finding::Kind::fine;
    }
    return sound ? ok : findings;
}

}  // namespace kefu::cli
