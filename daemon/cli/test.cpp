// SPDX-License-Identifier: Apache-2.0
#include "daemon/catalog_files.hpp"
#include "daemon/cli/commands.hpp"
#include "daemon/conversation_tests.hpp"
#include "daemon/markup.hpp"

#include <chrono>
#include <fstream>
#include <iostream>

namespace kefu::cli {

namespace {

struct Played {
    ConversationTest const* test;
    std::vector<Error> differences;
};

bool write_junit(std::string const& file, std::vector<Played> const& all, std::size_t failed) {
    std::ofstream out{file};
    out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"kefud test\" tests=\"" << all.size() << "\" failures=\"" << failed << "\">\n";
    for (auto const& [test, differences] : all) {
        out << "  <testcase classname=\"" << escape_markup(test->where.file) << "\" name=\"" << escape_markup(test->name) << "\"";
        if (differences.empty()) {
            out << "/>\n";
            continue;
        }
        out << ">\n    <failure message=\"" << escape_markup(differences.front().to_string()) << "\">";
        for (auto const& difference : differences) out << escape_markup(difference.to_string()) << '\n';
        out << "</failure>\n  </testcase>\n";
    }
    out << "</testsuite>\n";
    return out.flush().good();
}

int report_errors(Errors const& errors) {
    for (auto const& error : errors) std::cerr << error.to_string() << '\n';
    std::cerr << errors.size() << (errors.size() == 1 ? " error\n" : " errors\n");
    return findings;
}

}  // namespace

int test(ConfigFile const& config, TestOptions const& options) {
    auto const snapshot = load_snapshot(config);
    if (!snapshot) return check(config);
    auto const files =
        conversation_test_files(options.folder.empty() ? (*snapshot)->settings.catalog.path : std::filesystem::path{options.folder}, !options.folder.empty());
    if (!files) return report_errors(files.error());
    auto const tests = load_conversation_tests(*files, (*snapshot)->catalog);
    if (!tests) return report_errors(tests.error());

    std::vector<Played> played;
    std::size_t failed = 0;
    auto const started = std::chrono::steady_clock::now();
    for (auto const& one : *tests) {
        if (!options.only.empty() && one.name.find(options.only) == std::string::npos) continue;
        played.push_back({&one, play(one, *snapshot)});
        if (played.back().differences.empty()) continue;
        ++failed;
        std::cout << "failed: " << one.name << '\n';
        for (auto const& difference : played.back().differences) std::cout << "  " << difference.to_string() << '\n';
    }
    auto const took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - started);
    if (!options.junit.empty() && !write_junit(options.junit, played, failed)) return report("test", options.junit + ": cannot be written");
    if (played.empty()) return report("test", options.only.empty() ? "there are no tests" : "no test's name has '" + options.only + "' in it");
    std::cout << played.size() - failed << " of " << played.size() << " conversation tests passed in " << took.count() << " ms\n";
    return failed == 0 ? ok : findings;
}

}  // namespace kefu::cli
