// SPDX-License-Identifier: Apache-2.0
#include "daemon/metrics/metrics.hpp"

#include <prometheus/text_serializer.h>

namespace kefu {

namespace {

std::string_view type_name(prometheus::MetricType type) {
    switch (type) {
        case prometheus::MetricType::Counter:
            return "counter";
        case prometheus::MetricType::Gauge:
            return "gauge";
        default:
            return "histogram";
    }
}

}  // namespace

std::string MetricList::text() const {
    std::vector<prometheus::MetricFamily> families;
    for (auto const& entry : entries_) {
        prometheus::MetricFamily family{std::string{entry.info.name}, std::string{entry.info.help}, entry.type, entry.collect()};
        if (!family.metric.empty()) families.push_back(std::move(family));
    }
    return prometheus::TextSerializer{}.Serialize(families);
}

std::string metrics_page() {
    std::string page = "| metric | type | labels | meaning |\n|---|---|---|---|\n";
    Metrics const metrics;
    for (auto const& [info, type, collect] : metrics.list.entries()) {
        std::string labels;
        for (auto const label : info.labels)
            if (!label.empty()) labels.append(labels.empty() ? "" : ", ").append(label);
        page.append("| `").append(info.name).append("` | ").append(type_name(type)).append(" | ").append(labels).append(" | ").append(info.help).append(" |\n");
    }
    return page;
}

}  // namespace kefu
