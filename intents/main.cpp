// SPDX-License-Identifier: Apache-2.0
// Trains the model that is built into kefud: kefud_model OUTPUT FILE..., the packs (.yaml) and their sentences (.jsonl).
#include "intents/classify.hpp"
#include "intents/training.hpp"

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string_view>

namespace {

int fail(kefu::Errors const& errors) {
    for (auto const& error : errors) std::cerr << error.to_string() << '\n';
    return EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) {
        std::cerr << "usage: kefud_model OUTPUT FILE...\n";
        return 2;
    }
    std::vector<kefu::SourceText> packs;
    std::vector<kefu::TrainingSentence> sentences;
    kefu::Errors errors;
    for (int i = 2; i < argc; ++i) {
        std::ifstream in{argv[i], std::ios::binary};
        std::ostringstream text;
        if (!in || !(text << in.rdbuf())) errors.push_back({kefu::Errc::environment, std::string{argv[i]} + " cannot be read"});
        kefu::SourceText file{argv[i], std::move(text).str()};
        if (!file.name.ends_with(".jsonl")) {
            packs.push_back(std::move(file));
            continue;
        }
        auto const more = kefu::read_sentences(file, errors);
        sentences.insert(sentences.end(), more.begin(), more.end());
    }
    if (!errors.empty()) return fail(errors);
    auto const classifier = kefu::Classifier::build(packs);
    if (!classifier) return fail(classifier.error());
    sentences.insert(sentences.end(), classifier->sentences().begin(), classifier->sentences().end());

    auto const trained = kefu::train_model(sentences, classifier->topics());
    std::ofstream out{argv[1], std::ios::binary};
    out << kefu::Model::to_bytes(trained.parts);
    if (!out.flush()) return fail({{kefu::Errc::environment, std::string{argv[1]} + " cannot be written"}});
    return EXIT_SUCCESS;
}
