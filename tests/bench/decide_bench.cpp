// SPDX-License-Identifier: Apache-2.0
// What one message costs after it is understood: deciding, rendering, the guard, and the conversation's way to the store and back.
#include "replies/catalog.hpp"
#include "replies/decide.hpp"
#include "replies/json.hpp"
#include "tests/support/source_dir.hpp"

#include <benchmark/benchmark.h>

#include <boost/json/parse.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace kefu {

namespace {

namespace fs = std::filesystem;

Timestamp const now = *from_rfc3339("2026-06-02T10:00:00+08:00");

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

/// The shipped catalog.
Catalog const& catalog() {
    static Catalog const loaded = [] {
        fs::path const root = source_dir();
        CatalogSources const sources{read_packs(root / "intents/packs", "intents/"),       read_packs(root / "replies/packs", "replies/"),
                                     read_packs(root / "replies/playbooks", "playbooks/"), read_packs(root / "replies/calendars", "calendars/"),
                                     {"policy.yaml", read(root / "replies/policy.yaml")},  {"guard.yaml", read(root / "replies/guard.yaml")}};
        return build_catalog(sources, ShopSettings{}).value();
    }();
    return loaded;
}

MessageReceived message(std::string const& text, int number) {
    MessageReceived event;
    event.message.id = MessageId{"m" + std::to_string(number)};
    event.message.sender = "U4af4980629";
    event.message.text = text;
    event.message.sent_at = now;
    event.message.reply_handle = "nHuyWiB7yP5Zw52FIkcQobQuGDXCTA";
    event.meaning = catalog().classifier.classify(text, "zh-Hant");
    return event;
}

ChannelPolicy channel() {
    ChannelPolicy policy;
    policy.type = "line";
    policy.quiet_window = std::chrono::milliseconds{0};
    return policy;
}

/// A conversation that has been going on for five answers.
Conversation warm() {
    Conversation conversation;
    conversation.id = ConversationId{"line-main/U4af4980629"};
    conversation.channel = ChannelId{"line-main"};
    int number = 0;
    for (auto const* text : {"你好", "請問可以開發票嗎？", "有貨嗎？", "退貨要自己付運費嗎？", "請問我的包裹到哪裡了？"}) {
        conversation = respond(catalog(), channel(), std::move(conversation), message(text, ++number), now).conversation;
        conversation = respond(catalog(), channel(), conversation, SendFinished{conversation.answering_with, SendOutcome::delivered, {}}, now).conversation;
    }
    return conversation;
}

void decide_one_message(benchmark::State& state) {
    auto const conversation = warm();
    auto const event = Event{message("訂單編號 20241188420", 9)};
    auto const policy = channel();
    for (auto _ : state) benchmark::DoNotOptimize(decide(catalog(), policy, conversation, event, now));
}
BENCHMARK(decide_one_message);

/// The same with rendering, the guard and the send.
void respond_to_one_message(benchmark::State& state) {
    auto const conversation = warm();
    auto const event = Event{message("訂單編號 20241188420", 9)};
    auto const policy = channel();
    for (auto _ : state) benchmark::DoNotOptimize(respond(catalog(), policy, conversation, event, now));
}
BENCHMARK(respond_to_one_message);

void render_plain(benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(catalog().templates.render("ask_order", "zh-Hant", "zh-Hant", "Asia/Taipei", {}, 0));
}
BENCHMARK(render_plain);

void render_with_date(benchmark::State& state) {
    Arguments const arguments{{"answer_by", now}, {"shop", "kefud"}, {"case", "BCDFGH-1"}};
    for (auto _ : state) benchmark::DoNotOptimize(catalog().templates.render("handover", "zh-Hant", "zh-Hant", "Asia/Taipei", arguments, 0));
}
BENCHMARK(render_with_date);

void guard_one_text(benchmark::State& state) {
    Arguments const arguments{{"answer_by", now}, {"shop", "kefud"}, {"case", "BCDFGH-1"}};
    auto const text = catalog().templates.render("handover", "zh-Hant", "zh-Hant", "Asia/Taipei", arguments, 0).value().messages.at(0).text;
    for (auto _ : state) benchmark::DoNotOptimize(catalog().guard.check(text));
}
BENCHMARK(guard_one_text);

void write_conversation(benchmark::State& state) {
    auto const conversation = warm();
    std::size_t bytes = 0;
    for (auto _ : state) {
        auto const text = to_json_text(conversation);
        bytes = text.size();
        benchmark::DoNotOptimize(text);
    }
    state.counters["bytes"] = static_cast<double>(bytes);
}
BENCHMARK(write_conversation);

void read_conversation(benchmark::State& state) {
    auto const text = to_json_text(warm());
    for (auto _ : state) benchmark::DoNotOptimize(conversation_from_json(boost::json::parse(text)));
}
BENCHMARK(read_conversation);

void add_working_time_over_a_weekend(benchmark::State& state) {
    auto const friday = *from_rfc3339("2026-06-05T19:00:00+08:00");
    for (auto _ : state) benchmark::DoNotOptimize(add_working_time(catalog().policy.hours, friday, std::chrono::minutes{60}));
}
BENCHMARK(add_working_time_over_a_weekend);

}  // namespace

}  // namespace kefu
