// SPDX-License-Identifier: Apache-2.0
#include "daemon/catalog_files.hpp"

#include "daemon/embedded.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <utility>

namespace kefu {

namespace fs = std::filesystem;

Result<std::string> read_file(fs::path const& path) {
    std::ifstream in{path, std::ios::binary};
    std::ostringstream text;
    if (!in || !(text << in.rdbuf())) {
        if (in && in.peek() == std::ifstream::traits_type::eof()) return std::string{};
        return Error{Errc::environment, path.string() + ": cannot be read; does it exist, and may this user read it?"};
    }
    return std::move(text).str();
}

namespace {

CatalogSources embedded_sources() {
    CatalogSources sources;
    sources.examples_checked = true;  // by kefud_model, when it was built; the guard's by the tests
    for (auto const& file : embedded_files()) {
        SourceText text{std::string{file.name}, std::string{file.text}};
        if (file.name.starts_with("intents/packs/"))
            sources.intents.push_back(std::move(text));
        else if (file.name.starts_with("replies/packs/"))
            sources.replies.push_back(std::move(text));
        else if (file.name.starts_with("replies/playbooks/"))
            sources.playbooks.push_back(std::move(text));
        else if (file.name.starts_with("replies/calendars/"))
            sources.calendars.push_back(std::move(text));
        else if (file.name == "replies/policy.yaml")
            sources.policy = std::move(text);
        else if (file.name == "replies/guard.yaml")
            sources.guard = std::move(text);
    }
    return sources;
}

/// The folder's files with this ending, in the order of their names.
Result<std::vector<fs::path>> files_in(fs::path const& folder, std::string_view extension) {
    std::error_code error;
    std::vector<fs::path> paths;
    for (auto const& entry : fs::directory_iterator(folder, error))
        if (entry.path().extension() == extension) paths.push_back(entry.path());
    if (error) return Error{Errc::environment, folder.string() + ": " + error.message()};
    std::sort(paths.begin(), paths.end());
    return paths;
}

Checked<CatalogSources> folder_sources(fs::path const& folder) {
    CatalogSources sources;
    Errors errors;
    auto const take = [&](fs::path const& path) {
        auto text = read_file(path);
        if (!text) errors.push_back(text.error());
        return SourceText{path.string(), text ? std::move(*text) : std::string{}};
    };
    auto const take_all = [&](fs::path const& part, std::vector<SourceText>& into) {
        auto paths = files_in(part, ".yaml");
        if (!paths) {
            errors.push_back(paths.error());
            errors.back().message += "; the catalog folder holds intents/, replies/, playbooks/, policy.yaml and guard.yaml";
            return;
        }
        for (auto const& path : *paths) into.push_back(take(path));
    };
    take_all(folder / "intents", sources.intents);
    take_all(folder / "replies", sources.replies);
    take_all(folder / "playbooks", sources.playbooks);
    if (fs::is_directory(folder / "calendars")) take_all(folder / "calendars", sources.calendars);
    sources.policy = take(folder / "policy.yaml");
    sources.guard = take(folder / "guard.yaml");
    if (!errors.empty()) return errors;
    return sources;
}

}  // namespace

Checked<CatalogSources> catalog_sources(fs::path const& folder) {
    return folder.empty() ? Checked<CatalogSources>{embedded_sources()} : folder_sources(folder);
}

Checked<std::vector<SourceText>> conversation_test_files(fs::path const& folder, bool is_tests) {
    std::vector<SourceText> files;
    if (folder.empty()) {
        for (auto const& file : embedded_files())
            if (file.name.starts_with("replies/tests/")) files.push_back({std::string{file.name}, std::string{file.text}});
        return files;
    }
    auto const paths = files_in(is_tests ? folder : folder / "tests", ".yaml");
    if (!paths) return Errors{paths.error()};
    Errors errors;
    for (auto const& path : *paths) {
        auto text = read_file(path);
        if (!text)
            errors.push_back(text.error());
        else
            files.push_back({path.string(), *std::move(text)});
    }
    if (!errors.empty()) return errors;
    return files;
}

Checked<std::vector<TrainingSentence>> training_sentences(fs::path const& folder, std::vector<TrainingSentence> const& own) {
    Errors errors;
    std::vector<TrainingSentence> sentences;
    auto const add = [&](SourceText const& file) {
        auto more = read_sentences(file, errors);
        sentences.insert(sentences.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    };
    for (auto const& file : embedded_files())
        if (file.name.starts_with("intents/examples/")) add({std::string{file.name}, std::string{file.text}});
    auto const examples = folder / "intents" / "examples";
    if (std::error_code error; !folder.empty() && fs::is_directory(examples, error)) {
        auto const paths = files_in(examples, ".jsonl");
        if (!paths) return Errors{paths.error()};
        for (auto const& path : *paths) {
            auto text = read_file(path);
            if (!text) errors.push_back(text.error());
            if (text) add({path.string(), std::move(*text)});
        }
    }
    if (!errors.empty()) return errors;
    sentences.insert(sentences.end(), own.begin(), own.end());

    // A later sentence replaces an earlier one, in its place: the order is that of the files.
    std::map<std::pair<std::string_view, std::string_view>, std::size_t> places;
    std::vector<std::size_t> kept;
    for (std::size_t i = 0; i < sentences.size(); ++i) {
        auto const& sentence = sentences[i];
        if (sentence.judged != all_labels) {  // an example that decides one label does not replace a sentence that decides all
            kept.push_back(i);
            continue;
        }
        auto const [place, is_new] = places.try_emplace({sentence.language, sentence.text}, kept.size());
        if (is_new)
            kept.push_back(i);
        else
            kept[place->second] = i;
    }
    std::vector<TrainingSentence> unique;
    unique.reserve(kept.size());
    for (auto const i : kept) unique.push_back(sentences[i]);
    return unique;
}

fs::path model_file(fs::path const& state) { return state / "model.kefud"; }

Result<Model> load_model(fs::path const& state) {
    auto const path = model_file(state);
    if (std::error_code error; !state.empty() && fs::exists(path, error)) {
        auto bytes = read_file(path);
        if (!bytes) return bytes.error();
        auto const owner = std::make_shared<std::string const>(std::move(*bytes));
        auto model = Model::from_bytes(*owner, owner);
        if (!model) return Error{Errc::bad_config, path.string() + ": " + model.error().message};
        return model;
    }
    for (auto const& file : embedded_files())
        if (file.name == "intents/model") return Model::from_bytes(file.text);
    return Error{Errc::not_found, "this kefud was built without a model"};
}

}  // namespace kefu
