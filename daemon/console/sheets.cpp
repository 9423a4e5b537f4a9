// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/sheets.hpp"

#include "daemon/catalog_files.hpp"
#include "replies/schedule.hpp"

#include <xlsxwriter.h>

#include <stdlib.h>
#include <unistd.h>
#include <array>
#include <charconv>
#include <filesystem>
#include <utility>

namespace kefu {

namespace {

bool looks_like_a_formula(std::string_view text) { return !text.empty() && std::string_view{"=+-@\t\r"}.find(text.front()) != std::string_view::npos; }

std::string number_text(double number) {
    std::array<char, 32> buffer{};
    auto const end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
    return {buffer.data(), end};
}

Timestamp time_in(Cell const& cell) { return from_millis(static_cast<std::int64_t>(std::get<double>(cell))); }

std::string cell_text(Cell const& cell, ReportColumn const& column) {
    if (auto const* text = std::get_if<std::string>(&cell)) return csv_text(*text);
    if (std::holds_alternative<std::monostate>(cell)) return {};
    return column.type == "time" ? to_rfc3339(time_in(cell)) : number_text(std::get<double>(cell));
}

/// Gone at the end, with what was written into it.
class TemporaryFile {
  public:
    TemporaryFile() : path_((std::filesystem::temp_directory_path() / "kefud-XXXXXX").string()) {
        int const file = ::mkstemp(path_.data());
        if (file >= 0) ::close(file);
        made_ = file >= 0;
    }
    ~TemporaryFile() {
        if (made_) ::unlink(path_.c_str());
    }
    TemporaryFile(TemporaryFile const&) = delete;
    TemporaryFile& operator=(TemporaryFile const&) = delete;
    bool made() const { return made_; }
    std::string const& path() const { return path_; }

  private:
    std::string path_;
    bool made_ = false;
};

struct Formats {
    lxw_format* head;
    lxw_format* time;
    lxw_format* share;
    lxw_format* money;
    lxw_format* number;
};

Formats make_formats(lxw_workbook* book) {
    auto const with = [&](char const* shape) {
        auto* format = ::workbook_add_format(book);
        if (shape != nullptr) ::format_set_num_format(format, shape);
        return format;
    };
    Formats formats{with(nullptr), with("yyyy-mm-dd hh:mm"), with("0.0 %"), with("#,##0.00"), with("0.00")};
    ::format_set_bold(formats.head);
    return formats;
}

/// "2026-11-24 10:30", as spreadsheets keep it: they know no zones.
lxw_datetime sheet_time(Timestamp at, std::string const& time_zone) {
    auto const local = local_time(at, time_zone);
    auto const part = [&](std::size_t from, std::size_t count) {
        int number = 0;
        std::from_chars(local.data() + from, local.data() + from + count, number);
        return number;
    };
    return {part(0, 4), part(5, 2), part(8, 2), part(11, 2), part(14, 2), 0};
}

void write_cell(lxw_worksheet* sheet, lxw_row_t row, lxw_col_t place, Cell const& cell, ReportColumn const& column, Formats const& formats,
                std::string const& time_zone) {
    if (auto const* text = std::get_if<std::string>(&cell)) {
        ::worksheet_write_string(sheet, row, place, text->c_str(), nullptr);  // a text stays one, whatever it looks like
    } else if (auto const* number = std::get_if<double>(&cell)) {
        if (column.type == "time") {
            auto moment = sheet_time(time_in(cell), time_zone);
            ::worksheet_write_datetime(sheet, row, place, &moment, formats.time);
        } else {
            auto* const format = column.type == "share"     ? formats.share
                                 : column.type == "money"   ? formats.money
                                 : column.type == "integer" ? nullptr
                                                            : formats.number;
            ::worksheet_write_number(sheet, row, place, *number, format);
        }
    }
}

void write_sheet(lxw_worksheet* sheet, Report const& report, Formats const& formats, std::string const& time_zone) {
    constexpr double wide = 18;
    lxw_col_t place = 0;
    for (auto const& column : report.columns) ::worksheet_write_string(sheet, 0, place++, std::string{column.name}.c_str(), formats.head);
    ::worksheet_set_column(sheet, 0, place, wide, nullptr);
    ::worksheet_freeze_panes(sheet, 1, 0);
    lxw_row_t row = 0;
    for (auto const& cells : report.rows) {
        ++row;
        for (std::size_t i = 0; i < cells.size(); ++i) write_cell(sheet, row, static_cast<lxw_col_t>(i), cells[i], report.columns[i], formats, time_zone);
    }
}

}  // namespace

std::string csv_text(std::string_view text) {
    std::string cell = looks_like_a_formula(text) ? "'" : "";
    cell += text;
    if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
    std::string quoted = "\"";
    for (char const c : cell) {
        if (c == '"') quoted += '"';
        quoted += c;
    }
    return quoted + '"';
}

std::string to_csv(Report const& report) {
    std::string text = "\xef\xbb\xbf";
    for (std::size_t i = 0; i < report.columns.size(); ++i) text += (i == 0 ? "" : ",") + csv_text(report.columns[i].name);
    text += "\r\n";
    for (auto const& row : report.rows) {
        for (std::size_t i = 0; i < row.size(); ++i) text += (i == 0 ? "" : ",") + cell_text(row[i], report.columns[i]);
        text += "\r\n";
    }
    return text;
}

Result<std::string> to_xlsx(std::vector<Report> const& reports, std::string const& time_zone) {
    TemporaryFile const file;
    if (!file.made()) return Error{Errc::environment, file.path() + ": cannot be created"};
    auto* const book = ::workbook_new(file.path().c_str());
    if (book == nullptr) return Error{Errc::environment, "there is no memory for a workbook"};
    auto const formats = make_formats(book);
    for (auto const& report : reports) write_sheet(::workbook_add_worksheet(book, std::string{report.name}.c_str()), report, formats, time_zone);
    if (auto const error = ::workbook_close(book); error != LXW_NO_ERROR) return Error{Errc::environment, ::lxw_strerror(error)};
    return read_file(file.path());
}

}  // namespace kefu
