// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "intents/model.hpp"
#include "intents/sentences.hpp"
#include "replies/catalog.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

/// Where a catalog comes from: a folder, or what is built into the binary. Blocks on the disk.
namespace kefu {

/// Everything the file holds; environment when it cannot be read, in words for people.
Result<std::string> read_file(std::filesystem::path const& path);

/// The folder's intents/*.yaml, replies/*.yaml, playbooks/*.yaml, calendars/*.yaml, policy.yaml and guard.yaml; an empty path: the catalog built in.
Checked<CatalogSources> catalog_sources(std::filesystem::path const& folder);

/// The conversation tests: *.yaml of `folder` itself when it `is_tests`, else of its tests/; an empty path: those built in.
Checked<std::vector<SourceText>> conversation_test_files(std::filesystem::path const& folder, bool is_tests);

/// What the learned layer is trained on: the sentences built in, then the folder's intents/examples/*.jsonl, then `own`. Of the same words in
/// the same language the last has its way.
Checked<std::vector<TrainingSentence>> training_sentences(std::filesystem::path const& folder, std::vector<TrainingSentence> const& own);

/// The file `kefud train` writes in the state folder.
std::filesystem::path model_file(std::filesystem::path const& state);

/// The state folder's model; the one built in when there is none, or no folder.
Result<Model> load_model(std::filesystem::path const& state);

}  // namespace kefu
