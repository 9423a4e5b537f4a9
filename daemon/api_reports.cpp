// SPDX-License-Identifier: Apache-2.0
#include "daemon/api_parts.hpp"
#include "daemon/console/sheets.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstdint>
#include <utility>

/// The owner's mirror, as JSON and as files for spreadsheets.
namespace kefu::api {

namespace json = boost::json;

namespace {

using std::chrono::hours;

constexpr auto longest_span = hours{24} * 366;

json::array columns_json(std::vector<ReportColumn> const& columns) {
    json::array list;
    for (auto const& column : columns) list.push_back(json::object{{"name", column.name}, {"type", column.type}});
    return list;
}

json::value cell_json(Cell const& cell, ReportColumn const& column) {
    if (auto const* text = std::get_if<std::string>(&cell)) return json::value(*text);
    auto const* number = std::get_if<double>(&cell);
    if (number == nullptr) return nullptr;
    if (column.type == "time") return json::value(to_rfc3339(from_millis(static_cast<std::int64_t>(*number))));
    return json::value(*number);
}

json::object report_json(Report const& report, TrafficQuery const& query) {
    json::array rows;
    for (auto const& row : report.rows) {
        json::array cells;
        for (std::size_t i = 0; i < row.size(); ++i) cells.push_back(cell_json(row[i], report.columns[i]));
        rows.push_back(std::move(cells));
    }
    return {{"name", report.name},
            {"from", to_rfc3339(query.from)},
            {"to", to_rfc3339(query.to)},
            {"by", query.hourly ? "hour" : "day"},
            {"columns", columns_json(report.columns)},
            {"rows", std::move(rows)}};
}

/// Counts and writes in the form that is wanted.
struct MakeReport {
    TrafficQuery query;
    std::string name, format;

    Result<std::string> operator()(Traffic const& read) const {
        std::vector<Report> reports;
        for (auto const& one : report_names())
            if (name == "all" || name == one) reports.push_back(make_report(one, read).value());
        if (format == "xlsx") return to_xlsx(reports, query.time_zone);
        if (format == "csv") return to_csv(reports.front());
        return json::serialize(report_json(reports.front(), query));
    }
};

struct ReadTraffic {
    ServicesPtr services;
    TrafficQuery query;

    Result<Traffic> operator()() const { return read_traffic(services->snapshot->settings.store, query, services->snapshot->catalog.classifier); }

    /// What it depends on.
    std::string key() const {
        return std::to_string(to_millis(query.from)) + ' ' + std::to_string(to_millis(query.to)) + (query.hourly ? " hour " : " day ") + query.channel + '\n' +
               query.time_zone + '\n' + std::to_string(reinterpret_cast<std::uintptr_t>(services->snapshot.get()));
    }
};

Response file_response(std::string bytes, std::string const& format, std::string const& name) {
    Response response;
    response.headers.set("Content-Type", format == "csv" ? "text/csv; charset=utf-8" : "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
    response.headers.set("Content-Disposition", "attachment; filename=\"kefud-" + name + '.' + format + '"');
    response.headers.set("X-Content-Type-Options", "nosniff");
    response.body = std::move(bytes);
    return response;
}

net::awaitable<Response> list_reports(ContextPtr, Request, std::string) {
    json::array list;
    for (auto const& name : report_names())
        list.push_back(json::object{{"name", name}, {"columns", columns_json(make_report(name, Traffic{}).value().columns)}});
    json::object body{{"reports", std::move(list)}};
    co_return json_response(json::serialize(body));
}

net::awaitable<Response> report(ContextPtr context, Request request, std::string) {
    auto const services = context->services();
    auto& asked = request.query;
    MakeReport work{{}, asked["name"], asked["format"].empty() ? "json" : asked["format"]};
    if (work.format != "json" && work.format != "csv" && work.format != "xlsx") co_return problem(400, "Unknown 'format'", "json, csv or xlsx.");
    if (work.name == "all" && work.format != "xlsx") co_return problem(400, "All of them are a workbook", "Add format=xlsx.");
    auto const names = report_names();
    if (work.name != "all" && std::find(names.begin(), names.end(), work.name) == names.end())
        co_return problem(404, "No such report", "GET /reports lists them.");
    if (!asked["by"].empty() && asked["by"] != "hour" && asked["by"] != "day") co_return problem(400, "Unknown 'by'", "hour or day.");
    work.query.to = asked["to"].empty() ? context->clock() : from_rfc3339(asked["to"]).value_or(Timestamp{});
    work.query.from = asked["from"].empty() ? work.query.to - hours{24} * 7 : from_rfc3339(asked["from"]).value_or(Timestamp::max());
    if (work.query.from >= work.query.to || work.query.to - work.query.from > longest_span)
        co_return problem(400, "The span cannot be read", "'from' and 'to' are RFC 3339, from before to, at most a year apart.");
    work.query.hourly = asked["by"] == "hour";
    work.query.channel = asked["channel"];
    work.query.time_zone = services->snapshot->settings.shop.time_zone;
    std::string const format = work.format;
    std::string const name = work.name;
    ReadTraffic read{services, work.query};
    std::string key = read.key();
    auto made = co_await context->reports.make(std::move(key), std::move(read), std::move(work));
    if (!made && made.error().code == Errc::bad_payload) co_return problem(400, "Too much at once", made.error().message);
    if (!made) co_return failure(made.error());
    if (format == "json") co_return json_response(std::move(*made));
    co_return file_response(std::move(*made), format, name);
}

net::awaitable<Response> list_letters(ContextPtr context, Request request, std::string) {
    static constexpr std::array<std::string_view, 7> kinds{"send", "fetch_media", "fetch_profile", "notify", "delete_media", "look_up_order", "assign"};
    auto const letters = co_await context->store.dead_letters(number_of(request, "limit", 200, 1000));
    if (!letters) co_return failure(letters.error());
    json::array list;
    for (auto const& letter : *letters) {
        json::object one{{"number", letter.number},
                         {"kind", kinds[static_cast<std::size_t>(letter.kind)]},
                         {"state", letter.unknown ? "unknown" : "refused"},
                         {"channel", letter.channel.value},
                         {"conversation", letter.conversation.value},
                         {"to", letter.to},
                         {"detail", letter.detail},
                         {"attempts", letter.attempts},
                         {"created_at", to_rfc3339(letter.created_at)}};
        if (!letter.text.empty()) one["text"] = letter.text;
        list.push_back(std::move(one));
    }
    json::object body{{"letters", std::move(list)}};
    co_return json_response(json::serialize(body));
}

std::variant<std::uint64_t, Response> read_number(Request const& request) {
    auto const read = read_object(request);
    if (auto const* wrong = std::get_if<Response>(&read)) return *wrong;
    auto const* number = std::get<json::object>(read).if_contains("number");
    if (number == nullptr || !number->is_int64() || number->get_int64() <= 0) return problem(400, "'number' is missing", "As GET /dead-letters shows it.");
    return static_cast<std::uint64_t>(number->get_int64());
}

net::awaitable<Response> repeat_letter(ContextPtr context, Request request, std::string who) {
    auto const number = read_number(request);
    if (auto const* wrong = std::get_if<Response>(&number)) co_return *wrong;
    auto const done = co_await context->store.repeat(std::get<std::uint64_t>(number), std::move(who), context->clock());
    if (!done) co_return failure(done.error());
    co_return json_response("{}");
}

net::awaitable<Response> drop_letter(ContextPtr context, Request request, std::string who) {
    auto const number = read_number(request);
    if (auto const* wrong = std::get_if<Response>(&number)) co_return *wrong;
    auto const done = co_await context->store.drop(std::get<std::uint64_t>(number), std::move(who), context->clock());
    if (!done) co_return failure(done.error());
    co_return json_response("{}");
}

net::awaitable<Response> list_audit(ContextPtr context, Request request, std::string) {
    AuditFilter filter;
    std::size_t const limit = number_of(request, "limit", 100, 1000);
    filter.limit = limit + 1;
    filter.before = number_of(request, "before", 0, std::size_t{1} << 60);
    filter.who = request.query["who"];
    filter.action = request.query["action"];
    filter.conversation = request.query["conversation"];
    auto const entries = co_await context->store.accounts().audit(std::move(filter));
    if (!entries) co_return failure(entries.error());
    json::array lines;
    for (std::size_t i = 0; i < std::min(limit, entries->size()); ++i) {
        auto const& entry = (*entries)[i];
        lines.push_back(json::object{{"number", entry.number},
                                     {"at", to_rfc3339(entry.at)},
                                     {"who", entry.who},
                                     {"action", entry.action},
                                     {"detail", entry.detail},
                                     {"conversation", entry.conversation}});
    }
    json::object body{{"lines", std::move(lines)}, {"next", nullptr}};
    if (entries->size() > limit) body["next"] = (*entries)[limit - 1].number;
    co_return json_response(json::serialize(body));
}

}  // namespace

std::vector<Route> report_routes() {
    return {{"GET", "/reports", list_reports, Role::owner},
            {"GET", "/reports/{name}", report, Role::owner},
            {"GET", "/dead-letters", list_letters, Role::operator_},
            {"POST", "/dead-letters/repeat", repeat_letter, Role::operator_},
            {"POST", "/dead-letters/drop", drop_letter, Role::operator_},
            {"GET", "/audit", list_audit, Role::owner}};
}

}  // namespace kefu::api
