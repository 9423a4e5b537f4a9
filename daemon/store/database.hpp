// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "config/base/timestamp.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>

/// What the store's code asks of a database, so that it exists once: sqlite.hpp and postgres.hpp answer. A failing statement throws DatabaseError: inside
/// a transaction every statement can fail (disk full, connection lost) and all of them mean the same, so they are caught once, where the transaction is
/// rolled back, and become a Result there.
///
/// SQL is written once too. Parameters are `?` or `?1`; what stands in [ ] is for a database that several daemons share, and left out elsewhere: its
/// parameters are given all the same.
namespace kefu {

class DatabaseError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;

    /// True for one statement's own fault (a constraint, a value too big): the work around it may go on without it.
    virtual bool local() const = 0;

    /// True when other transactions were in the way (a deadlock): the same once more will do.
    virtual bool passing() const { return false; }

    /// For the caller of a store: unavailable when trying again later may help, else environment. `name` is the database, as its operator knows it.
    virtual Error to_error(std::string const& name) const = 0;
};

/// Bytes that need not be UTF-8.
struct Blob {
    std::string_view bytes;
};

/// A parameter of a statement. Text and bytes are not copied: they live until the statement ran.
class Value {
  public:
    using Data = std::variant<std::nullptr_t, std::int64_t, double, std::string_view, Blob>;

    Value(std::nullptr_t) {}
    Value(std::int64_t value) : data_(value) {}
    Value(int value) : data_(std::int64_t{value}) {}
    Value(bool value) : data_(std::int64_t{value ? 1 : 0}) {}
    Value(double value) : data_(value) {}
    Value(Timestamp value) : data_(static_cast<std::int64_t>(to_millis(value))) {}
    Value(std::string_view value) : data_(value) {}
    Value(std::string const& value) : data_(std::string_view{value}) {}
    Value(char const* value) : data_(std::string_view{value}) {}
    Value(Blob value) : data_(value) {}

    Data const& data() const { return data_; }

  private:
    Data data_{nullptr};
};

/// One database's side of a Statement and of the Rows it gives.
class PreparedStatement {
  public:
    virtual ~PreparedStatement() = default;

    /// Begins a query; next() leads to its first row.
    virtual void start(std::span<Value const> values) = 0;
    virtual bool next() = 0;
    virtual void reset() noexcept = 0;

    /// Runs to the end. The value: how many rows changed.
    virtual int run(std::span<Value const> values) = 0;
    virtual void post(std::span<Value const> values) { run(values); }

    virtual int columns() const = 0;
    virtual std::string_view name(int column) const = 0;
    virtual bool null(int column) const = 0;
    virtual std::int64_t integer(int column) const = 0;
    virtual double real(int column) const = 0;
    virtual std::string_view text(int column) const = 0;
};

/// A result being read. Resets its statement at the end, so that no read stays open; keep none across calls that use the same statement.
class Rows {
  public:
    explicit Rows(PreparedStatement& statement) : statement_(statement) {}
    ~Rows() { statement_.reset(); }
    Rows(Rows const&) = delete;
    Rows& operator=(Rows const&) = delete;

    bool next() { return statement_.next(); }
    int columns() const { return statement_.columns(); }
    std::string_view name(int column) const { return statement_.name(column); }
    bool null(int column) const { return statement_.null(column); }
    std::int64_t integer(int column) const { return statement_.integer(column); }
    double real(int column) const { return statement_.real(column); }
    bool boolean(int column) const { return integer(column) != 0; }
    Timestamp time(int column) const { return from_millis(integer(column)); }
    /// The bytes of a text or a blob; valid until the next next().
    std::string_view text(int column) const { return statement_.text(column); }

  private:
    PreparedStatement& statement_;
};

enum class Access { read, write };

/// One connection. For one thread at a time.
class Database {
  public:
    virtual ~Database() = default;

    virtual std::unique_ptr<PreparedStatement> prepare(std::string_view sql) = 0;

    /// Runs statements that give no rows.
    virtual void execute(std::string const& sql) = 0;

    /// Access::write: what it reads stays so until it ends, as far as it was locked. Access::read: all of it is read as one moment.
    virtual void begin(Access access) = 0;
    virtual void commit() = 0;
    virtual void roll_back() noexcept = 0;
    virtual bool in_transaction() const = 0;

    /// Do other daemons change it at the same time?
    virtual bool shared() const = 0;

    /// The first column of the first row; 0 and "" when there is none.
    std::int64_t integer(std::string_view sql);
    std::string text(std::string_view sql);
};

/// Reads several statements as one moment.
class ReadMoment {
  public:
    /// On the writer's own connection a transaction is open already.
    explicit ReadMoment(Database& database) : database_(database), own_(!database.in_transaction()) {
        if (own_) database_.begin(Access::read);
    }
    ~ReadMoment() {
        if (own_) database_.roll_back();  // it changed nothing
    }
    ReadMoment(ReadMoment const&) = delete;
    ReadMoment& operator=(ReadMoment const&) = delete;

  private:
    Database& database_;
    bool own_;
};

/// A prepared statement, kept and used again.
class Statement {
  public:
    Statement(Database& database, std::string_view sql) : statement_(database.prepare(sql)) {}

    template <class... Values>
    Rows query(Values const&... values) {
        std::array<Value, sizeof...(values)> const all{Value{values}...};
        statement_->start(all);
        return Rows{*statement_};
    }

    /// Runs to the end. The value: how many rows changed.
    template <class... Values>
    int run(Values const&... values) {
        std::array<Value, sizeof...(values)> const all{Value{values}...};
        return statement_->run(all);
    }

    /// Like run(), for who does not wait for the end: an error may come up only with a later statement, the commit at the latest.
    template <class... Values>
    void post(Values const&... values) {
        std::array<Value, sizeof...(values)> const all{Value{values}...};
        statement_->post(all);
    }

  private:
    std::unique_ptr<PreparedStatement> statement_;
};

/// Our SQL as a database takes it: `mark` begins its parameters ("?1", "$1").
std::string sql_for(std::string_view sql, char mark, bool shared);

}  // namespace kefu
