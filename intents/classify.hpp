// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "intents/classification.hpp"
#include "intents/judge.hpp"
#include "intents/model.hpp"
#include "intents/sentences.hpp"
#include "intents/source_text.hpp"

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kefu {

/// What a shop may set about reading messages.
struct ClassifyOptions {
    /// RE2 expressions for the shop's order numbers, tried on the original text. Empty: 5-20 letters and digits with at
    /// least four digits, next to an order word or alone in the message.
    std::vector<std::string> order_number_patterns;
    double label_threshold = 0.5;
    bool check_examples = true;            ///< run the packs' examples; packs that were checked before may go without
    std::size_t max_code_points = 10'000;  ///< longer text is cut at a grapheme boundary before it is read
};

/// Why a message was read the way it was, for `kefud classify TEXT` and the operators' desk.
struct Explanation {
    struct Hit {
        std::string rule;
        std::string topic;
        double weight = 0;
        std::size_t start_byte = 0;
        std::size_t end_byte = 0;
        std::string blocked_by;  ///< the exception that took it away; empty when it counted
    };
    std::string normalized;
    std::vector<Hit> hits;
    bool is_learned = false;                         ///< there is a model; what follows is empty otherwise
    std::array<double, label_count> patterns{};      ///< each label's score from the patterns alone
    std::array<double, label_count> learned{};       ///< the learned layer's probability, before the patterns speak
    std::vector<Model::Contribution> contributions;  ///< of n-grams to the learned layer's logarithm of the odds
};

/// Reads messages. Built once from packs, then immutable: any number of threads may call it. Cheap to copy.
class Classifier {
  public:
    /// Compiles topics.yaml and the packs and runs their examples. Every bad pattern, unknown key and failing example is an error
    /// with its place. `packs` holds topics.yaml, common.yaml and one file per language, told apart by their content.
    static Checked<Classifier> build(std::vector<SourceText> const& packs, ClassifyOptions options = {});

    /// The same with a learned layer, which has its say in every label. Without one the patterns decide alone.
    Classifier with(Model model) const;

    /// What the packs have for training: their own `sentences`, and the examples of their patterns, each for the labels of its topic only.
    std::vector<TrainingSentence> const& sentences() const;

    /// `text` is UTF-8; bytes that are not are read as U+FFFD. `language_prior` is the conversation's language or empty: a prior, not an order.
    /// Never fails and never throws on any input. Linear in the text's length.
    Classification classify(std::string_view text, std::string_view language_prior = {}) const;

    /// The same with every hit, also the blocked ones. Slower.
    std::pair<Classification, Explanation> explain(std::string_view text, std::string_view language_prior = {}) const;

    /// The languages that have a pack.
    std::vector<std::string> const& languages() const;

    /// The names in topics.yaml, in its order.
    std::vector<std::string> topics() const;
    /// For checking rules that mention one.
    bool has_topic(std::string_view name) const;

  private:
    struct Compiled;
    explicit Classifier(std::shared_ptr<Compiled const> compiled) : compiled_(std::move(compiled)) {}
    std::optional<Learned> learned(std::string_view text, Normalized const& normalized, std::string_view language) const;

    std::shared_ptr<Compiled const> compiled_;
    std::optional<Model> model_;
    std::vector<std::size_t> topic_of_model_;  ///< by the model's topics: which of topics.yaml; as many as there are: none
};

}  // namespace kefu
