// SPDX-License-Identifier: Apache-2.0
#include "daemon/orders/csv.hpp"

#include "intents/utf8.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace kefu {

namespace {

char separator_of(std::string_view first_line) {
    char best = ',';
    for (char const candidate : {';', '\t'})
        if (std::count(first_line.begin(), first_line.end(), candidate) > std::count(first_line.begin(), first_line.end(), best)) best = candidate;
    return best;
}

class Reader {
  public:
    Reader(std::string_view text, char separator) : text_(text), separator_(separator) {}

    bool done() const { return at_ >= text_.size(); }
    int line() const { return line_; }

    /// The cells of the next line; nothing when a quote is not closed.
    std::optional<std::vector<std::string>> row() {
        std::vector<std::string> cells;
        for (;;) {
            if (!cell(cells.emplace_back())) return std::nullopt;
            if (done() || text_[at_] != separator_) break;
            ++at_;
        }
        end_line();
        return cells;
    }

  private:
    bool at_line_end() const { return done() || text_[at_] == '\n' || text_[at_] == '\r'; }

    void end_line() {
        if (!done() && text_[at_] == '\r') ++at_;
        if (!done() && text_[at_] == '\n') ++at_;
        ++line_;
    }

    bool cell(std::string& into) {
        if (done() || text_[at_] != '"') {
            while (!at_line_end() && text_[at_] != separator_) into += text_[at_++];
            return true;
        }
        for (++at_; !done(); ++at_) {
            if (text_[at_] == '"' && text_.substr(at_ + 1, 1) != "\"") {
                ++at_;
                while (!at_line_end() && text_[at_] != separator_) into += text_[at_++];  // what stands behind the quote belongs to it
                return true;
            }
            if (text_[at_] == '"') ++at_;
            if (text_[at_] == '\n') ++line_;
            into += text_[at_];
        }
        return false;
    }

    std::string_view text_;
    char separator_;
    std::size_t at_ = 0;
    int line_ = 1;
};

}  // namespace

Result<Csv> read_csv(std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    if (!is_utf8(text)) return Error{Errc::bad_payload, "not UTF-8; in a spreadsheet save it as 'CSV UTF-8'"};
    Reader reader{text, separator_of(text.substr(0, text.find('\n')))};
    Csv csv;
    while (!reader.done()) {
        auto const line = std::to_string(reader.line());
        auto row = reader.row();
        if (!row) return Error{Errc::bad_payload, "line " + line + ": a quote is not closed"};
        if (row->size() == 1 && row->front().empty()) continue;
        if (csv.columns.empty()) {
            csv.columns = *std::move(row);
            continue;
        }
        if (row->size() > csv.columns.size()) return Error{Errc::bad_payload, "line " + line + ": more cells than the first line has"};
        row->resize(csv.columns.size());
        csv.rows.push_back(*std::move(row));
    }
    return csv;
}

}  // namespace kefu
