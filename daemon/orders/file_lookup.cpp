// SPDX-License-Identifier: Apache-2.0
#include "daemon/catalog_files.hpp"
#include "daemon/log.hpp"
#include "daemon/net/on_pool.hpp"
#include "daemon/orders/csv.hpp"
#include "daemon/orders/order_lookups.hpp"
#include "daemon/store/sqlite.hpp"

#include <boost/asio/post.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

namespace kefu {

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::uintmax_t largest_file = 64 << 20;
constexpr int most_of_a_customer = 100;
constexpr int busy_timeout = 1000;  // ms; the shop may be writing

/// Orders of a CSV file as it was at one moment.
struct OrderTable {
    std::vector<ShopOrder> orders;
    std::map<std::string, std::size_t> by_number;
    std::multimap<std::string, std::size_t> by_customer;

    std::vector<ShopOrder> fitting(LookUpOrder const& asked) const {
        std::vector<ShopOrder> found;
        if (auto const known = by_number.find(plain_number(asked.order)); known != by_number.end()) found.push_back(orders[known->second]);
        if (!asked.order.empty()) return found;
        auto const [first, last] = by_customer.equal_range(asked.customer);
        for (auto known = first; known != last; ++known) found.push_back(orders[known->second]);
        return found;
    }
};

json::string_view json_view(std::string_view text) { return {text.data(), text.size()}; }

Result<OrderTable> read_table(fs::path const& path, OrderMapping const& mapping) {
    std::error_code unknown;
    if (fs::file_size(path, unknown) > largest_file && !unknown) return Error{Errc::bad_payload, "larger than 64 MiB; use an SQLite database"};
    auto const text = read_file(path);
    if (!text) return Error{Errc::unavailable, "cannot be read; does it exist, and may this user read it?"};
    auto csv = read_csv(*text);
    if (!csv) return csv.error();
    OrderTable table;
    for (auto& row : csv->rows) {
        json::object cells;
        for (std::size_t i = 0; i < row.size(); ++i) cells[json_view(csv->columns[i])] = std::move(row[i]);
        auto order = read_shop_order(std::move(cells), mapping);
        if (!order) continue;
        // An export with a line for each thing bought repeats the order: its first line counts.
        if (!table.by_number.emplace(plain_number(order->numbers.front()), table.orders.size()).second) continue;
        if (!order->customer.empty()) table.by_customer.emplace(order->customer, table.orders.size());
        table.orders.push_back(*std::move(order));
    }
    if (table.orders.empty() && !csv->rows.empty()) return Error{Errc::bad_payload, "no order number in any line; is there a column 'number'?"};
    return table;
}

/// The name of the column that a pointer such as "/number" stands for.
std::string column_of(std::vector<std::string> const& pointers) {
    std::string const pointer = pointers.empty() ? std::string{} : pointers.front();
    std::string name;
    for (std::size_t i = 1; i < pointer.size(); ++i) {
        bool const escaped = pointer[i] == '~' && i + 1 < pointer.size();
        name += escaped ? (pointer[++i] == '0' ? '~' : '/') : pointer[i];
    }
    return name;
}

std::string sql_name(std::string_view name) {
    std::string out = "\"";
    for (char const c : name) out += c == '"' ? std::string{"\"\""} : std::string{c};
    return out + '"';
}

/// To be asked first: SQLite takes the quoted name of a column that is not there for a text.
bool has_column(Database& database, std::string const& table, std::string const& column) {
    Statement columns{database, "SELECT 1 FROM pragma_table_info(?1) WHERE name = ?2 COLLATE NOCASE"};
    auto found = columns.query(table, column);
    return found.next();
}

Result<std::vector<ShopOrder>> ask_database(OrderFileSettings const& settings, OrderMapping const& mapping, LookUpOrder const& asked) {
    SqliteDatabase database{settings.path.string(), SQLITE_OPEN_READONLY};
    sqlite3_busy_timeout(database.handle(), busy_timeout);
    std::vector<ShopOrder> found;
    bool const by_customer = asked.order.empty();
    auto const name = column_of(by_customer ? mapping.customer : mapping.numbers);
    if (!has_column(database, settings.table, name)) {
        if (by_customer) return found;  // the file does not say whose they are
        return Error{Errc::bad_payload, "there is no table '" + settings.table + "' with a column '" + name + "'"};
    }
    auto const column = sql_name(name);
    Statement statement{database, "SELECT * FROM " + sql_name(settings.table) + " WHERE " + column + " = ?1 COLLATE NOCASE OR " + column +
                                      " = ?2 COLLATE NOCASE LIMIT " + std::to_string(most_of_a_customer)};
    std::string const as_asked = by_customer ? asked.customer : asked.order;
    std::string const plain = by_customer ? asked.customer : plain_number(asked.order);
    auto rows = statement.query(as_asked, plain);
    while (rows.next()) {
        json::object cells;
        for (int i = 0; i < rows.columns(); ++i)
            if (!rows.null(i)) cells[json_view(rows.name(i))] = json::string{json_view(rows.text(i))};
        auto order = read_shop_order(std::move(cells), mapping);
        if (!order) continue;
        auto const same = [&](ShopOrder const& other) { return plain_number(other.numbers.front()) == plain_number(order->numbers.front()); };
        if (std::none_of(found.begin(), found.end(), same)) found.push_back(*std::move(order));
    }
    return found;
}

/// The file, asked on the pool's threads.
class OrderFile {
  public:
    OrderFile(OrderFileSettings settings, OrderMapping mapping) : settings_(std::move(settings)), mapping_(std::move(mapping)) {}

    OrderLookedUp answer(LookUpOrder const& asked) {
        try {
            auto const orders = settings_.table.empty() ? fitting(asked) : ask_database(settings_, mapping_, asked);
            return orders ? answer_look_up(asked, *orders) : failure(asked, orders.error().message);
        } catch (std::exception const& error) {
            return failure(asked, error.what());
        }
    }

    /// The table as the file is now; whoever comes while it is read waits for it.
    Result<std::shared_ptr<OrderTable const>> current() {
        std::scoped_lock const lock{reading_};
        std::error_code unknown;
        auto const written = fs::last_write_time(settings_.path, unknown);
        auto const size = unknown ? 0 : fs::file_size(settings_.path, unknown);
        if (unknown) return Error{Errc::unavailable, "cannot be read; does it exist, and may this user read it?"};
        if (table_ && written == written_ && size == size_) return *table_;
        written_ = written;
        size_ = size;
        auto read = read_table(settings_.path, mapping_);
        if (read) {
            log_info("orders_read", {{"file", settings_.path.string()}, {"orders", read->orders.size()}});
            table_.emplace(std::make_shared<OrderTable const>(*std::move(read)));
        } else {
            log_error("orders_not_read", {{"file", settings_.path.string()}, {"why", read.error().message}});
            table_.emplace(read.error());
        }
        return *table_;
    }

  private:
    Result<std::vector<ShopOrder>> fitting(LookUpOrder const& asked) {
        auto const table = current();
        if (!table) return table.error();
        return (*table)->fitting(asked);
    }

    OrderLookedUp failure(LookUpOrder const& asked, std::string const& why) const {
        OrderLookedUp answer;
        answer.order = asked.order;
        answer.why = settings_.path.filename().string() + ": " + why;
        return answer;
    }

    OrderFileSettings settings_;
    OrderMapping mapping_;
    std::mutex reading_;
    std::optional<Result<std::shared_ptr<OrderTable const>>> table_;  ///< what came of the file when it was last new
    fs::file_time_type written_{};
    std::uintmax_t size_ = 0;
};

class FileOrderLookup final : public OrderLookup {
  public:
    FileOrderLookup(std::shared_ptr<OrderFile> file, net::thread_pool& pool) : file_(std::move(file)), pool_(pool) {}

    net::awaitable<OrderLookedUp> look_up(LookUpOrder asked) override {
        auto ask = [file = file_, question = std::move(asked)] { return file->answer(question); };
        OrderLookedUp answer = co_await on_pool(pool_, std::move(ask));
        co_return answer;
    }

  private:
    std::shared_ptr<OrderFile> file_;
    net::thread_pool& pool_;
};

}  // namespace

std::unique_ptr<OrderLookup> make_file_order_lookup(OrderFileSettings const& settings, OrderMapping mapping, net::thread_pool& pool) {
    auto file = std::make_shared<OrderFile>(settings, std::move(mapping));
    if (settings.table.empty()) net::post(pool, [file] { (void)file->current(); });  // so that the first customer need not wait for it
    return std::make_unique<FileOrderLookup>(std::move(file), pool);
}

}  // namespace kefu
