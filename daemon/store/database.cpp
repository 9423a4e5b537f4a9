// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/database.hpp"

namespace kefu {

std::int64_t Database::integer(std::string_view sql) {
    Statement statement{*this, sql};
    auto rows = statement.query();
    return rows.next() ? rows.integer(0) : 0;
}

std::string Database::text(std::string_view sql) {
    Statement statement{*this, sql};
    auto rows = statement.query();
    return rows.next() ? std::string{rows.text(0)} : std::string{};
}

std::string sql_for(std::string_view sql, char mark, bool shared) {
    std::string out;
    out.reserve(sql.size() + 16);
    bool left_out = false;
    char quote = 0;
    int parameters = 0;
    for (std::size_t i = 0; i < sql.size(); ++i) {
        char const c = sql[i];
        if (quote != 0) {
            if (c == quote) quote = 0;
        } else if (c == '\'' || c == '"') {
            quote = c;
        } else if (c == '[') {
            left_out = !shared;
            continue;
        } else if (c == ']') {
            left_out = false;
            continue;
        } else if (c == '?') {
            bool const numbered = i + 1 < sql.size() && sql[i + 1] >= '0' && sql[i + 1] <= '9';
            std::string const number = numbered ? std::string{} : std::to_string(++parameters);
            if (!left_out) out += mark + number;
            continue;
        }
        if (!left_out) out += c;
    }
    return out;
}

}  // namespace kefu
