// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/desk.hpp"

#include <algorithm>
#include <utility>

namespace kefu {

namespace {

Error cannot_write(Error error) {
    error.message += "; nothing was published";
    return error;
}

}  // namespace

std::filesystem::path catalog_folder(Settings const& settings) { return settings.catalog.path.empty() ? published_catalog(settings) : settings.catalog.path; }

std::vector<FileDiff> catalog_diff(CatalogTexts const& before, CatalogTexts const& after) {
    std::vector<FileDiff> all;
    for (auto const& [path, text] : after) {
        auto const was = before.find(path);
        if (was == before.end())
            all.push_back({path, "added", text_diff({}, text)});
        else if (was->second != text)
            all.push_back({path, "changed", text_diff(was->second, text)});
    }
    for (auto const& [path, text] : before)
        if (!after.contains(path)) all.push_back({path, "removed", text_diff(text, {})});
    return all;
}

CheckDraft::Outcome CheckDraft::operator()() const {
    auto before = read_catalog(settings.catalog.path);
    if (!before) return {before.error(), {}};
    auto const after = with_changes(*before, changes);
    auto const made = draft_snapshot(settings, after);
    return {made ? Errors{} : made.error(), catalog_diff(*before, after)};
}

Checked<TestsPlayed> TestDraft::operator()() const {
    auto before = read_catalog(settings.catalog.path);
    if (!before) return before.error();
    auto const after = with_changes(std::move(*before), changes);
    auto const made = draft_snapshot(settings, after);
    if (!made) return made.error();
    return play_tests(*made, after);
}

PublishDraft::Outcome PublishDraft::operator()() const {
    auto before = read_catalog(settings.catalog.path);
    if (!before) return before.error();
    if (!base.empty() && base != catalog_hash(*before)) return Stale{};
    auto after = with_changes(*before, changes);
    if (after == *before) return Nothing{};
    auto const made = draft_snapshot(settings, after);
    if (!made) return made.error();
    auto played = play_tests(*made, after);
    if (!played) return played.error();
    if (!played->failures.empty() && !despite_tests) return std::move(*played);
    if (auto const written = write_catalog(catalog_folder(settings), *before, after); !written) return Errors{cannot_write(written.error())};
    return Written{std::move(*before), std::move(after), std::move(*played)};
}

}  // namespace kefu
