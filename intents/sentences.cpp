// SPDX-License-Identifier: Apache-2.0
#include "intents/sentences.hpp"

#include "config/suggest.hpp"
#include "intents/utf8.hpp"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/stream_parser.hpp>

#include <optional>
#include <string_view>

namespace kefu {
namespace {

namespace json = boost::json;

std::vector<std::string> const known_keys{"text", "labels", "lang", "topic", "hard"};

std::string language_of_file(std::string_view name) {
    name.remove_prefix(name.rfind('/') + 1);
    return std::string{name.substr(0, name.find('.'))};
}

int column_at(std::string_view line, std::size_t byte) {
    int column = 1;
    for (std::size_t at = 0; at < line.size() && at < byte; ++column) next_code_point(line, at);
    return column;
}

class LineReader {
  public:
    LineReader(std::string const& file, int number, std::string_view line, Errors& errors)
        : file_(file), number_(number), line_(line), errors_(errors), resource_(buffer_, sizeof buffer_) {}

    std::optional<TrainingSentence> read(std::string const& language) {
        json::error_code error;
        json::stream_parser parser{json::storage_ptr{&resource_}};
        auto const read = parser.write_some(line_.data(), line_.size(), error);
        if (!error && read < line_.size()) error = json::error::extra_data;
        if (!error) parser.finish(error);
        if (error) return fail(read, "not a JSON object on one line: " + error.message());
        json::value const document = parser.release();
        auto const* object = document.if_object();
        if (object == nullptr) return fail(0, "expected an object: {\"text\": \"...\", \"labels\": [...]}");

        TrainingSentence sentence;
        sentence.language = language;
        bool has_text = false;
        bool has_labels = false;
        for (auto const& [key, value] : *object) {
            if (key == "text") {
                if (!value.is_string() || value.get_string().empty()) return fail_at("text", "'text' is a string that is not empty");
                sentence.text = value.get_string();
                has_text = true;
            } else if (key == "labels") {
                auto const labels = read_labels(value);
                if (!labels) return std::nullopt;
                sentence.labels = *labels;
                has_labels = true;
            } else if (key == "lang") {
                if (!value.is_string()) return fail_at("lang", "'lang' is a language tag such as \"zh-Hant\"");
                sentence.language = value.get_string();
            } else if (key == "topic") {
                if (!value.is_string()) return fail_at("topic", "'topic' is a name such as \"where_is_order\"");
                sentence.topic = value.get_string();
            } else if (key == "hard") {
                if (!value.is_bool()) return fail_at("hard", "'hard' is true or false");
                sentence.is_near_miss = value.get_bool();
            } else {
                std::string const name{key};
                return fail_at(name, "unknown key '" + name + "'" + did_you_mean(name, known_keys));
            }
        }
        if (!has_text || !has_labels) return fail(0, std::string{"'"} + (has_text ? "labels" : "text") + "' is missing; write [] where no label fits");
        if (sentence.language.empty()) return fail(0, "no language: name the file <language>.jsonl or add \"lang\"");
        return sentence;
    }

  private:
    std::optional<LabelBits> read_labels(json::value const& value) {
        auto const* items = value.if_array();
        if (items == nullptr) {
            fail_at("labels", "'labels' is a list such as [\"refund\"], or []");
            return std::nullopt;
        }
        LabelBits labels = 0;
        for (auto const& item : *items) {
            auto const name = item.is_string() ? std::string{item.get_string()} : json::serialize(item);
            auto const label = label_from_string(name);
            if (!label) {
                fail_at(name, "unknown label '" + name + "'" + did_you_mean(name, std::vector<std::string>{label_names.begin(), label_names.end()}) +
                                  "; expected anger, tracking, refund, cancel or human");
                return std::nullopt;
            }
            labels |= label_bit(*label);
        }
        return labels;
    }

    std::nullopt_t fail(std::size_t byte, std::string message) {
        errors_.push_back({Errc::bad_config, std::move(message), SourceLocation{file_, number_, column_at(line_, byte)}});
        return std::nullopt;
    }
    std::nullopt_t fail_at(std::string const& word, std::string message) {
        auto const found = line_.find('"' + word + '"');
        return fail(found == std::string_view::npos ? 0 : found, std::move(message));
    }

    std::string const& file_;
    int number_;
    std::string_view line_;
    Errors& errors_;
    unsigned char buffer_[4096];
    json::monotonic_resource resource_;
};

}  // namespace

std::vector<TrainingSentence> read_sentences(SourceText const& file, Errors& errors) {
    std::vector<TrainingSentence> sentences;
    auto const language = language_of_file(file.name);
    std::string_view rest = file.text;
    for (int number = 1; !rest.empty(); ++number) {
        auto const end = rest.find('\n');
        auto line = rest.substr(0, end);
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
        if (line.empty()) continue;
        if (auto sentence = LineReader{file.name, number, line, errors}.read(language)) sentences.push_back(std::move(*sentence));
    }
    return sentences;
}

}  // namespace kefu
