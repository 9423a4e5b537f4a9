// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/postgres.hpp"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <utility>

namespace kefu {

namespace {

using namespace std::chrono_literals;

/// The types' numbers in PostgreSQL's catalogue, the same in every version (pg_type.dat).
constexpr Oid bytea = 17, int8 = 20, text = 25, float8 = 701;
constexpr int binary = 1;

/// Parameters as libpq takes them: whole arrays, numbers in the network's order.
class Parameters {
  public:
    explicit Parameters(std::span<Value const> values) {
        numbers_.reserve(values.size());  // pointers into it are kept
        for (auto const& value : values) std::visit([&](auto const& data) { add(data); }, value.data());
    }
    int count() const { return static_cast<int>(types.size()); }

    std::vector<Oid> types;
    std::vector<char const*> bytes;
    std::vector<int> lengths;
    std::vector<int> formats;

  private:
    void add(Oid type, char const* data, std::size_t size) {
        types.push_back(type);
        bytes.push_back(data);
        lengths.push_back(static_cast<int>(size));
        formats.push_back(binary);
    }
    void add(Oid type, std::uint64_t number) {
        auto& place = numbers_.emplace_back();
        for (std::size_t i = 0; i < place.size(); ++i) place[i] = static_cast<char>(number >> (56U - 8U * i));
        add(type, place.data(), place.size());
    }
    void add(std::nullptr_t) { add(0, nullptr, 0); }  // the server knows which type is wanted
    void add(std::int64_t value) { add(int8, static_cast<std::uint64_t>(value)); }
    void add(double value) { add(float8, std::bit_cast<std::uint64_t>(value)); }
    void add(std::string_view value) { add(text, value.data() != nullptr ? value.data() : "", value.size()); }
    void add(Blob value) { add(bytea, value.bytes.data() != nullptr ? value.bytes.data() : "", value.bytes.size()); }

    std::vector<std::array<char, 8>> numbers_;
};

std::string trimmed(char const* message) {
    std::string text_{message != nullptr ? message : ""};
    while (!text_.empty() && (text_.back() == '\n' || text_.back() == ' ')) text_.pop_back();
    std::replace(text_.begin(), text_.end(), '\n', ' ');
    return text_;
}

PostgresError error_in(PGresult const* result) {
    auto const field = [&](int code) { return trimmed(PQresultErrorField(result, code)); };
    std::string const message = field(PG_DIAG_MESSAGE_PRIMARY);
    return PostgresError{field(PG_DIAG_SQLSTATE), message.empty() ? trimmed(PQresultErrorMessage(result)) : message};
}

bool is_class(std::string const& state, std::string_view first_two) { return state.substr(0, 2) == first_two; }

}  // namespace

bool PostgresError::local() const {
    // Data exceptions, integrity constraints, features, syntax and names, limits of one statement.
    return is_class(state_, "22") || is_class(state_, "23") || is_class(state_, "42") || is_class(state_, "54");
}

/// Also when what the server had prepared does not fit any more: another daemon migrated, or a pooler gave us another connection.
bool PostgresError::passing() const { return again_ || state_ == "40001" || state_ == "40P01" || state_ == "55P03" || state_ == "0A000" || state_ == "26000"; }

Error PostgresError::to_error(std::string const& name) const {
    std::string const reason = what();
    auto const later = [&](std::string_view why) { return Error{Errc::unavailable, name + ": " + std::string{why} + reason, std::nullopt}; };
    if (state_.empty() || is_class(state_, "08")) return later("the database does not answer; nothing was stored: ");
    if (is_class(state_, "53")) return later("the database has run out of something; nothing was stored: ");
    if (is_class(state_, "57") || is_class(state_, "58") || state_ == "25006") return later("the database cannot do it now; nothing was stored: ");
    if (passing() && !state_.empty()) return later("other daemons were in the way; nothing was stored: ");
    if (is_class(state_, "28")) return {Errc::environment, name + ": it lets us not in: " + reason + ". Check user, password and pg_hba.conf", std::nullopt};
    if (state_ == "3D000") return {Errc::environment, name + ": " + reason + ". Make it with createdb", std::nullopt};
    return {Errc::environment, name + ": " + reason, std::nullopt};
}

/// One statement. Its whole answer is here before the first row is looked at, so it may be used while another is read.
class PostgresStatement final : public PreparedStatement {
  public:
    PostgresStatement(PostgresDatabase& database, std::string sql) : database_(database), sql_(std::move(sql)) {}

    void start(std::span<Value const> values) override {
        answer_ = database_.ask(sql_, values);
        row_ = -1;
    }
    bool next() override { return ++row_ < PQntuples(answer_.get()); }
    void reset() noexcept override { answer_.reset(); }
    int run(std::span<Value const> values) override {
        auto const answer = database_.ask(sql_, values);
        return std::atoi(PQcmdTuples(answer.get()));
    }
    void post(std::span<Value const> values) override { database_.send(sql_, values); }

    int columns() const override { return PQnfields(answer_.get()); }
    std::string_view name(int column) const override { return PQfname(answer_.get(), column); }
    bool null(int column) const override { return PQgetisnull(answer_.get(), row_, column) != 0; }
    std::int64_t integer(int column) const override {
        auto const bytes = text(column);
        if (bytes.empty()) return 0;
        std::uint64_t number = (static_cast<unsigned char>(bytes.front()) & 0x80U) != 0 ? ~std::uint64_t{0} : 0;  // its sign, when it is shorter
        for (char const byte : bytes.substr(0, sizeof number)) number = number << 8U | static_cast<unsigned char>(byte);
        return static_cast<std::int64_t>(number);
    }
    double real(int column) const override { return std::bit_cast<double>(integer(column)); }
    std::string_view text(int column) const override {
        return {PQgetvalue(answer_.get(), row_, column), static_cast<std::size_t>(PQgetlength(answer_.get(), row_, column))};
    }

  private:
    PostgresDatabase& database_;
    std::string sql_;
    PostgresDatabase::Answer answer_;
    int row_ = -1;
};

std::string name_of(PostgresAccess const& access) {
    char* problem = nullptr;
    PQconninfoOption* const options = PQconninfoParse(access.url.c_str(), &problem);
    PQfreemem(problem);
    if (options == nullptr) return "PostgreSQL";
    std::string host;
    std::string port;
    std::string database;
    for (PQconninfoOption const* option = options; option->keyword != nullptr; ++option) {
        std::string_view const key = option->keyword;
        if (option->val == nullptr) continue;
        if (key == "host") host = option->val;
        if (key == "port") port = option->val;
        if (key == "dbname") database = option->val;
    }
    PQconninfoFree(options);
    return "PostgreSQL " + (host.empty() ? "on this machine" : host) + (port.empty() ? "" : ":" + port) + (database.empty() ? "" : " " + database);
}

void PostgresDatabase::Finish::operator()(pg_conn* connection) const { PQfinish(connection); }
void PostgresDatabase::Clear::operator()(pg_result* result) const { PQclear(result); }

PostgresDatabase::~PostgresDatabase() = default;

std::unique_ptr<PreparedStatement> PostgresDatabase::prepare(std::string_view sql) {
    return std::make_unique<PostgresStatement>(*this, sql_for(sql, '$', true));
}

void PostgresDatabase::connect() {
    if (connection_ && PQstatus(connection_.get()) == CONNECTION_OK) return;
    if (transaction_) lost("the connection was lost");
    connection_.reset();
    if (Clock::now() < not_before_) throw PostgresError{"", why_lost_};
    std::string const seconds = std::to_string(std::max<std::int64_t>(2, std::chrono::ceil<std::chrono::seconds>(access_.timeout).count()));
    std::string const milliseconds = std::to_string(access_.timeout.count());
    std::vector<char const*> keys{"dbname",           "fallback_application_name", "connect_timeout",
                                  "tcp_user_timeout", "keepalives_idle",           "keepalives_interval",
                                  "keepalives_count", "client_encoding",           "target_session_attrs"};
    std::vector<char const*> values{access_.url.c_str(), "kefud", seconds.c_str(), milliseconds.c_str(), "10", "5", "3", "UTF8", "read-write"};
    auto const add = [&](char const* key, std::string const& value) {
        if (value.empty()) return;
        keys.push_back(key);
        values.push_back(value.c_str());
    };
    add("password", access_.password);
    add("sslmode", access_.tls);
    add("sslrootcert", access_.ca_certificate);
    keys.push_back(nullptr);
    values.push_back(nullptr);
    constexpr int url_in_dbname = 1;
    connection_.reset(PQconnectdbParams(keys.data(), values.data(), url_in_dbname));
    ++connections_;
    known_.clear();
    pending_.clear();
    if (PQstatus(connection_.get()) != CONNECTION_OK) {
        auto const pause = std::min<std::chrono::milliseconds>(100ms * (1 << std::min(failures_++, 6)), 5s);
        not_before_ = Clock::now() + pause;
        lost(trimmed(PQerrorMessage(connection_.get())));
    }
    failures_ = 0;
    PQsetNoticeProcessor(
        connection_.get(), [](void*, char const*) {}, nullptr);  // else they go to stderr
    if (access_.prepared) {
        // Nothing may hang for ever, nor keep others from a conversation. Behind a pooler these would stay on somebody else's connection.
        execute("SET statement_timeout = " + milliseconds + "; SET lock_timeout = " + milliseconds + "; SET idle_in_transaction_session_timeout = '60s'");
    }
    PQenterPipelineMode(connection_.get());
}

void PostgresDatabase::lost(std::string const& why) {
    why_lost_ = why.empty() ? "the connection was lost" : why;
    connection_.reset();
    known_.clear();
    pending_.clear();
    bool const again = failures_ == 0 && !committing_;
    transaction_ = false;
    committing_ = false;
    throw PostgresError{"", why_lost_, again};
}

/// For several statements at once, which pipeline mode does not take.
void PostgresDatabase::execute(std::string const& sql) {
    if (!connection_) connect();
    if (!pending_.empty()) sync();
    bool const piped = PQpipelineStatus(connection_.get()) != PQ_PIPELINE_OFF;
    if (piped) PQexitPipelineMode(connection_.get());
    Answer const answer{PQexec(connection_.get(), sql.c_str())};
    if (PQstatus(connection_.get()) != CONNECTION_OK) lost(trimmed(PQerrorMessage(connection_.get())));
    if (piped) PQenterPipelineMode(connection_.get());
    auto const status = PQresultStatus(answer.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY) throw error_in(answer.get());
}

void PostgresDatabase::begin(Access access) {
    connect();
    send(access == Access::write ? "BEGIN" : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", {});
    transaction_ = true;
}

void PostgresDatabase::commit() {
    send("COMMIT", {});
    committing_ = true;  // when the connection goes now, nobody knows
    auto const answer = sync();
    committing_ = false;
    transaction_ = false;
    // A transaction in which a statement failed is rolled back by it, without an error.
    if (std::string_view{PQcmdStatus(answer.get())} != "COMMIT") throw PostgresError{"25P02", "the transaction had failed"};
}

void PostgresDatabase::roll_back() noexcept {
    committing_ = false;
    if (!transaction_) return;
    try {
        if (!pending_.empty()) {
            try {
                sync();
            } catch (PostgresError const&) {  // the reason is known, or does not matter
            }
        }
        if (connection_) ask("ROLLBACK", {});
    } catch (std::exception const&) {  // the connection is gone, and the transaction with it
        connection_.reset();
    }
    transaction_ = false;
}

void PostgresDatabase::send(std::string const& sql, std::span<Value const> values) {
    connect();
    Parameters const given{values};
    auto* const connection = connection_.get();
    int sent = 0;
    if (access_.prepared) {
        auto& known = known_[sql];
        if (!known.prepared) {
            known.name = "kefud_" + std::to_string(++statements_);
            if (PQsendPrepare(connection, known.name.c_str(), sql.c_str(), given.count(), given.types.data()) == 0) lost(trimmed(PQerrorMessage(connection)));
            known.prepared = true;
            pending_.push_back(&known);
        }
        sent = PQsendQueryPrepared(connection, known.name.c_str(), given.count(), given.bytes.data(), given.lengths.data(), given.formats.data(), binary);
    } else {
        sent = PQsendQueryParams(connection, sql.c_str(), given.count(), given.types.data(), given.bytes.data(), given.lengths.data(), given.formats.data(),
                                 binary);
    }
    if (sent == 0) lost(trimmed(PQerrorMessage(connection)));
    pending_.push_back(nullptr);
}

PostgresDatabase::Answer PostgresDatabase::ask(std::string const& sql, std::span<Value const> values) {
    send(sql, values);
    return sync();
}

/// Reads all that was sent for. The value: the last answer. Throws the first error.
PostgresDatabase::Answer PostgresDatabase::sync() {
    if (PQpipelineSync(connection_.get()) == 0) lost(trimmed(PQerrorMessage(connection_.get())));
    auto const until = Clock::now() + access_.timeout + 1s;  // the server's own limit comes first, and says what it was
    Answer last;
    std::optional<PostgresError> failed;
    while (!pending_.empty()) {
        Known* const preparing = pending_.front();
        Answer answer = next_answer(until);
        auto const status = PQresultStatus(answer.get());
        bool const fine = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
        if (!fine && preparing != nullptr) preparing->prepared = false;
        if (!fine && !failed && status != PGRES_PIPELINE_ABORTED) failed = error_in(answer.get());
        pending_.pop_front();
        last = std::move(answer);
        while (next_answer(until)) {  // a null ends each
        }
    }
    auto const end = next_answer(until);
    if (PQresultStatus(end.get()) != PGRES_PIPELINE_SYNC) lost("the server answers out of turn");
    if (failed && (failed->state() == "0A000" || failed->state() == "26000")) known_.clear();
    if (failed) throw *failed;
    return last;
}

PostgresDatabase::Answer PostgresDatabase::next_answer(Clock::time_point until) {
    while (PQisBusy(connection_.get()) != 0) wait_for_input(until);
    Answer answer{PQgetResult(connection_.get())};
    if (PQstatus(connection_.get()) != CONNECTION_OK) lost(trimmed(PQerrorMessage(connection_.get())));
    return answer;
}

void PostgresDatabase::wait_for_input(Clock::time_point until) {
    auto const left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
    pollfd waiting{PQsocket(connection_.get()), POLLIN, 0};
    int const ready = left > 0 ? ::poll(&waiting, 1, static_cast<int>(left)) : 0;
    if (ready == 0) lost("no answer in " + std::to_string(access_.timeout.count()) + " ms");
    if (ready < 0 && errno != EINTR) lost(std::strerror(errno));
    if (PQconsumeInput(connection_.get()) == 0) lost(trimmed(PQerrorMessage(connection_.get())));
}

std::vector<std::string> PostgresDatabase::notifications(std::chrono::milliseconds limit, int also) {
    std::vector<std::string> all;
    auto const take = [&] {
        while (PGnotify* const one = PQnotifies(connection_.get())) {
            all.emplace_back(one->extra);
            PQfreemem(one);
        }
    };
    take();
    if (!all.empty()) return all;
    std::array<pollfd, 2> waiting{pollfd{PQsocket(connection_.get()), POLLIN, 0}, pollfd{also, POLLIN, 0}};
    ::poll(waiting.data(), waiting.size(), static_cast<int>(limit.count()));
    if (waiting[0].revents != 0 && PQconsumeInput(connection_.get()) == 0) lost(trimmed(PQerrorMessage(connection_.get())));
    take();
    return all;
}

}  // namespace kefu
