// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "config/yaml.hpp"
#include "intents/classification.hpp"
#include "intents/expression.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What the files in packs/ say, checked, before anything is compiled. The format is in README.md.
namespace kefu {

/// A set of labels: bit i is Label i.
using LabelBits = std::uint8_t;
inline constexpr LabelBits label_bit(Label label) { return static_cast<LabelBits>(1U << static_cast<unsigned>(label)); }

struct Topic {
    std::string name;
    LabelBits labels = 0;
    std::optional<AngerKind> anger;  ///< set exactly when labels holds anger
    double anger_level = 0;
    bool is_default = false;  ///< what its label means when only the learned layer saw it
};

/// The topics in the order of topics.yaml.
struct Topics {
    std::vector<Topic> all;
    std::optional<std::size_t> find(std::string_view name) const;
};

/// One entry of `any`.
struct PackExpression {
    std::vector<Expression> alternatives;
    SourceLocation where;
};

struct Example {
    std::string text;
    SourceLocation where;
};

/// What patterns and exceptions share.
struct PackRule {
    std::string id;  ///< as in the file; evidence shows "<language>/<id>"
    SourceLocation where;
    bool is_hard = false;  ///< overrules the learned layer
    std::vector<PackExpression> any;
    std::vector<Example> examples;
    std::vector<Example> counterexamples;
};

struct PackPattern : PackRule {
    std::size_t topic = 0;  ///< index into Topics::all
    double weight = 0.8;
    std::optional<double> level;
};

enum class Scope { span, clause, message };

struct PackException : PackRule {
    LabelBits blocked_labels = 0;
    std::vector<std::size_t> blocked_topics;
    bool blocks_all = false;
    Scope scope = Scope::span;
    std::optional<std::size_t> topic;  ///< what it reports itself
};

/// A whole sentence with all its labels, for training.
struct PackSentence : Example {
    LabelBits labels = 0;
};

struct Pack {
    std::string language;
    std::vector<Example> hint_words;  ///< with their places
    std::string hint_characters;
    std::vector<PackPattern> patterns;
    std::vector<PackException> exceptions;
    std::vector<PackSentence> sentences;
};

/// True for topics.yaml: a map with the key `topics`.
bool is_topics_file(yaml::Value const& document);

/// Reads topics.yaml. What is wrong is added to `errors`.
Topics read_topics(yaml::Value const& document, Errors& errors);

/// Reads one pack. What is wrong is added to `errors`.
Pack read_pack(yaml::Value const& document, Topics const& topics, Errors& errors);

}  // namespace kefu
