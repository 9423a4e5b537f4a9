// SPDX-License-Identifier: Apache-2.0
// The catalog that is shipped: it loads, whole in four languages. How it talks: replies/tests, played by `kefud test`.
#include "replies/catalog.hpp"
#include "tests/support/source_dir.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace kefu {

namespace {

namespace fs = std::filesystem;

std::string read(fs::path const& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

std::vector<SourceText> read_packs(fs::path const& folder, std::string const& prefix) {
    std::vector<SourceText> packs;
    for (auto const& entry : fs::directory_iterator{folder})
        if (entry.path().extension() == ".yaml") packs.push_back({prefix + entry.path().filename().string(), read(entry.path())});
    return packs;
}

Checked<Catalog> shipped() {
    fs::path const root = source_dir();
    CatalogSources const sources{read_packs(root / "intents/packs", "intents/"),       read_packs(root / "replies/packs", "replies/"),
                                 read_packs(root / "replies/playbooks", "playbooks/"), read_packs(root / "replies/calendars", "calendars/"),
                                 {"policy.yaml", read(root / "replies/policy.yaml")},  {"guard.yaml", read(root / "replies/guard.yaml")}};
    return build_catalog(sources, ShopSettings{});
}

std::string all_of(Errors const& errors) {
    std::string lines;
    for (auto const& error : errors) lines += error.to_string() + "\n";
    return lines;
}

TEST(ShippedCatalog, loads) {
    auto const catalog = shipped();
    ASSERT_TRUE(catalog) << all_of(catalog.error());
    EXPECT_THAT(catalog->templates.locales(), testing::IsSupersetOf({"cs", "en", "zh-Hans", "zh-Hant"}));
    for (auto const& rule : catalog->policy.rules)
        for (auto const& locale : {"zh-Hant", "zh-Hans", "cs", "en"})
            EXPECT_TRUE(rule.reply.empty() || catalog->templates.has(rule.reply, locale)) << rule.reply << " in " << locale;
    for (auto const& [name, playbook] : catalog->playbooks)
        for (auto const& step : playbook.steps)
            for (auto const& id : templates_of(step.action))
                for (auto const& locale : {"zh-Hant", "zh-Hans", "cs", "en"}) EXPECT_TRUE(catalog->templates.has(id, locale)) << id << " in " << locale;
}

}  // namespace

}  // namespace kefu
