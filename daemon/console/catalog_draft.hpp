// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "daemon/conversation_tests.hpp"
#include "daemon/snapshot.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The catalog as operators edit it in the console: files by their path in the catalog folder, and what a draft makes of them. Blocks on the disk and takes up
/// to seconds: run it on the pool.
namespace kefu {

/// Path in the folder ("replies/en.yaml") → text.
using CatalogTexts = std::map<std::string, std::string>;

/// A change of a draft; no text: the file goes.
struct CatalogChange {
    std::string path;
    std::optional<std::string> text;
};

/// True for paths a catalog may have: nothing else is ever written, and nothing outside the folder.
bool is_catalog_path(std::string_view path);

/// What there is now: of the folder, or what is built in when there is none.
Checked<CatalogTexts> read_catalog(std::filesystem::path const& folder);

CatalogTexts with_changes(CatalogTexts texts, std::vector<CatalogChange> const& changes);

/// SHA-256 over all paths and texts, hexadecimal.
std::string catalog_hash(CatalogTexts const& texts);

/// As load_snapshot() would make it of these texts. Errors name paths in the folder.
Checked<SnapshotPtr> draft_snapshot(Settings settings, CatalogTexts const& texts);

/// What the conversation tests of these texts say about it.
struct TestsPlayed {
    std::size_t passed = 0;
    std::chrono::milliseconds took{0};
    struct Failure {
        std::string name;
        std::vector<Error> differences;
    };
    std::vector<Failure> failures;
};
Checked<TestsPlayed> play_tests(SnapshotPtr const& snapshot, CatalogTexts const& texts);

/// Makes the folder hold `after` instead of `before`, whole files at a time. A folder that is not there yet is made whole or not at all. environment: it holds
/// what it held.
Result<void> write_catalog(std::filesystem::path const& folder, CatalogTexts const& before, CatalogTexts const& after);

}  // namespace kefu
