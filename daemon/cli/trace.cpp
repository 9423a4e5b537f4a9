// SPDX-License-Identifier: Apache-2.0
#include "daemon/trace.hpp"

#include "daemon/cli/commands.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <cstdio>
#include <iostream>
#include <string_view>

namespace kefu::cli {

namespace {

namespace json = boost::json;

/// "+0.004 s", "+2.5 h"
std::string after(Timestamp::duration passed) {
    char text[32];
    auto const seconds = static_cast<double>(passed.count()) / 1000;
    if (seconds < 120)
        std::snprintf(text, sizeof text, "+%.3f s", seconds);
    else if (seconds < 7200)
        std::snprintf(text, sizeof text, "+%.1f min", seconds / 60);
    else
        std::snprintf(text, sizeof text, "+%.1f h", seconds / 3600);
    return text;
}

void print_fact(std::string const& name, std::string_view value) {
    std::string label = name;
    while (!value.empty()) {
        auto const end = value.find('\n');
        std::printf("    %-12s %.*s\n", label.c_str(), static_cast<int>(std::min(end, value.size())), value.data());
        value = end == std::string_view::npos ? std::string_view{} : value.substr(end + 1);
        label.clear();
    }
}

void print_text(Trace const& trace) {
    std::printf("%s\n", trace.conversation.value.c_str());
    Timestamp before{};
    for (auto const& step : trace.steps) {
        std::string const passed = before == Timestamp{} ? std::string{} : after(step.at - before);
        std::printf("%s  %10s  %s\n", to_rfc3339(step.at).c_str(), passed.c_str(), step.kind.c_str());
        for (auto const& [name, value] : step.facts) print_fact(name, value);
        before = step.at;
    }
    if (trace.left_out > 0) std::printf("%zu steps are left out; 'kefud evidence' writes all of a conversation\n", trace.left_out);
}

void print_json(Trace const& trace) {
    for (auto const& step : trace.steps) {
        json::object facts;
        for (auto const& [name, value] : step.facts) facts[name] = value;
        json::object const line{{"conversation", trace.conversation.value}, {"at", to_rfc3339(step.at)}, {"kind", step.kind}, {"facts", std::move(facts)}};
        std::cout << json::serialize(line) << '\n';
    }
}

}  // namespace

int trace(ConfigFile const& config, TraceOptions const& options) {
    int code = ok;
    auto const store = find_store("trace", config, options.state, code);
    if (!store) return code;
    auto const found = read_trace(*store, options.id, options.plain);
    if (!found) {
        int const failed = report("trace", found.error().to_string());
        return found.error().code == Errc::not_found ? findings : failed;
    }
    options.json ? print_json(*found) : print_text(*found);
    return ok;
}

}  // namespace kefu::cli
