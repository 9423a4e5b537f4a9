// SPDX-License-Identifier: Apache-2.0
// The catalog that is shipped: it loads, and a few conversations in each language go as the scenarios say.
#include "replies/catalog.hpp"
#include "small_shop.hpp"
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
    CatalogSources const sources{read_packs(root / "intents/packs", "intents/"),
                                 read_packs(root / "replies/packs", "replies/"),
                                 {"policy.yaml", read(root / "replies/policy.yaml")},
                                 {"guard.yaml", read(root / "replies/guard.yaml")}};
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
}

struct Talked {
    char const* text;
    std::vector<std::string> says;
    char const* escalates;
};

TEST(ShippedCatalog, answers_in_every_language) {
    auto const loaded = shipped();
    ASSERT_TRUE(loaded) << all_of(loaded.error());
    std::vector<std::vector<Talked>> const talks{
        {{"你好", {"greeting"}, ""}, {"請問我的包裹到哪裡了？", {"ask_order"}, ""}, {"訂單編號 20241188420", {"where_is_order"}, "needs_person"}},
        {{"我要退款", {"ask_order"}, ""}, {"我要找真人客服", {"handover"}, "asks_human"}},
        {{"我的快递到哪里了？", {"ask_order"}, ""}, {"不处理我就打12315投诉你们", {"handover_threat"}, "threat_agency"}},
        {{"Dobrý den, kde je moje objednávka?", {"ask_order"}, ""}, {"Chci mluvit s člověkem", {"handover"}, "asks_human"}},
        {{"where is my parcel?", {"ask_order"}, ""}, {"order 2024119001", {"where_is_order"}, "needs_person"}}};
    for (auto const& talk : talks) {
        small_shop::Talk run{*loaded};
        for (auto const& [text, says, escalates] : talk) {
            auto const meaning = loaded->classifier.classify(text, language_prior(*loaded, run.channel, run.conversation));
            EXPECT_EQ(run.says(meaning, text), says) << text << ' ' << testing::PrintToString(run.why);
            EXPECT_TRUE(*escalates ? run.escalated(escalates) : run.effects<Escalate>().empty()) << text;
        }
    }
}

}  // namespace

}  // namespace kefu
