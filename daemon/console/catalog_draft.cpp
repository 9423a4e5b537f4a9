// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/catalog_draft.hpp"

#include "daemon/catalog_files.hpp"
#include "daemon/crypto.hpp"
#include "daemon/embedded.hpp"
#include "daemon/write_file.hpp"

#include <algorithm>
#include <array>
#include <system_error>
#include <utility>

namespace kefu {

namespace fs = std::filesystem;

namespace {

constexpr ::mode_t readable = 0644;

struct Part {
    std::string_view folder, extension, source;  ///< in the catalog; of its files; in the source tree, where it differs
};
constexpr std::array<Part, 6> parts{{{"intents/", ".yaml", "intents/packs/"},
                                     {"intents/examples/", ".jsonl", ""},  // those built in count anyway
                                     {"replies/", ".yaml", "replies/packs/"},
                                     {"playbooks/", ".yaml", "replies/playbooks/"},
                                     {"calendars/", ".yaml", "replies/calendars/"},
                                     {"tests/", ".yaml", "replies/tests/"}}};
constexpr std::array<std::string_view, 2> single{"policy.yaml", "guard.yaml"};

bool is_file_name(std::string_view name, std::string_view extension) {
    auto const fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.'; };
    return name.size() > extension.size() && name.size() <= 80 && name.ends_with(extension) && name.front() != '.' &&
           std::all_of(name.begin(), name.end(), fits);
}

Part const* part_of(std::string_view path) {
    auto const found = std::find_if(parts.begin(), parts.end(), [&](auto const& part) {
        return path.starts_with(part.folder) && is_file_name(path.substr(part.folder.size()), part.extension);
    });
    return found == parts.end() ? nullptr : &*found;
}

CatalogTexts embedded_catalog() {
    CatalogTexts texts;
    for (auto const& file : embedded_files()) {
        for (auto const& part : parts)
            if (!part.source.empty() && file.name.starts_with(part.source) && file.name.find('/', part.source.size()) == std::string_view::npos)
                texts.emplace(std::string{part.folder} + std::string{file.name.substr(part.source.size())}, file.text);
        for (auto const name : single)
            if (file.name == "replies/" + std::string{name}) texts.emplace(name, file.text);
    }
    return texts;
}

CatalogSources sources_of(CatalogTexts const& texts) {
    CatalogSources sources;
    for (auto const& [path, text] : texts) {
        SourceText source{path, text};
        auto const* part = part_of(path);
        if (part == nullptr) {
            (path == "guard.yaml" ? sources.guard : sources.policy) = std::move(source);
        } else if (part->extension == ".yaml") {
            if (part->folder == "intents/") sources.intents.push_back(std::move(source));
            if (part->folder == "replies/") sources.replies.push_back(std::move(source));
            if (part->folder == "playbooks/") sources.playbooks.push_back(std::move(source));
            if (part->folder == "calendars/") sources.calendars.push_back(std::move(source));
        }
    }
    return sources;
}

Result<void> write_new(fs::path const& folder, CatalogTexts const& texts) {
    fs::path made = folder;
    made += ".new";
    std::error_code error;
    fs::remove_all(made, error);
    for (auto const& [path, text] : texts)
        if (auto const written = write_file(made / path, text, readable); !written) return written;
    for (auto const* name : {"intents", "replies", "playbooks"}) fs::create_directories(made / name, error);
    fs::rename(made, folder, error);
    if (error) return Error{Errc::environment, folder.string() + ": " + error.message()};
    return {};
}

/// One file as `texts` has it.
Result<void> put(fs::path const& folder, std::string const& path, CatalogTexts const& texts) {
    auto const found = texts.find(path);
    if (found != texts.end()) return write_file(folder / path, found->second, readable);
    std::error_code error;
    fs::remove(folder / path, error);
    if (error) return Error{Errc::environment, (folder / path).string() + ": " + error.message()};
    return {};
}

}  // namespace

bool is_catalog_path(std::string_view path) { return std::find(single.begin(), single.end(), path) != single.end() || part_of(path) != nullptr; }

Checked<CatalogTexts> read_catalog(fs::path const& folder) {
    if (folder.empty()) return embedded_catalog();
    CatalogTexts texts;
    Errors errors;
    auto const take = [&](std::string const& path) {
        auto text = read_file(folder / path);
        if (text)
            texts.emplace(path, std::move(*text));
        else
            errors.push_back(text.error());
    };
    for (auto const& part : parts) {
        std::error_code none;
        for (auto const& entry : fs::directory_iterator(folder / part.folder, none)) {
            std::string const path = std::string{part.folder} + entry.path().filename().string();
            if (entry.is_regular_file() && is_catalog_path(path)) take(path);
        }
    }
    for (auto const name : single) take(std::string{name});
    if (!errors.empty()) return errors;
    return texts;
}

CatalogTexts with_changes(CatalogTexts texts, std::vector<CatalogChange> const& changes) {
    for (auto const& change : changes) {
        if (change.text)
            texts[change.path] = *change.text;
        else
            texts.erase(change.path);
    }
    return texts;
}

std::string catalog_hash(CatalogTexts const& texts) {
    Sha256 hash;
    for (auto const& [path, text] : texts) hash.update(path + '\0' + hex(sha256(text)) + '\n');
    return hex(hash.finish());
}

Checked<SnapshotPtr> draft_snapshot(Settings settings, CatalogTexts const& texts) {
    Errors errors;
    for (auto const& [path, text] : texts)
        if (path.ends_with(".jsonl")) (void)read_sentences({path, text}, errors);
    auto made = make_snapshot(std::move(settings), sources_of(texts), "kefud.yaml");
    auto const more = made ? Errors{} : made.error();
    errors.insert(errors.end(), more.begin(), more.end());
    if (!errors.empty()) return errors;
    return made;
}

Checked<TestsPlayed> play_tests(SnapshotPtr const& snapshot, CatalogTexts const& texts) {
    std::vector<SourceText> files;
    for (auto const& [path, text] : texts)
        if (path.starts_with("tests/")) files.push_back({path, text});
    auto const tests = load_conversation_tests(files, snapshot->catalog);
    if (!tests) return tests.error();
    TestsPlayed played;
    auto const started = std::chrono::steady_clock::now();
    for (auto const& test : *tests) {
        auto differences = play(test, snapshot);
        if (differences.empty())
            ++played.passed;
        else
            played.failures.push_back({test.name, std::move(differences)});
    }
    played.took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - started);
    return played;
}

Result<void> write_catalog(fs::path const& folder, CatalogTexts const& before, CatalogTexts const& after) {
    std::error_code error;
    if (!fs::exists(folder, error)) return write_new(folder, after);
    std::vector<std::string> changed;
    for (auto const& [path, text] : after)
        if (auto const was = before.find(path); was == before.end() || was->second != text) changed.push_back(path);
    for (auto const& [path, text] : before)
        if (!after.contains(path)) changed.push_back(path);
    for (std::size_t i = 0; i < changed.size(); ++i) {
        auto const written = put(folder, changed[i], after);
        if (written) continue;
        for (std::size_t done = 0; done <= i; ++done) (void)put(folder, changed[done], before);
        return written;
    }
    return {};
}

}  // namespace kefu
