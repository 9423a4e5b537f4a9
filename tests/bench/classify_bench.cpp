// SPDX-License-Identifier: Apache-2.0
// How long it takes to understand one message, with all packs; whether ten times the patterns cost more than 1.5 times as much; and what
// normalising alone takes. "warm" reads one message again and again, "many" a few hundred different ones in turn.
#include "intents/classify.hpp"
#include "intents/normalize.hpp"
#include "intents/utf8.hpp"
#include "tests/support/source_dir.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>
#include <sstream>

namespace kefu {
namespace {

// 47 and 80 characters.
constexpr std::string_view chinese = "你好，我上星期訂的包裹到現在都還沒收到貨，客服電話也一直打不通，請問什麼時候會到？可以幫我查嗎";
constexpr std::string_view czech = "Dobrý den, už týden čekám na svou objednávku a nikdo mi neodpoví, kde prosím je?";

std::vector<SourceText> read_packs() {
    std::vector<SourceText> files;
    for (auto const& entry : std::filesystem::directory_iterator{source_dir() / "intents/packs"}) {
        std::ifstream in{entry.path()};
        std::ostringstream text;
        text << in.rdbuf();
        files.push_back({entry.path().filename().string(), text.str()});
    }
    return files;
}

Classifier build(std::vector<SourceText> const& files) {
    auto classifier = Classifier::build(files);
    if (classifier) return *classifier;
    for (auto const& error : classifier.error()) std::cerr << error.to_string() << '\n';
    std::exit(1);
}

// Another language that looks like the pack's: its own characters moved along, so that the patterns are as many and as long but fire
// on nothing we read. Escapes and YAML stay.
std::string shifted(std::string_view expression, char32_t by) {
    std::string out;
    for (std::size_t at = 0; at < expression.size();) {
        auto const c = next_code_point(expression, at);
        if (c == U'\\' && at < expression.size()) {
            out += '\\';
            append_utf8(out, next_code_point(expression, at));
        } else if (c >= U'a' && c <= U'z') {
            out += static_cast<char>('a' + (c - 'a' + by) % 26);
        } else if (c >= 0x4E00 && c <= 0x9FA5) {
            append_utf8(out, 0x4E00 + (c - 0x4E00 + by * 137) % (0x9FA5 - 0x4E00));
        } else {
            append_utf8(out, c);
        }
    }
    return out;
}

// All packs' expressions in one pack: lines of `any` are found as "- '...'".
SourceText shifted_pack(std::vector<SourceText> const& packs, char32_t by) {
    auto const name = "x" + std::to_string(static_cast<unsigned>(by));
    std::string out = "language: " + name + "\npatterns:\n";
    int number = 0;
    for (auto const& pack : packs) {
        std::istringstream lines{pack.text};
        for (std::string line; std::getline(lines, line);) {
            auto const start = line.find("- '");
            auto const end = line.rfind('\'');
            if (start == std::string::npos || end <= start + 3 || line.find("id:") != std::string::npos) continue;
            out += "  - {id: p" + std::to_string(++number) + ", topic: greeting, any: ['" +
                   shifted(std::string_view{line}.substr(start + 3, end - start - 3), by) + "']}\n";
        }
    }
    return {name, out};
}

// Without the lines that errors name: a class turned round by the shift.
void drop_broken_lines(SourceText& pack, SourceText const& topics) {
    while (true) {
        auto const alone = Classifier::build({topics, pack});
        if (alone) return;
        std::set<int> broken;
        for (auto const& error : alone.error())
            if (error.where) broken.insert(error.where->line);
        std::istringstream in{pack.text};
        std::string kept;
        int number = 0;
        for (std::string line; std::getline(in, line);)
            if (!broken.contains(++number)) kept += line + '\n';
        pack.text = kept;
    }
}

Classifier const& all_packs() {
    static auto const classifier = build(read_packs());
    return classifier;
}

// Nine shifted copies beside the packs.
Classifier const& ten_times_the_packs() {
    static auto const classifier = [] {
        auto const real = read_packs();
        auto const& topics = *std::find_if(real.begin(), real.end(), [](auto const& file) { return file.name == "topics.yaml"; });
        auto files = real;
        for (char32_t by = 1; by <= 9; ++by) {
            files.push_back(shifted_pack(real, by));
            drop_broken_lines(files.back(), topics);
        }
        return build(files);
    }();
    return classifier;
}

std::vector<std::string> const& many_messages() {
    static auto const messages = [] {
        std::vector<std::string> all;
        for (auto const& file : read_packs()) {
            for (std::size_t at = file.text.find("examples: ["); at != std::string::npos; at = file.text.find("examples: [", at + 1)) {
                auto const start = file.text.find('\'', at);
                auto const end = file.text.find('\'', start + 1);
                if (end != std::string::npos && file.text.find('\n', at) > end) all.push_back(file.text.substr(start + 1, end - start - 1));
            }
        }
        return all;
    }();
    return messages;
}

void classify_warm(benchmark::State& state, Classifier const& classifier, std::string_view text) {
    for (auto _ : state) benchmark::DoNotOptimize(classifier.classify(text));
}

void classify_many(benchmark::State& state, Classifier const& classifier) {
    auto const& messages = many_messages();
    std::size_t next = 0;
    for (auto _ : state) benchmark::DoNotOptimize(classifier.classify(messages[next++ % messages.size()]));
}

void normalize_only(benchmark::State& state, std::string_view text) {
    for (auto _ : state) benchmark::DoNotOptimize(normalize(text));
}

BENCHMARK_CAPTURE(normalize_only, chinese, chinese);
BENCHMARK_CAPTURE(normalize_only, czech, czech);
void warm_chinese(benchmark::State& state) { classify_warm(state, all_packs(), chinese); }
void warm_czech(benchmark::State& state) { classify_warm(state, all_packs(), czech); }
void many(benchmark::State& state) { classify_many(state, all_packs()); }
void warm_chinese_ten_times(benchmark::State& state) { classify_warm(state, ten_times_the_packs(), chinese); }
void warm_czech_ten_times(benchmark::State& state) { classify_warm(state, ten_times_the_packs(), czech); }
void many_ten_times(benchmark::State& state) { classify_many(state, ten_times_the_packs()); }
BENCHMARK(warm_chinese);
BENCHMARK(warm_chinese_ten_times);
BENCHMARK(warm_czech);
BENCHMARK(warm_czech_ten_times);
BENCHMARK(many);
BENCHMARK(many_ten_times);

void build_all_packs(benchmark::State& state) {
    auto const files = read_packs();
    for (auto _ : state) benchmark::DoNotOptimize(build(files));
}
BENCHMARK(build_all_packs)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace kefu
