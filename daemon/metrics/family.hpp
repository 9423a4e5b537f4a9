// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/metric_family.h>

#include <array>
#include <functional>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

/// Metrics as the program uses them: a family is found once, by name, at compile time; one of its cells by the values of its labels. prometheus-cpp counts and
/// writes the text; its own registry would build and hash a map of strings for each count.
namespace kefu {

/// What a family is, for the scrape (HELP, TYPE) and for docs/monitoring.md.
struct MetricInfo {
    std::string_view name;                     ///< kefud_..., in base units; counters end in _total
    std::string_view help;                     ///< one sentence, no full stop
    std::array<std::string_view, 2> labels{};  ///< each with few values: configured ids, tiers, words of ours. Never a customer's
    std::vector<double> buckets{};             ///< of a histogram: upper bounds
};

/// All families of one daemon, in the order they were declared.
class MetricList {
  public:
    struct Entry {
        MetricInfo info;
        prometheus::MetricType type;
        std::function<std::vector<prometheus::ClientMetric>()> collect;
    };
    void add(Entry entry) { entries_.push_back(std::move(entry)); }
    std::vector<Entry> const& entries() const { return entries_; }

    /// In the text format of Prometheus 0.0.4. Families without a cell are left out.
    std::string text() const;

  private:
    std::vector<Entry> entries_;
};

/// The cells of one family. From any thread; a cell once made stays where it is.
template <class Cell>
class Family {
  public:
    Family(MetricList& list, prometheus::MetricType type, MetricInfo info) : type_(type), labels_(info.labels), buckets_(info.buckets) {
        list.add({std::move(info), type, [this] { return collect(); }});
    }
    Family(Family const&) = delete;
    Family& operator=(Family const&) = delete;

    Cell& of(std::string_view first = {}, std::string_view second = {}) {
        Key const key{first, second};
        {
            std::shared_lock const lock{mutex_};
            if (auto const found = cells_.find(key); found != cells_.end()) return found->second;
        }
        std::lock_guard const lock{mutex_};
        if (auto const found = cells_.find(key); found != cells_.end()) return found->second;
        OwnKey own{std::string{first}, std::string{second}};
        if constexpr (std::is_same_v<Cell, prometheus::Histogram>)
            return cells_.try_emplace(std::move(own), buckets_).first->second;
        else
            return cells_.try_emplace(std::move(own)).first->second;
    }

    /// For what is sampled at each scrape: what is gone is not told any more. Nobody may hold a cell.
    void clear() {
        std::lock_guard const lock{mutex_};
        cells_.clear();
    }

  private:
    using Key = std::array<std::string_view, 2>;
    using OwnKey = std::array<std::string, 2>;
    struct Less {
        using is_transparent = void;
        template <class A, class B>
        bool operator()(A const& a, B const& b) const {
            int const first = std::string_view{a[0]}.compare(b[0]);
            return first != 0 ? first < 0 : std::string_view{a[1]} < std::string_view{b[1]};
        }
    };

    std::vector<prometheus::ClientMetric> collect() const {
        std::shared_lock const lock{mutex_};
        std::vector<prometheus::ClientMetric> all;
        for (auto const& [values, cell] : cells_) {
            auto one = cell.Collect();
            if (type_ == prometheus::MetricType::Counter) one.counter.value = cell_value(cell);
            for (std::size_t i = 0; i < labels_.size(); ++i)
                if (!labels_[i].empty()) one.label.push_back({std::string{labels_[i]}, values[i]});
            all.push_back(std::move(one));
        }
        return all;
    }
    static double cell_value(prometheus::Histogram const&) { return 0; }
    template <class Number>
    static double cell_value(Number const& cell) {
        return cell.Value();
    }

    prometheus::MetricType type_;
    std::array<std::string_view, 2> labels_;
    std::vector<double> buckets_;
    mutable std::shared_mutex mutex_;
    std::map<OwnKey, Cell, Less> cells_;
};

/// Counted when it happens.
struct CounterFamily : Family<prometheus::Counter> {
    CounterFamily(MetricList& list, MetricInfo info) : Family(list, prometheus::MetricType::Counter, std::move(info)) {}
};
/// Measured when it happens.
struct HistogramFamily : Family<prometheus::Histogram> {
    HistogramFamily(MetricList& list, MetricInfo info) : Family(list, prometheus::MetricType::Histogram, std::move(info)) {}
};
/// Looked at when somebody scrapes.
struct GaugeFamily : Family<prometheus::Gauge> {
    GaugeFamily(MetricList& list, MetricInfo info) : Family(list, prometheus::MetricType::Gauge, std::move(info)) {}
};
/// Counted elsewhere, and looked at when somebody scrapes.
struct SampledCounterFamily : Family<prometheus::Gauge> {
    SampledCounterFamily(MetricList& list, MetricInfo info) : Family(list, prometheus::MetricType::Counter, std::move(info)) {}
};

}  // namespace kefu
