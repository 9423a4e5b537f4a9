// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/store/database.hpp"
#include "daemon/store/postgres_access.hpp"

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

/// PostgreSQL through libpq (database.hpp says how it is used). What is posted goes out in one piece with the next statement that is waited for
/// ("pipeline mode", postgresql.org/docs/15/libpq-pipeline-mode.html); an error among it comes up there and has ended the transaction.
struct pg_conn;  // libpq's, which only postgres.cpp sees
struct pg_result;

namespace kefu {

class PostgresError final : public DatabaseError {
  public:
    /// `state`: the five characters of SQLSTATE; empty: the connection. `again`: it was lost where the transaction surely has not happened.
    PostgresError(std::string state, std::string const& message, bool again = false) : DatabaseError(message), state_(std::move(state)), again_(again) {}

    std::string const& state() const { return state_; }
    bool local() const override;
    bool passing() const override;
    Error to_error(std::string const& name) const override;

  private:
    std::string state_;
    bool again_;
};

/// One connection; opened when first used, and again after it was lost, with longer and longer pauses (up to 5 s) in which every use fails at once.
class PostgresDatabase final : public Database {
  public:
    explicit PostgresDatabase(PostgresAccess access) : access_(std::move(access)) {}
    ~PostgresDatabase() override;

    std::unique_ptr<PreparedStatement> prepare(std::string_view sql) override;
    void execute(std::string const& sql) override;
    void begin(Access access) override;
    void commit() override;
    void roll_back() noexcept override;
    bool in_transaction() const override { return transaction_; }
    bool shared() const override { return true; }

    /// Counts the connections: what was set up on one is gone with it.
    std::uint64_t connection_number() const { return connections_; }

    /// Makes a connection when there is none.
    void connect();

    /// What was notified on the channels listened to; waits up to `limit` for the first, or until `also` can be read. Throws when the connection is lost.
    std::vector<std::string> notifications(std::chrono::milliseconds limit, int also);

  private:
    friend class PostgresStatement;
    using Clock = std::chrono::steady_clock;

    struct Finish {
        void operator()(pg_conn* connection) const;
    };
    struct Clear {
        void operator()(pg_result* result) const;
    };
    using Answer = std::unique_ptr<pg_result, Clear>;

    /// A statement as the server knows it, by its text.
    struct Known {
        std::string name;
        bool prepared = false;  ///< asked for; false again when that failed
    };

    void send(std::string const& sql, std::span<Value const> values);
    Answer ask(std::string const& sql, std::span<Value const> values);
    Answer sync();
    Answer next_answer(Clock::time_point until);
    void wait_for_input(Clock::time_point until);
    [[noreturn]] void lost(std::string const& why);

    PostgresAccess access_;
    std::unique_ptr<pg_conn, Finish> connection_;
    std::uint64_t connections_ = 0;
    std::uint64_t statements_ = 0;
    bool transaction_ = false;
    bool committing_ = false;
    std::unordered_map<std::string, Known> known_;
    std::deque<Known*> pending_;  ///< answers that are still to come, in order; not null: that of preparing it
    int failures_ = 0;
    Clock::time_point not_before_{};
    std::string why_lost_;
};

}  // namespace kefu
