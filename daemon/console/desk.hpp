// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/console/catalog_draft.hpp"
#include "daemon/console/text_diff.hpp"
#include "daemon/net/on_pool.hpp"

#include <atomic>
#include <functional>
#include <string>
#include <variant>
#include <vector>

/// The operators' desk: work on drafts, as values that go to the pool and come back. Nothing here knows of HTTP.
namespace kefu {

/// What publishing works with: one for the daemon.
struct Desk {
    net::thread_pool thread{1};                      ///< drafts are checked and tested one after another: customers' photos and orders do not wait for them
    std::atomic<bool> publishing{false};             ///< one at a time
    std::function<net::awaitable<Errors>()> reload;  ///< loads settings and catalog anew and swaps them in; on errors the old ones stay
};

struct FileDiff {
    std::string path;
    std::string_view kind;  ///< added, changed, removed
    std::vector<DiffLine> lines;
};

/// Paths that differ, each with its lines.
std::vector<FileDiff> catalog_diff(CatalogTexts const& before, CatalogTexts const& after);

/// What `kefud check` says about the catalog with these changes, and how it differs from the one in use.
struct CheckDraft {
    Settings settings;
    std::vector<CatalogChange> changes;

    struct Outcome {
        Errors errors;
        std::vector<FileDiff> diff;
    };
    Outcome operator()() const;
};

/// The conversation tests with these changes.
struct TestDraft {
    Settings settings;
    std::vector<CatalogChange> changes;

    Checked<TestsPlayed> operator()() const;
};

/// Checks, plays the tests, writes the files; or nothing is changed.
struct PublishDraft {
    Settings settings;
    std::vector<CatalogChange> changes;
    std::string base;            ///< the catalog's hash the draft was made from; empty: whatever it is
    bool despite_tests = false;  ///< tests may fail

    struct Written {
        CatalogTexts before;
        CatalogTexts after;
        TestsPlayed tests;
    };
    struct Stale {};    ///< somebody else published meanwhile
    struct Nothing {};  ///< nothing differs
    using Outcome = std::variant<Written, Errors, TestsPlayed, Stale, Nothing>;
    Outcome operator()() const;
};

/// Where publishing writes: the folder of kefud.yaml, else the one in `state`.
std::filesystem::path catalog_folder(Settings const& settings);

}  // namespace kefu
