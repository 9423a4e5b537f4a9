// SPDX-License-Identifier: Apache-2.0
#include "config/schema.hpp"
#include "config/load_settings.hpp"
#include "tests/support/source_dir.hpp"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

namespace kefu {
namespace {

namespace json = boost::json;

/// Every key that the schema knows, with the sections around it: "listen.limits.idle".
void collect_keys(json::value const& schema, std::string const& prefix, std::set<std::string>& keys) {
    auto const& object = schema.as_object();
    if (auto const* items = object.if_contains("items")) collect_keys(*items, prefix, keys);
    auto const* properties = object.if_contains("properties");
    if (properties == nullptr) return;
    for (auto const& [key, property] : properties->as_object()) {
        std::string const name = prefix + std::string{key};
        keys.insert(name);
        collect_keys(property, name + '.', keys);
    }
}

/// "  #port: 8080" → "  port: 8080"; "# text" stays a comment.
std::string switched_on(std::string const& example) {
    std::istringstream in{example};
    std::string out;
    for (std::string line; std::getline(in, line);) {
        auto const mark = line.find_first_not_of(' ');
        if (mark != std::string::npos && line[mark] == '#' && line.substr(mark + 1, 1) != " ") line.erase(mark, 1);
        out += line + '\n';
    }
    return out;
}

Settings load_example(std::string const& text) {
    return load_settings(text, "kefud.yaml", [](std::string_view reference) { return Result<std::string>{std::string{reference}}; }).value();
}

TEST(SettingsSchema, describes_every_key) {
    auto const schema = json::parse(settings_schema());
    EXPECT_EQ(schema.at("$schema"), "https://json-schema.org/draft/2020-12/schema");
    auto const& port = schema.at("properties").at("listen").at("properties").at("port");
    EXPECT_EQ(port, json::parse(
                        R"({"description": "TCP port; 0 takes a free one and logs it", "type": "integer", "minimum": 0, "maximum": 65535, "default": 8080})"));
    auto const& level = schema.at("properties").at("log").at("properties").at("level");
    EXPECT_EQ(level.at("enum"), json::parse(R"(["debug", "info", "warning", "error"])"));
    EXPECT_EQ(level.at("default"), "info");
}

TEST(SettingsSchema, requires_a_section_only_for_its_type) {
    auto const schema = json::parse(settings_schema());
    auto const& channel = schema.at("properties").at("channels").at("items");
    EXPECT_EQ(channel.at("required"), json::parse(R"(["id", "type"])"));
    auto const types = names(ChannelType{});
    std::set<std::string> seen;
    for (auto const& rule : channel.at("allOf").as_array()) {
        std::string const type{rule.at("if").at("properties").at("type").at("const").as_string()};
        EXPECT_TRUE(seen.insert(type).second);
        EXPECT_EQ(rule.at("then").at("required"), json::value({type}));
        auto const& others = rule.at("then").at("properties").as_object();
        EXPECT_EQ(others.size(), types.size() - 1);
        for (auto const other : types) EXPECT_EQ(others.contains(other), other != type) << other;
        for (auto const& [name, allowed] : others) EXPECT_EQ(allowed, false) << name;
    }
    EXPECT_EQ(seen, std::set<std::string>(types.begin(), types.end()));
}

TEST(SettingsReference, says_what_the_schema_says) {
    std::string const reference = settings_reference();
    EXPECT_NE(reference.find("\n## listen.limits\n\nwhat one client may take\n\n| key | what | default | meaning |\n|---|---|---|---|\n"
                             "| `max_body` | size | `1MiB` | largest request body; more is answered with 413 (1KiB to 256MiB) |\n"),
              std::string::npos)
        << reference;
    std::set<std::string> keys;
    collect_keys(json::parse(settings_schema()), "", keys);
    for (auto const& key : keys) {
        auto const name = key.substr(key.rfind('.') + 1);
        EXPECT_TRUE(reference.find("`" + name + "`") != std::string::npos || reference.find("## " + name) != std::string::npos ||
                    reference.find("." + name + "\n") != std::string::npos)
            << key;
    }
}

/// config/kefud.yaml is made from settings.hpp. After a change there: KEFUD_WRITE_EXAMPLE=1 and run this test once.
TEST(SettingsExample, is_what_stands_in_kefud_yaml) {
    auto const path = source_dir() / "config/kefud.yaml";
    if (std::getenv("KEFUD_WRITE_EXAMPLE") != nullptr) std::ofstream{path} << settings_example();
    std::ostringstream text;
    text << std::ifstream{path}.rdbuf();
    EXPECT_EQ(text.str(), settings_example());
}

TEST(SettingsExample, is_all_defaults_as_it_stands) { EXPECT_EQ(load_example(settings_example()), load_example("")); }

TEST(SettingsExample, is_valid_with_everything_switched_on) {
    Settings const settings = load_example(switched_on(settings_example()));
    Settings const defaults = load_example("");
    EXPECT_EQ(settings.listen, defaults.listen);
    StoreSettings store = settings.store;
    store.url.clear();  // these two have examples
    store.password = Secret{};
    EXPECT_EQ(store, defaults.store);
    EXPECT_EQ(settings.log, defaults.log);
    EXPECT_EQ(settings.api, defaults.api);
    ASSERT_EQ(settings.channels.size(), names(ChannelType{}).size());
    EXPECT_EQ(settings.channels[0].send, SendSettings{});
    EXPECT_EQ(settings.notifiers.size(), names(NotifierType{}).size());
    EXPECT_EQ(settings.agents.size(), 1u);
}

TEST(SettingsExample, mentions_every_key_of_the_schema) {
    std::set<std::string> keys;
    collect_keys(json::parse(settings_schema()), "", keys);
    EXPECT_GT(keys.size(), 70u);

    // The keys of the example with the sections around them, by indentation.
    std::set<std::string> mentioned;
    std::vector<std::pair<std::size_t, std::string>> around;
    std::istringstream in{switched_on(settings_example())};
    for (std::string line; std::getline(in, line);) {
        auto start = line.find_first_not_of(' ');
        if (start == std::string::npos || line[start] == '#') continue;
        if (line.compare(start, 2, "- ") == 0) start += 2;
        while (!around.empty() && around.back().first >= start) around.pop_back();
        std::string const name = (around.empty() ? "" : around.back().second + '.') + line.substr(start, line.find(':') - start);
        mentioned.insert(name);
        around.emplace_back(start, name);
    }
    EXPECT_EQ(mentioned, keys);
}

}  // namespace
}  // namespace kefu
