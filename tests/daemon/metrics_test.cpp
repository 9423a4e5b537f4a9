// SPDX-License-Identifier: Apache-2.0
#include "daemon/metrics/metrics.hpp"
#include "daemon/metrics/decide_counted.hpp"

#include "tests/support/source_dir.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace kefu {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Metrics, are_named_as_Prometheus_wants_them) {
    Metrics const metrics;
    std::set<std::string_view> names;
    for (auto const& [info, type, collect] : metrics.list.entries()) {
        EXPECT_TRUE(names.insert(info.name).second) << info.name << " is there twice";
        EXPECT_EQ(info.name.ends_with("_total"), type == prometheus::MetricType::Counter) << info.name;
        EXPECT_TRUE(info.name.starts_with("kefud_") || info.name.starts_with("process_")) << info.name;
        EXPECT_FALSE(info.help.empty() || info.help.ends_with('.')) << info.name;
        EXPECT_EQ(info.buckets.empty(), type != prometheus::MetricType::Histogram) << info.name;
        EXPECT_TRUE(std::is_sorted(info.buckets.begin(), info.buckets.end())) << info.name;
    }
}

TEST(Metrics, are_what_the_page_about_them_says) {
    std::ifstream file{source_dir() / "docs" / "monitoring.md"};
    std::string const page{std::istreambuf_iterator<char>{file}, {}};
    EXPECT_EQ(page.substr(page.find("| metric ")), metrics_page()) << "put what kefud schema metrics prints there";
}

TEST(Metrics, leave_out_what_has_no_value_and_escape_labels) {
    Metrics metrics;
    EXPECT_EQ(metrics.list.text(), "");
    metrics.escalations.of("after\"sale", "line\nbreak").Increment();
    auto const text = metrics.list.text();
    EXPECT_THAT(text, HasSubstr("# TYPE kefud_escalations_total counter\nkefud_escalations_total{tier=\"after\\\"sale\",reason=\"line\\nbreak\"} 1"));
    EXPECT_THAT(text, Not(HasSubstr("kefud_messages_total")));
}

TEST(Metrics, forget_a_channel_that_is_gone) {
    Metrics metrics;
    metrics.channel_state.of("old").Set(2);
    metrics.channel_state.clear();
    metrics.channel_state.of("new").Set(0);
    EXPECT_THAT(metrics.list.text(), Not(HasSubstr("old")));
}

TEST(Metrics, count_from_many_threads_at_once) {
    Metrics metrics;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&metrics, i] {
            for (int n = 0; n < 1000; ++n) {
                metrics.messages.of(n % 2 == 0 ? "even" : "odd").Increment();
                metrics.answer.of("channel" + std::to_string((n + i) % 5)).Observe(.1);
            }
        });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(metrics.messages.of("even").Value() + metrics.messages.of("odd").Value(), 4000);
    EXPECT_EQ(metrics.answer.of("channel0").Collect().histogram.sample_count, 800u);
}

}  // namespace
}  // namespace kefu
