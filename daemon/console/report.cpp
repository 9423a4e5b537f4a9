// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/report.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace kefu {

namespace {

using Row = std::vector<Cell>;
using std::chrono::hours;

constexpr double angry_from = 0.6;
constexpr auto soon_after = hours{1};

double count_of(std::size_t count) { return static_cast<double>(count); }
Cell time_cell(Timestamp at) { return static_cast<double>(to_millis(at)); }
Cell share(std::size_t part, std::size_t whole) { return whole == 0 ? Cell{} : Cell{count_of(part) / count_of(whole)}; }
double seconds(std::chrono::milliseconds span) { return static_cast<double>(span.count()) / 1000; }

/// The value that so many percent do not exceed; nothing when there is none.
Cell percentile(std::vector<double> values, std::size_t percent) {
    if (values.empty()) return {};
    std::sort(values.begin(), values.end());
    return values[std::min(values.size() - 1, values.size() * percent / 100)];
}

/// Days and hours are looked up often, and change rarely.
class Buckets {
  public:
    explicit Buckets(TrafficQuery const& query) : query_(query) {}
    Timestamp operator()(Timestamp at) {
        auto const slot = std::chrono::floor<std::chrono::duration<std::int64_t, std::ratio<900>>>(at);
        auto const [place, is_new] = known_.try_emplace(slot.time_since_epoch().count());
        if (is_new) place->second = bucket_of(at, query_);
        return place->second;
    }

  private:
    TrafficQuery const& query_;
    std::map<std::int64_t, Timestamp> known_;
};

/// What a customer waited for: from the first message that nobody had answered to the answer. Lines that only ask for patience are none.
struct WaitForAnswer {
    Timestamp asked;
    std::size_t conversation = 0;
    std::chrono::milliseconds waited{0};
    bool by_person = false;
};

std::vector<WaitForAnswer> waits_of(Traffic const& traffic) {
    struct Moment {
        std::size_t conversation;
        Timestamp at;
        int order;  // of a message and its answer in the same millisecond, the message came first
        bool by_person;
    };
    std::vector<Moment> moments;
    for (auto const& one : traffic.heard) moments.push_back({one.conversation, one.at, 0, false});
    for (auto const& one : traffic.spoken) {
        bool const is_out = one.end != Traffic::Spoken::End::cancelled && one.end != Traffic::Spoken::End::refused;
        if (is_out && one.purpose != SendPurpose::holding) moments.push_back({one.conversation, one.at, 1, one.purpose == SendPurpose::agent});
    }
    std::sort(moments.begin(), moments.end(),
              [](auto const& a, auto const& b) { return std::tie(a.conversation, a.at, a.order) < std::tie(b.conversation, b.at, b.order); });
    std::vector<WaitForAnswer> waits;
    Moment const* asked = nullptr;
    for (auto const& moment : moments) {
        if (asked != nullptr && asked->conversation != moment.conversation) asked = nullptr;
        if (moment.order == 0 && asked == nullptr) asked = &moment;
        if (moment.order == 1 && asked != nullptr) {
            waits.push_back({asked->at, moment.conversation, moment.at - asked->at, moment.by_person});
            asked = nullptr;
        }
    }
    return waits;
}

/// Conversations in which a person was called or did something.
std::set<std::size_t> with_people(Traffic const& traffic) {
    std::set<std::size_t> all;
    for (auto const& one : traffic.handed_over) all.insert(one.conversation);
    for (auto const& one : traffic.acted) all.insert(one.conversation);
    return all;
}

/// The first moment at or after `at` in a conversation, of moments by conversation in the order of time.
std::optional<Timestamp> first_after(std::map<std::size_t, std::vector<Timestamp>> const& moments, std::size_t conversation, Timestamp at) {
    auto const found = moments.find(conversation);
    if (found == moments.end()) return std::nullopt;
    auto const place = std::lower_bound(found->second.begin(), found->second.end(), at);
    return place == found->second.end() ? std::nullopt : std::optional{*place};
}

struct Deadlines {
    std::vector<double> waited;  ///< until a person took it or answered
    std::size_t promised = 0, kept = 0;
};

/// By tier; "" is all of them.
std::map<std::string, Deadlines> deadlines_of(Traffic const& traffic) {
    std::map<std::size_t, std::vector<Timestamp>> taken;
    std::map<std::size_t, std::vector<Timestamp>> answered;
    for (auto const& one : traffic.acted) {
        if (one.action == "claim" || one.action == "reply" || one.action == "approve") taken[one.conversation].push_back(one.at);
        if (one.action == "reply" || one.action == "approve") answered[one.conversation].push_back(one.at);
    }
    std::map<std::string, Deadlines> all;
    for (auto const& one : traffic.handed_over) {
        auto const reaction = first_after(taken, one.conversation, one.at);
        auto const answer = first_after(answered, one.conversation, one.at);
        for (auto const& tier : {one.tier, std::string{}}) {
            auto& deadlines = all[tier];
            if (reaction) deadlines.waited.push_back(seconds(*reaction - one.at));
            bool const is_due = one.answer_by != Timestamp{} && (answer || one.answer_by < traffic.query.to);
            if (is_due) ++deadlines.promised;
            if (is_due && answer && *answer <= one.answer_by) ++deadlines.kept;
        }
    }
    return all;
}

Report overview(Traffic const& traffic) {
    std::vector<double> waited;
    for (auto const& wait : waits_of(traffic)) waited.push_back(seconds(wait.waited));
    auto const angry = std::count_if(traffic.heard.begin(), traffic.heard.end(), [](auto const& one) { return one.anger >= angry_from; });
    std::set<std::size_t> wrote;
    for (auto const& one : traffic.heard) wrote.insert(one.conversation);
    auto const people = with_people(traffic);
    auto const alone = std::count_if(wrote.begin(), wrote.end(), [&](auto one) { return !people.contains(one); });
    auto const deadlines = deadlines_of(traffic)[""];
    Report report{"overview",
                  {{"messages", "integer"},
                   {"conversations", "integer"},
                   {"without_human", "share"},
                   {"first_answer_median", "seconds"},
                   {"first_answer_p90", "seconds"},
                   {"deadlines_kept", "share"},
                   {"angry", "share"},
                   {"handovers", "integer"},
                   {"concessions", "integer"}},
                  {}};
    report.rows.push_back({count_of(traffic.heard.size()), count_of(wrote.size()), share(static_cast<std::size_t>(alone), wrote.size()), percentile(waited, 50),
                           percentile(waited, 90), share(deadlines.kept, deadlines.promised), share(static_cast<std::size_t>(angry), traffic.heard.size()),
                           count_of(traffic.handed_over.size()), count_of(traffic.given.size())});
    return report;
}

Report messages(Traffic const& traffic) {
    struct Sums {
        std::size_t heard = 0, by_bot = 0, by_people = 0, angry = 0;
        double anger = 0;
        std::set<std::size_t> customers;
    };
    Buckets bucket{traffic.query};
    std::map<Timestamp, Sums> sums;
    for (auto const& one : traffic.heard) {
        auto& sum = sums[bucket(one.at)];
        ++sum.heard;
        sum.angry += one.anger >= angry_from ? 1 : 0;
        sum.anger += one.anger;
        sum.customers.insert(one.conversation);
    }
    for (auto const& one : traffic.spoken) {
        auto& sum = sums[bucket(one.at)];
        ++(one.purpose == SendPurpose::agent ? sum.by_people : sum.by_bot);
    }
    Report report{"messages",
                  {{"time", "time"},
                   {"messages", "integer"},
                   {"customers", "integer"},
                   {"answers_by_bot", "integer"},
                   {"answers_by_people", "integer"},
                   {"angry", "integer"},
                   {"anger_mean", "number"}},
                  {}};
    for (auto const& [time, sum] : sums)
        report.rows.push_back({time_cell(time), count_of(sum.heard), count_of(sum.customers.size()), count_of(sum.by_bot), count_of(sum.by_people),
                               count_of(sum.angry), sum.heard == 0 ? Cell{} : Cell{sum.anger / count_of(sum.heard)}});
    return report;
}

Report intents(Traffic const& traffic) {
    Buckets bucket{traffic.query};
    std::map<Timestamp, std::array<std::size_t, label_count + 1>> sums;
    for (auto const& one : traffic.heard) {
        auto& sum = sums[bucket(one.at)];
        for (std::size_t label = 0; label < label_count; ++label) sum[label] += one.labels[label] ? 1 : 0;
        sum[label_count] += std::none_of(one.labels.begin(), one.labels.end(), [](bool given) { return given; }) ? 1 : 0;
    }
    Report report{"intents", {{"time", "time"}}, {}};
    for (auto const name : label_names) report.columns.push_back({name, "integer"});
    report.columns.push_back({"other", "integer"});
    for (auto const& [time, sum] : sums) {
        Row row{time_cell(time)};
        for (auto const count : sum) row.emplace_back(count_of(count));
        report.rows.push_back(std::move(row));
    }
    return report;
}

Report answers(Traffic const& traffic) {
    struct Sums {
        std::set<std::size_t> wrote;
        std::vector<double> all, by_bot, by_person;
    };
    Buckets bucket{traffic.query};
    std::map<Timestamp, Sums> sums;
    for (auto const& one : traffic.heard) sums[bucket(one.at)].wrote.insert(one.conversation);
    for (auto const& wait : waits_of(traffic)) {
        auto& sum = sums[bucket(wait.asked)];
        sum.all.push_back(seconds(wait.waited));
        (wait.by_person ? sum.by_person : sum.by_bot).push_back(seconds(wait.waited));
    }
    auto const people = with_people(traffic);
    Report report{"answers",
                  {{"time", "time"},
                   {"conversations", "integer"},
                   {"without_human", "share"},
                   {"first_answer_median", "seconds"},
                   {"first_answer_p90", "seconds"},
                   {"by_bot_median", "seconds"},
                   {"by_person_median", "seconds"}},
                  {}};
    for (auto const& [time, sum] : sums) {
        auto const alone = std::count_if(sum.wrote.begin(), sum.wrote.end(), [&](auto one) { return !people.contains(one); });
        report.rows.push_back({time_cell(time), count_of(sum.wrote.size()), share(static_cast<std::size_t>(alone), sum.wrote.size()), percentile(sum.all, 50),
                               percentile(sum.all, 90), percentile(sum.by_bot, 50), percentile(sum.by_person, 50)});
    }
    return report;
}

Report waiting(Traffic const& traffic) {
    std::map<std::string, std::size_t> called;
    for (auto const& one : traffic.handed_over) ++called[one.tier];
    Report report{"waiting",
                  {{"tier", "text"},
                   {"handovers", "integer"},
                   {"taken", "integer"},
                   {"waited_median", "seconds"},
                   {"waited_p90", "seconds"},
                   {"deadlines", "integer"},
                   {"kept", "integer"},
                   {"kept_share", "share"}},
                  {}};
    for (auto const& [tier, deadlines] : deadlines_of(traffic))
        if (!tier.empty())
            report.rows.push_back({tier, count_of(called[tier]), count_of(deadlines.waited.size()), percentile(deadlines.waited, 50),
                                   percentile(deadlines.waited, 90), count_of(deadlines.promised), count_of(deadlines.kept),
                                   share(deadlines.kept, deadlines.promised)});
    return report;
}

Report handovers(Traffic const& traffic) {
    std::map<std::pair<std::string, std::string>, std::pair<std::size_t, std::size_t>> sums;
    for (auto const& one : traffic.handed_over) {
        auto& [count, urgent] = sums[{one.reason, one.tier}];
        ++count;
        urgent += one.urgent ? 1 : 0;
    }
    Report report{"handovers", {{"reason", "text"}, {"tier", "text"}, {"handovers", "integer"}, {"urgent", "integer"}}, {}};
    for (auto const& [key, sum] : sums) report.rows.push_back({key.first, key.second, count_of(sum.first), count_of(sum.second)});
    std::stable_sort(report.rows.begin(), report.rows.end(), [](Row const& a, Row const& b) { return std::get<double>(a[2]) > std::get<double>(b[2]); });
    return report;
}

Report concessions(Traffic const& traffic) {
    std::map<std::tuple<std::string, std::string, std::string>, std::pair<std::size_t, double>> sums;
    for (auto const& one : traffic.given) {
        auto& [count, amount] = sums[{one.kind, one.currency, one.by}];
        ++count;
        amount += one.amount;
    }
    Report report{"concessions", {{"kind", "text"}, {"currency", "text"}, {"by", "text"}, {"concessions", "integer"}, {"amount", "money"}}, {}};
    for (auto const& [key, sum] : sums) report.rows.push_back({std::get<0>(key), std::get<1>(key), std::get<2>(key), count_of(sum.first), sum.second});
    return report;
}

Report templates(Traffic const& traffic) {
    struct Sums {
        std::size_t said = 0, refused = 0, unknown = 0, angry = 0, handed_over = 0;
    };
    std::map<std::size_t, std::vector<Timestamp>> angry;
    std::map<std::size_t, std::vector<Timestamp>> called;
    for (auto const& one : traffic.heard)
        if (one.anger >= angry_from) angry[one.conversation].push_back(one.at);
    for (auto const& one : traffic.handed_over) called[one.conversation].push_back(one.at);
    auto const follows = [](auto const& moments, Traffic::Spoken const& said) {
        auto const next = first_after(moments, said.conversation, said.at + std::chrono::milliseconds{1});
        return next && *next - said.at <= soon_after;
    };
    std::map<std::pair<std::string, std::string>, Sums> sums;
    for (auto const& one : traffic.spoken) {
        if (one.end == Traffic::Spoken::End::cancelled) continue;
        bool const made_angry = follows(angry, one);
        bool const went_on = follows(called, one);
        for (auto const& name : one.templates) {
            auto& sum = sums[{name, one.language}];
            ++sum.said;
            sum.refused += one.end == Traffic::Spoken::End::refused ? 1 : 0;
            sum.unknown += one.end == Traffic::Spoken::End::unknown ? 1 : 0;
            sum.angry += made_angry ? 1 : 0;
            sum.handed_over += went_on ? 1 : 0;
        }
    }
    Report report{"templates",
                  {{"template", "text"},
                   {"locale", "text"},
                   {"said", "integer"},
                   {"refused", "integer"},
                   {"unknown", "integer"},
                   {"angry_soon_after", "share"},
                   {"handed_over_soon_after", "share"}},
                  {}};
    for (auto const& [key, sum] : sums)
        report.rows.push_back({key.first, key.second, count_of(sum.said), count_of(sum.refused), count_of(sum.unknown), share(sum.angry, sum.said),
                               share(sum.handed_over, sum.said)});
    std::stable_sort(report.rows.begin(), report.rows.end(), [](Row const& a, Row const& b) { return std::get<double>(a[2]) > std::get<double>(b[2]); });
    return report;
}

using Maker = Report (*)(Traffic const&);
constexpr std::array<std::pair<std::string_view, Maker>, 8> makers{{{"overview", overview},
                                                                    {"messages", messages},
                                                                    {"intents", intents},
                                                                    {"answers", answers},
                                                                    {"waiting", waiting},
                                                                    {"handovers", handovers},
                                                                    {"concessions", concessions},
                                                                    {"templates", templates}}};

}  // namespace

std::vector<std::string_view> const& report_names() {
    static std::vector<std::string_view> const names = [] {
        std::vector<std::string_view> all;
        for (auto const& [name, make] : makers) all.push_back(name);
        return all;
    }();
    return names;
}

Result<Report> make_report(std::string_view name, Traffic const& traffic) {
    for (auto const& [known, make] : makers)
        if (known == name) return make(traffic);
    return Error{Errc::not_found, "there is no report of that name"};
}

}  // namespace kefu
