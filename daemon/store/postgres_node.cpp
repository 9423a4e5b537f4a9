// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/postgres_node.hpp"

#include "daemon/log.hpp"
#include "daemon/store/bucket.hpp"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <limits>
#include <utility>

namespace kefu {

namespace {

using namespace std::chrono_literals;

constexpr auto longest_look = 1000ms;
constexpr std::size_t most_told = 60;  // conversations in one notification, which holds 8000 bytes

/// The database's clock, in milliseconds since 1970: the only one that all daemons share.
#define KEFU_DATABASE_NOW "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)"

constexpr char const* take_sql = "INSERT INTO nodes (name, lease_end) VALUES (?, " KEFU_DATABASE_NOW " + ?) RETURNING number";
constexpr char const* renew_sql = "UPDATE nodes SET lease_end = " KEFU_DATABASE_NOW " + ? WHERE number = ?";
constexpr char const* end_others_sql = "DELETE FROM nodes WHERE lease_end < " KEFU_DATABASE_NOW;
constexpr char const* recover_sql =
    "UPDATE outbox SET state = 0, due = 0, maybe_sent = 1 WHERE state = 1 AND NOT EXISTS (SELECT 1 FROM nodes n WHERE n.number = outbox.node)";
constexpr char const* read_sql =
    "SELECT c.id, n.name, c.owner, c.agent, c.heat, c.deadline FROM conversations c JOIN channels n ON n.number = c.channel "
    "JOIN jsonb_to_recordset(CAST(? AS jsonb)) AS k (bucket BIGINT, id TEXT) ON c.bucket = k.bucket AND c.id = k.id";

#undef KEFU_DATABASE_NOW

/// One database may hold several stores, each in a schema.
#define KEFU_CHANNEL "'kefud_' || current_schema()"

}  // namespace

PostgresNode::PostgresNode(PostgresAccess access, NodeOptions options, std::shared_ptr<CommitListeners> listeners)
    : options_(std::move(options)), listeners_(std::move(listeners)), database_(std::move(access)), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

PostgresNode::~PostgresNode() {
    leave();
    if (wake_ >= 0) ::close(wake_);
}

void PostgresNode::join() {
    Statement{database_, "DELETE FROM nodes WHERE name = ?"}.run(options_.name);
    take_lease(Clock::now());
    take_over();
}

void PostgresNode::start() {
    thread_ = std::thread{[this] { run(); }};
}

void PostgresNode::committed(bool made_work, std::vector<Changed> const& changes) {
    if (!options_.notify) return;
    {
        std::lock_guard const lock{mutex_};
        news_.made_work = news_.made_work || made_work;
        for (auto const& change : changes) {
            auto& difference = news_.changes[change.conversation.value];
            difference.is_new = difference.is_new || change.is_new;
            difference.moved = difference.moved || change.moved;
        }
    }
    nudge();
}

void PostgresNode::leave() noexcept {
    if (thread_.joinable()) {
        {
            std::lock_guard const lock{mutex_};
            stopping_ = true;
        }
        nudge();
        thread_.join();
    }
    if (lease_.number() == 0) return;
    try {
        Statement{database_, "DELETE FROM nodes WHERE number = ?"}.run(lease_.number());
        take_over();
    } catch (DatabaseError const&) {  // then it ends by itself
    }
    lease_.take(0, {});
}

void PostgresNode::nudge() noexcept {
    std::uint64_t const one = 1;
    if (::write(wake_, &one, sizeof one) < 0) return;  // it is full of them: awake already
}

void PostgresNode::run() {
    pthread_setname_np(pthread_self(), "kefud-node");
    for (;;) {
        {
            std::lock_guard const lock{mutex_};
            if (stopping_) return;
        }
        try {
            look_after_things();
            if (std::exchange(trouble_, false)) log_info("database_answers_again", {});
        } catch (DatabaseError const& error) {
            if (!std::exchange(trouble_, true)) log_error("database_lost", {{"why", error.what()}});
            pollfd waiting{wake_, POLLIN, 0};
            ::poll(&waiting, 1, 200);
        }
        std::uint64_t nudges = 0;
        if (::read(wake_, &nudges, sizeof nudges) < 0) continue;  // nobody did
    }
}

void PostgresNode::look_after_things() {
    database_.connect();
    if (Clock::now() >= renew_at_) {
        renew();
        take_over();
    }
    if (options_.notify && listening_on_ != database_.connection_number()) {
        database_.execute("LISTEN \"" + database_.text("SELECT " KEFU_CHANNEL) + '"');
        if (listening_on_ != 0) listeners_->wake();  // who knows what was said meanwhile
        listening_on_ = database_.connection_number();
        say({});  // so that the others know of us
    }
    tell_others();
    auto const until_renewal = std::chrono::ceil<std::chrono::milliseconds>(renew_at_ - Clock::now());
    hear(database_.notifications(std::max(0ms, std::min<std::chrono::milliseconds>(longest_look, until_renewal)), wake_));
}

void PostgresNode::renew() {
    auto const asked = Clock::now();
    if (Statement{database_, renew_sql}.run(static_cast<std::int64_t>(options_.lease.count()), lease_.number()) == 0) {
        // Others thought we were dead: what we had in flight is theirs.
        log_warn("lease_lost", {{"node", options_.name}});
        take_lease(asked);
    } else {
        lease_.renew(asked + options_.lease);
    }
    renew_at_ = asked + options_.lease / 6;
    alone_ = database_.integer("SELECT count(*) FROM nodes") < 2;
}

void PostgresNode::take_lease(Clock::time_point asked) {
    Statement statement{database_, take_sql};
    auto rows = statement.query(options_.name, static_cast<std::int64_t>(options_.lease.count()));
    if (!rows.next()) throw PostgresError{"", "no lease was given"};
    lease_.take(rows.integer(0), asked + options_.lease);
}

/// What a dead daemon had in flight may be out; it is due at once, in the old order.
void PostgresNode::take_over() {
    database_.begin(Access::write);
    try {
        Statement{database_, end_others_sql}.run();
        int const taken = Statement{database_, recover_sql}.run();
        database_.commit();
        if (taken == 0) return;
        log_warn("taken_over", {{"in_flight", taken}});
        listeners_->wake();
    } catch (...) {
        database_.roll_back();
        throw;
    }
}

void PostgresNode::tell_others() {
    News news;
    {
        std::lock_guard const lock{mutex_};
        news = std::exchange(news_, {});
    }
    if (!alone_ && (news.made_work || !news.changes.empty())) say(news);
}

void PostgresNode::say(News const& news) {
    Statement notify{database_, "SELECT pg_notify(" KEFU_CHANNEL ", ?)"};
    auto next = news.changes.begin();
    do {
        boost::json::array changes;
        for (; next != news.changes.end() && changes.size() < most_told; ++next)
            changes.push_back(boost::json::array{next->first, next->second.is_new, next->second.moved});
        std::string const payload =
            boost::json::serialize(boost::json::object{{"from", lease_.number()}, {"work", news.made_work}, {"changes", std::move(changes)}});
        notify.run(payload);
    } while (next != news.changes.end());
}

void PostgresNode::hear(std::vector<std::string> const& payloads) {
    bool work = false;
    std::map<std::string, Difference> changes;
    for (auto const& payload : payloads) {
        boost::system::error_code broken;
        auto const json = boost::json::parse(payload, broken);
        auto const* const news = broken ? nullptr : json.if_object();
        if (news == nullptr) continue;
        auto const* const from = news->if_contains("from");
        if (from == nullptr || *from == lease_.number()) continue;
        alone_ = false;
        if (auto const* const made = news->if_contains("work")) work = work || *made == true;
        auto const* const all = news->if_contains("changes");
        if (all == nullptr || !all->is_array()) continue;
        for (auto const& one : all->get_array()) {
            auto const* const change = one.if_array();
            if (change == nullptr || change->size() != 3 || !change->at(0).is_string()) continue;
            auto& difference = changes[std::string{change->at(0).get_string()}];
            difference.is_new = difference.is_new || change->at(1) == true;
            difference.moved = difference.moved || change->at(2) == true;
        }
    }
    if (work) listeners_->wake();
    if (!changes.empty()) listeners_->tell(read(changes));
}

std::vector<Changed> PostgresNode::read(std::map<std::string, Difference> const& changes) {
    boost::json::array wanted;
    for (auto const& [id, difference] : changes) wanted.push_back(boost::json::object{{"bucket", bucket_of(id)}, {"id", id}});
    Statement statement{database_, read_sql};
    std::vector<Changed> all;
    auto rows = statement.query(boost::json::serialize(wanted));
    while (rows.next()) {
        Changed change;
        change.conversation = ConversationId{std::string{rows.text(0)}};
        change.channel = ChannelId{std::string{rows.text(1)}};
        change.owner = static_cast<Owner>(rows.integer(2));
        change.agent = rows.text(3);
        change.heat = rows.real(4);
        if (rows.integer(5) != std::numeric_limits<std::int64_t>::max()) change.answer_by = rows.time(5);
        auto const& difference = changes.at(change.conversation.value);
        change.is_new = difference.is_new;
        change.moved = difference.moved;
        all.push_back(std::move(change));
    }
    return all;
}

}  // namespace kefu
