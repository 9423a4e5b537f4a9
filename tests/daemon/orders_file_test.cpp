// SPDX-License-Identifier: Apache-2.0
#include "daemon/orders/csv.hpp"
#include "daemon/orders/order_lookups.hpp"
#include "daemon/store/sqlite.hpp"
#include "tests/support/run.hpp"
#include "tests/support/store_support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace kefu {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(Csv, reads_what_spreadsheets_write) {
    auto const csv = read_csv("\xEF\xBB\xBFnumber;item;status\r\nA1;\"a \"\"b\"\";\nc\";sent\r\n\r\nA2;;\r\nA3").value();
    EXPECT_THAT(csv.columns, ElementsAre("number", "item", "status"));
    EXPECT_THAT(csv.rows, ElementsAre(ElementsAre("A1", "a \"b\";\nc", "sent"), ElementsAre("A2", "", ""), ElementsAre("A3", "", "")));
    EXPECT_THAT(read_csv("number,a;b\n1,2").value().columns, ElementsAre("number", "a;b"));
    EXPECT_TRUE(read_csv("").value().rows.empty());
}

TEST(Csv, says_in_which_line_it_is_wrong) {
    EXPECT_EQ(read_csv("a,b\n1,\"2\n3").error().message, "line 2: a quote is not closed");
    EXPECT_EQ(read_csv("a,b\n\"1\n\",2\n1,2,3").error().message, "line 4: more cells than the first line has");
    EXPECT_EQ(read_csv("a\n\xB0\xEA").error().message, "not UTF-8; in a spreadsheet save it as 'CSV UTF-8'");
}

class OrderFileTest : public testing::Test {
  protected:
    void write(std::string const& text) {
        std::ofstream{csv, std::ios::binary} << text;
        fs::last_write_time(csv, fs::last_write_time(csv) + std::chrono::seconds{++writes_});
    }
    OrderLookedUp ask(std::string const& number, std::string const& customer = "U1") {
        if (!lookup_) {
            OrderSettings settings;
            settings.type = OrderSystem::file;
            settings.file = file;
            settings.pointers = pointers;
            settings.statuses = {{"寄出", OrderStatus::shipped}};
            lookup_ = make_file_order_lookup(file, mapping_of(settings, "Asia/Taipei"), pool_);
        }
        return run(lookup_->look_up(LookUpOrder{number, customer}));
    }

    TemporaryFolder folder;
    fs::path csv = folder.path() / "orders.csv";
    OrderFileSettings file{csv, {}};
    OrderFieldSettings pointers;

  private:
    int writes_ = 0;
    net::thread_pool pool_{1};
    std::unique_ptr<OrderLookup> lookup_;
};

TEST_F(OrderFileTest, knows_the_orders_of_a_csv_file) {
    write("number,status,courier,amount,phone,customer\nTW1001,寄出,黑貓,1290,0912345678,U1\nTW1002,delivered,,,0922000111,\n");
    auto const mine = ask("tw-1001");
    EXPECT_EQ(mine.outcome, LookupOutcome::found);
    EXPECT_TRUE(mine.linked);
    EXPECT_EQ(mine.facts, (Arguments{{"status", "shipped"}, {"courier", "黑貓"}, {"amount", 1290.0}}));
    auto const other = ask("TW1002");
    EXPECT_FALSE(other.linked);
    EXPECT_THAT(other.proofs, ElementsAre("111"));
    EXPECT_EQ(other.facts.at("status"), Argument{"delivered"});
    EXPECT_EQ(ask("TW1003").outcome, LookupOutcome::not_found);
    EXPECT_EQ(ask("").found, "TW1001");
    EXPECT_EQ(ask("", "U9").outcome, LookupOutcome::not_found);
}

TEST_F(OrderFileTest, reads_a_changed_file_anew) {
    write("number,status\nTW1001,processing\n");
    EXPECT_EQ(ask("TW1001").facts.at("status"), Argument{"processing"});
    write("number,status\nTW1001,delivered\n");
    EXPECT_EQ(ask("TW1001").facts.at("status"), Argument{"delivered"});
}

// Exports of shops have a line for each thing bought.
TEST_F(OrderFileTest, takes_the_first_of_several_lines_of_an_order) {
    write("number,status,item,customer\n1001,delivered,shirt,U1\n1001,,socks,U1\n");
    EXPECT_EQ(ask("1001").facts.at("item"), Argument{"shirt"});
    EXPECT_EQ(ask("").outcome, LookupOutcome::found);
}

TEST_F(OrderFileTest, takes_the_columns_the_operator_names) {
    pointers.number = "/訂單編號";
    pointers.status = "/狀態";
    write("訂單編號,狀態,status\n1001,寄出,lost\n");
    EXPECT_EQ(ask("1001").facts.at("status"), Argument{"shipped"});
}

TEST_F(OrderFileTest, has_failed_when_the_file_cannot_be_used_and_is_well_again_when_it_can) {
    EXPECT_EQ(ask("1001").outcome, LookupOutcome::failed);
    EXPECT_EQ(ask("1001").why, "orders.csv: cannot be read; does it exist, and may this user read it?");
    write("order_id,status\n1001,lost\n");
    EXPECT_EQ(ask("1001").why, "orders.csv: no order number in any line; is there a column 'number'?");
    write("number,status\n1001,lost\n");
    EXPECT_EQ(ask("1001").outcome, LookupOutcome::found);
}

TEST_F(OrderFileTest, asks_an_sqlite_table_each_time) {
    file = {folder.path() / "shop.sqlite3", "orders"};
    SqliteDatabase shop{file.path.string(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE};
    shop.execute("CREATE TABLE orders (number TEXT, status TEXT, amount REAL, phone TEXT, customer TEXT, note TEXT)");
    shop.execute("INSERT INTO orders VALUES ('TW1001', 'processing', 1290.5, '0912345678', 'U1', NULL), ('TW1002', 'lost', 1, '1', 'U2', 'x')");
    auto const mine = ask("tw1001");
    EXPECT_EQ(mine.outcome, LookupOutcome::found);
    EXPECT_TRUE(mine.linked);
    EXPECT_EQ(mine.facts, (Arguments{{"status", "processing"}, {"amount", 1290.5}}));
    shop.execute("UPDATE orders SET status = 'shipped'");
    EXPECT_EQ(ask("#TW1001").facts.at("status"), Argument{"shipped"});
    EXPECT_EQ(ask("", "U2").found, "TW1002");
    EXPECT_EQ(ask("' OR 1=1 --").outcome, LookupOutcome::not_found);
    shop.execute("ALTER TABLE orders RENAME TO sold");
    EXPECT_EQ(ask("TW1001").outcome, LookupOutcome::failed);
    EXPECT_EQ(ask("TW1001").why, "shop.sqlite3: there is no table 'orders' with a column 'number'");
}

// SQLite takes a quoted name that is no column's for a text, and everything would be "not found".
TEST_F(OrderFileTest, names_the_column_that_an_sqlite_table_lacks) {
    file = {folder.path() / "shop.sqlite3", "orders"};
    SqliteDatabase shop{file.path.string(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE};
    shop.execute("CREATE TABLE orders (id TEXT, status TEXT)");
    EXPECT_EQ(ask("number").why, "shop.sqlite3: there is no table 'orders' with a column 'number'");
    EXPECT_EQ(ask("").outcome, LookupOutcome::not_found) << "it does not say whose orders they are";
}

TEST_F(OrderFileTest, has_failed_when_the_database_is_none) {
    file = {folder.path() / "shop.sqlite3", "orders"};
    EXPECT_EQ(ask("TW1001").outcome, LookupOutcome::failed);
    std::ofstream{file.path} << "not a database, but long enough to be looked at as one";
    EXPECT_THAT(ask("TW1001").why, HasSubstr("not a database"));
}

}  // namespace
}  // namespace kefu
