// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/traffic.hpp"

#include "daemon/store/open_store.hpp"
#include "daemon/store/statements.hpp"
#include "replies/json.hpp"
#include "replies/schedule.hpp"

#include <boost/json/parse.hpp>

#include <sstream>
#include <unordered_map>
#include <utility>

namespace kefu {

namespace {

constexpr std::size_t most_rows = 1'000'000;

/// The first row of the journal received at or after `from`: rows are in the order of time.
std::int64_t first_row(Database& database, Timestamp from) {
    Statement next{database, "SELECT number, received_at FROM journal WHERE number >= ? ORDER BY number LIMIT 1"};
    std::int64_t low = 0;
    std::int64_t high = database.integer("SELECT coalesce(max(number), 0) FROM journal") + 1;
    while (low < high) {
        std::int64_t const middle = low + (high - low) / 2;
        auto rows = next.query(middle);
        if (rows.next() && rows.time(1) < from)
            low = rows.integer(0) + 1;
        else
            high = middle;
    }
    return low;
}

boost::json::value parsed(std::string_view text) {
    boost::system::error_code broken;
    return boost::json::parse(boost::json::string_view{text.data(), text.size()}, broken);
}

Traffic::Spoken::End end_of(RowState state) {
    using End = Traffic::Spoken::End;
    switch (state) {
        case RowState::delivered:
        case RowState::received:
        case RowState::read:
            return End::delivered;
        case RowState::refused:
            return End::refused;
        case RowState::unknown:
            return End::unknown;
        case RowState::cancelled:
            return End::cancelled;
        default:
            return End::open;
    }
}

class Reader {
  public:
    Reader(Database& database, Classifier const& classifier, TrafficQuery query) : database_(database), classifier_(classifier) {
        traffic_.query = std::move(query);
    }

    Result<Traffic> read() {
        if (auto const done = journal(); !done) return done.error();
        escalations();
        concessions();
        return std::move(traffic_);
    }

  private:
    std::size_t conversation(std::string_view id) {
        auto const [place, is_new] = numbers_.try_emplace(std::string{id}, numbers_.size());
        if (is_new) ++traffic_.conversations;
        return place->second;
    }

    Result<void> journal() {
        Statement statement{database_,
                            "SELECT j.kind, j.state, j.received_at, j.event, c.id FROM journal j "
                            "JOIN conversations c ON [c.bucket = j.bucket AND] c.number = j.conversation JOIN channels n ON n.number = c.channel "
                            "WHERE j.number >= ?1 AND (?2 = '' OR n.name = ?2) [AND j.received_at < ?3] ORDER BY j.number LIMIT ?4"};
        std::size_t count = 0;
        // SQLite gives row after row; what comes from a server comes whole, so it must be asked for no more than is read.
        auto rows =
            statement.query(first_row(database_, traffic_.query.from), traffic_.query.channel, traffic_.query.to, static_cast<std::int64_t>(most_rows + 1));
        while (rows.next() && rows.time(2) < traffic_.query.to) {
            if (++count > most_rows) return Error{Errc::bad_payload, "more than a million rows; take a shorter span"};
            auto const kind = static_cast<RowKind>(rows.integer(0));
            auto const state = static_cast<RowState>(rows.integer(1));
            auto const json = parsed(rows.text(3));
            if (kind == RowKind::send)
                take_send(json, rows.time(2), state, rows.text(4));
            else if (state != RowState::unsent)
                take_event(json, rows.time(2), rows.text(4));
        }
        return {};
    }

    void take_event(boost::json::value const& json, Timestamp at, std::string_view id) {
        auto const event = event_from_json(json);
        if (!event) return;
        if (auto const* received = std::get_if<MessageReceived>(&*event)) {
            Traffic::Heard heard{at, conversation(id), {}, 0};
            auto const meaning = classifier_.classify(received->message.text);
            for (auto const label : meaning.labels) heard.labels[static_cast<std::size_t>(label)] = true;
            heard.anger = meaning.anger.level;
            traffic_.heard.push_back(heard);
        } else if (auto const* acted = std::get_if<AgentActed>(&*event)) {
            traffic_.acted.push_back({at, conversation(id), std::string{agent_action_names[static_cast<std::size_t>(acted->action)]}, acted->agent});
        }
    }

    void take_send(boost::json::value const& json, Timestamp at, RowState state, std::string_view id) {
        auto effect = effect_from_json(json);
        auto* send = effect ? std::get_if<Send>(&*effect) : nullptr;
        if (send == nullptr) return;
        traffic_.spoken.push_back({at, conversation(id), send->purpose, std::move(send->templates), std::move(send->language), end_of(state)});
    }

    void escalations() {
        Statement statement{
            database_,
            "SELECT e.opened_at, e.what, e.conversation FROM escalations e JOIN conversations c ON c.id = e.conversation "
            "JOIN channels n ON n.number = c.channel WHERE e.opened_at >= ?1 AND e.opened_at < ?2 AND (?3 = '' OR n.name = ?3) ORDER BY e.number"};
        auto rows = statement.query(traffic_.query.from, traffic_.query.to, traffic_.query.channel);
        while (rows.next()) {
            auto const effect = effect_from_json(parsed(rows.text(1)));
            auto const* what = effect ? std::get_if<Escalate>(&*effect) : nullptr;
            if (what != nullptr)
                traffic_.handed_over.push_back({rows.time(0), conversation(rows.text(2)), what->reason, what->tier, what->urgent, what->answer_by});
        }
    }

    /// The store writes each as "coupon 100.000000 TWD: why".
    void concessions() {
        Statement statement{database_,
                            "SELECT a.at, a.who, a.detail FROM audit a JOIN conversations c ON c.id = a.conversation JOIN channels n ON n.number = c.channel "
                            "WHERE a.action = 'concession' AND a.at >= ?1 AND a.at < ?2 AND (?3 = '' OR n.name = ?3) ORDER BY a.number"};
        auto rows = statement.query(traffic_.query.from, traffic_.query.to, traffic_.query.channel);
        while (rows.next()) {
            Traffic::Given given{rows.time(0), {}, {}, std::string{rows.text(1)}, 0};
            std::istringstream detail{std::string{rows.text(2)}};
            if (!(detail >> given.kind >> given.amount >> given.currency)) continue;
            if (given.currency.ends_with(':')) given.currency.pop_back();
            traffic_.given.push_back(std::move(given));
        }
    }

    Database& database_;
    Classifier const& classifier_;
    Traffic traffic_;
    std::unordered_map<std::string, std::size_t> numbers_;
};

}  // namespace

Timestamp bucket_of(Timestamp at, TrafficQuery const& query) {
    auto const local = local_time(at, query.time_zone);  // "2026-11-24 10:30"
    auto const wall = from_rfc3339(local.substr(0, 10) + 'T' + (query.hourly ? local.substr(11, 2) : "00") + ":00:00Z");
    return wall ? from_local(*wall, query.time_zone) : at;
}

Result<Traffic> read_traffic(StoreSettings const& store, TrafficQuery query, Classifier const& classifier) {
    auto database = open_beside(store, Access::read);
    if (!database) return database.error();
    try {
        (*database)->begin(Access::read);
        return Reader{**database, classifier, std::move(query)}.read();
    } catch (DatabaseError const& error) {
        return error.to_error(name_of(store));
    }
}

}  // namespace kefu
