// SPDX-License-Identifier: Apache-2.0
#include "config/suggest.hpp"
#include "intents/pack.hpp"

#include <algorithm>
#include <map>

namespace kefu {
namespace {

constexpr double least_weight = 0.05;

// Not "quoted": where <iomanip> came along, a std::string would find std::quoted.
std::string in_quotes(std::string_view text) { return "'" + std::string{text} + "'"; }

template <class Names>
std::string listed(Names const& names) {
    std::string all;
    for (auto const& name : names) all += (all.empty() ? "" : ", ") + std::string{name};
    return all;
}

std::optional<std::size_t> read_topic_name(yaml::Value const& value, Topics const& topics, Errors& errors) {
    auto const name = value.string(errors);
    if (!name) return std::nullopt;
    if (auto const found = topics.find(*name)) return found;
    std::vector<std::string> known;
    for (auto const& topic : topics.all) known.push_back(topic.name);
    errors.push_back(value.error("unknown topic " + in_quotes(*name) + did_you_mean(*name, known) + "; topics are named in topics.yaml"));
    return std::nullopt;
}

std::vector<Example> read_examples(std::optional<yaml::Value> const& value, Errors& errors) {
    std::vector<Example> examples;
    if (!value) return examples;
    for (auto const& item : value->items(errors)) {
        if (auto text = item.string(errors)) examples.push_back({std::move(*text), item.where()});
    }
    return examples;
}

LabelBits read_labels(yaml::Value const& value, Errors& errors) {
    LabelBits labels = 0;
    for (auto const& item : value.items(errors)) {
        auto const name = item.string(errors);
        if (!name) continue;
        if (auto const label = label_from_string(*name))
            labels |= label_bit(*label);
        else
            errors.push_back(item.error("unknown label " + in_quotes(*name) + "; expected one of " + listed(label_names)));
    }
    return labels;
}

class PackReader {
  public:
    PackReader(Topics const& topics, Errors& errors) : topics_(topics), errors_(errors) {}

    Pack read(yaml::Value const& document) {
        yaml::Object object{document, errors_};
        Pack pack;
        if (auto const language = object.require("language")) pack.language = language->string(errors_).value_or("");
        if (auto const hints = object.get("hints")) read_hints(*hints, pack);
        if (auto const patterns = object.require("patterns")) {
            for (auto const& item : patterns->items(errors_)) pack.patterns.push_back(read_pattern(item));
        }
        if (auto const exceptions = object.get("exceptions")) {
            for (auto const& item : exceptions->items(errors_)) pack.exceptions.push_back(read_exception(item));
        }
        if (auto const sentences = object.get("sentences")) {
            for (auto const& item : sentences->items(errors_)) pack.sentences.push_back(read_sentence(item));
        }
        object.finish();
        return pack;
    }

  private:
    void read_hints(yaml::Value const& value, Pack& pack) {
        yaml::Object object{value, errors_};
        pack.hint_words = read_examples(object.get("words"), errors_);
        if (auto const characters = object.get("characters")) pack.hint_characters = characters->string(errors_).value_or("");
        object.finish();
    }

    PackPattern read_pattern(yaml::Value const& value) {
        yaml::Object object{value, errors_};
        PackPattern pattern;
        read_rule(object, pattern);
        if (auto const topic = object.require("topic")) pattern.topic = read_topic_name(*topic, topics_, errors_).value_or(0);
        if (auto const weight = object.get("weight")) pattern.weight = weight->number(errors_, least_weight, 1).value_or(pattern.weight);
        if (auto const level = object.get("level")) {
            pattern.level = level->number(errors_, 0, 1);
            if (!topics_.all.empty() && !topics_.all[pattern.topic].anger) {
                errors_.push_back(level->error("'level' says how angry a pattern is, and topic " + in_quotes(topics_.all[pattern.topic].name) +
                                               " is not about anger; remove it or choose another topic"));
            }
        }
        object.finish();
        return pattern;
    }

    PackException read_exception(yaml::Value const& value) {
        yaml::Object object{value, errors_};
        PackException exception;
        read_rule(object, exception);
        if (auto const blocks = object.require("blocks")) read_blocks(*blocks, exception);
        if (auto const scope = object.get("scope")) exception.scope = read_scope(*scope);
        if (auto const topic = object.get("topic")) exception.topic = read_topic_name(*topic, topics_, errors_);
        object.finish();
        return exception;
    }

    void read_blocks(yaml::Value const& value, PackException& exception) {
        auto const items = value.items(errors_);
        if (value.kind() == yaml::Value::Kind::sequence && items.empty()) {
            errors_.push_back(value.error("'blocks' is empty; name the labels or topics it takes away, or write [all]"));
        }
        for (auto const& item : items) {
            auto const name = item.string(errors_);
            if (!name) continue;
            if (*name == "all") {
                exception.blocks_all = true;
            } else if (auto const label = label_from_string(*name)) {
                exception.blocked_labels |= label_bit(*label);  // `human` is a label and a topic that carries it: the same
            } else if (auto const topic = topics_.find(*name)) {
                exception.blocked_topics.push_back(*topic);
            } else {
                errors_.push_back(
                    item.error("'blocks' names " + in_quotes(*name) + ", which is neither a label (" + listed(label_names) + ") nor a topic in topics.yaml"));
            }
        }
    }

    Scope read_scope(yaml::Value const& value) {
        auto const name = value.string(errors_);
        if (!name || *name == "span") return Scope::span;
        if (*name == "clause") return Scope::clause;
        if (*name == "message") return Scope::message;
        errors_.push_back(value.error("unknown scope " + in_quotes(*name) + "; expected span, clause or message"));
        return Scope::span;
    }

    PackSentence read_sentence(yaml::Value const& value) {
        yaml::Object object{value, errors_};
        PackSentence sentence;
        if (auto const text = object.require("text")) {
            sentence.text = text->string(errors_).value_or("");
            sentence.where = text->where();
        }
        if (auto const labels = object.require("labels")) sentence.labels = read_labels(*labels, errors_);
        object.finish();
        return sentence;
    }

    void read_rule(yaml::Object& object, PackRule& rule) {
        rule.where = object.where();
        if (auto const hard = object.get("hard")) rule.is_hard = hard->boolean(errors_).value_or(false);
        if (auto const id = object.require("id")) read_id(*id, rule);
        if (auto const any = object.require("any")) {
            auto const items = any->items(errors_);
            if (any->kind() == yaml::Value::Kind::sequence && items.empty()) {
                errors_.push_back(any->error("'any' is empty, so nothing can fire it; add an expression or remove the entry"));
            }
            for (auto const& item : items) read_any(item, rule);
        }
        rule.examples = read_examples(object.get("examples"), errors_);
        rule.counterexamples = read_examples(object.get("counterexamples"), errors_);
    }

    void read_id(yaml::Value const& value, PackRule& rule) {
        auto const id = value.string(errors_);
        if (!id) return;
        rule.id = *id;
        auto const [first, is_new] = ids_.try_emplace(*id, value.where());
        if (!is_new) {
            errors_.push_back(value.error("duplicate id " + in_quotes(*id) + "; line " + std::to_string(first->second.line) + " has it already"));
        }
    }

    void read_any(yaml::Value const& item, PackRule& rule) {
        auto const source = item.string(errors_);
        if (!source) return;
        auto expressions = read_expression(*source);
        if (!expressions) return errors_.push_back(item.error(expressions.error().message));
        rule.any.push_back({std::move(*expressions), item.where()});
    }

    Topics const& topics_;
    Errors& errors_;
    std::map<std::string, SourceLocation> ids_;
};

void read_anger(yaml::Value const& value, Topic& topic, Errors& errors) {
    yaml::Object object{value, errors};
    if (auto const kind = object.require("kind")) {
        auto const name = kind->string(errors);
        if (name) topic.anger = anger_kind_from_string(*name);
        if (name && !topic.anger) errors.push_back(kind->error("unknown kind of anger " + in_quotes(*name) + "; expected one of " + listed(anger_kind_names)));
    }
    if (auto const level = object.require("level")) topic.anger_level = level->number(errors, 0, 1).value_or(0);
    object.finish();
}

Topic read_topic(yaml::Value::Entry const& entry, Errors& errors) {
    yaml::Object object{entry.value, errors};
    Topic topic;
    topic.name = entry.key;
    if (auto const labels = object.get("labels")) topic.labels = read_labels(*labels, errors);
    if (auto const is_default = object.get("default")) {
        topic.is_default = is_default->boolean(errors).value_or(false);
        if (topic.is_default && topic.labels == 0) errors.push_back(is_default->error("'default' says what a label means; this topic has none"));
    }
    auto const anger = object.get("anger");
    if (anger) read_anger(*anger, topic, errors);
    bool const is_labelled = (topic.labels & label_bit(Label::anger)) != 0;
    if (is_labelled && !anger) errors.push_back(entry.value.error("a topic with the label anger needs 'anger: {kind: ..., level: ...}'"));
    if (anger && !is_labelled) errors.push_back(anger->error("'anger' without the label anger has no effect; add it to 'labels'"));
    object.finish();
    return topic;
}

}  // namespace

std::optional<std::size_t> Topics::find(std::string_view name) const {
    auto const found = std::find_if(all.begin(), all.end(), [&](Topic const& topic) { return topic.name == name; });
    if (found == all.end()) return std::nullopt;
    return static_cast<std::size_t>(found - all.begin());
}

bool is_topics_file(yaml::Value const& document) {
    Errors ignored;
    if (document.kind() != yaml::Value::Kind::map) return false;
    auto const entries = document.entries(ignored);
    return std::any_of(entries.begin(), entries.end(), [](auto const& entry) { return entry.key == "topics"; });
}

Topics read_topics(yaml::Value const& document, Errors& errors) {
    yaml::Object object{document, errors};
    Topics topics;
    if (auto const all = object.require("topics")) {
        for (auto const& entry : all->entries(errors)) topics.all.push_back(read_topic(entry, errors));
    }
    object.finish();
    return topics;
}

Pack read_pack(yaml::Value const& document, Topics const& topics, Errors& errors) { return PackReader{topics, errors}.read(document); }

}  // namespace kefu
