// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/report.hpp"

#include "daemon/cli/commands.hpp"
#include "daemon/clock.hpp"
#include "daemon/console/report_span.hpp"
#include "daemon/console/sheets.hpp"
#include "daemon/snapshot.hpp"
#include "daemon/write_file.hpp"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <utility>

namespace kefu::cli {

namespace {

namespace fs = std::filesystem;

/// The oldest of one kind go until `keep` are left: names sort by time. Other files there are left alone.
Result<void> drop_old(fs::path const& folder, std::string const& prefix, std::string const& suffix, std::size_t keep) {
    std::vector<fs::path> all;
    std::error_code error;
    for (fs::directory_iterator entry{folder, error}, end; !error && entry != end; entry.increment(error)) {
        auto const name = entry->path().filename().string();
        // A year follows: "kefud-handovers-2026..." is another kind than "kefud-2026...".
        bool const ours = name.starts_with(prefix + '2') && name.ends_with(suffix);
        if (ours) all.push_back(entry->path());
    }
    std::sort(all.begin(), all.end());
    all.resize(all.size() > keep ? all.size() - keep : 0);
    for (auto const& old : all) {
        fs::remove(old, error);
        if (error) return Error{Errc::environment, old.string() + ": cannot be removed: " + error.message()};
        std::cout << "removed " << old.string() << '\n';
    }
    return {};
}

Result<void> keep_file(ReportOptions const& options, std::string const& kind, std::string const& span, std::string const& bytes) {
    std::string const prefix = "kefud-" + kind + (kind.empty() ? "" : "-");
    std::string const suffix = '.' + options.format;
    auto const path = fs::path{options.folder} / (prefix + span + suffix);
    if (auto const written = write_file(path, bytes, 0640); !written) return written.error();
    std::cout << path.string() << '\n';
    return options.keep == 0 ? Result<void>{} : drop_old(options.folder, prefix, suffix, static_cast<std::size_t>(options.keep));
}

}  // namespace

int write_report(ConfigFile const& config, ReportOptions const& options) {
    int code = ok;
    auto const store = find_store("report", config, options.state, code);
    if (!store) return code;
    auto const snapshot = load_snapshot(config, options.state);
    if (!snapshot) {
        for (auto const& error : snapshot.error()) std::cerr << error.to_string() << '\n';
        return findings;
    }
    if (options.folder.empty() && options.name == "all") return report("report", "all of them are files: name a folder for them, or one report with --name");
    auto const& zone = (*snapshot)->settings.shop.time_zone;
    auto const kind = std::find(span_names.begin(), span_names.end(), options.span);
    auto const span = last_span(static_cast<SpanKind>(kind - span_names.begin()), system_now(), zone);
    auto const traffic = read_traffic(*store, {span.from, span.to, options.hourly, options.channel, zone}, (*snapshot)->catalog.classifier);
    if (!traffic) return report("report", traffic.error().to_string());
    std::vector<Report> reports;
    for (auto const& name : report_names())
        if (options.name == "all" || options.name == name) reports.push_back(make_report(name, *traffic).value());
    if (options.folder.empty()) {
        std::cout << to_csv(reports.front());
        return ok;
    }
    if (options.format == "xlsx") {
        auto const book = to_xlsx(reports, zone);
        if (!book) return report("report", book.error().to_string());
        auto const kept = keep_file(options, options.name == "all" ? "" : options.name, span.name, *book);
        return kept ? ok : report("report", kept.error().to_string());
    }
    for (auto const& one : reports)
        if (auto const kept = keep_file(options, std::string{one.name}, span.name, to_csv(one)); !kept) return report("report", kept.error().to_string());
    return ok;
}

}  // namespace kefu::cli
