// SPDX-License-Identifier: Apache-2.0
#include "config/yaml_data.hpp"
#include "config/yaml_source.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>
#include <unordered_map>
#include <utility>

namespace kefu::yaml {

namespace {

constexpr std::size_t max_size = 4u << 20;  // bytes; the largest pack is a hundredth of it
constexpr std::size_t max_depth = 32;
constexpr std::size_t max_repeated = 10'000;  // values that aliases add: "billion laughs" has 10^9

/// Ends the reading of a document: what follows would only be noise.
struct Rejected {
    Error error;
};

/// yaml-cpp's words, for operators.
std::string in_words(std::string const& message) {
    namespace said = YAML::ErrorMsg;
    static std::vector<std::pair<std::string_view, std::string_view>> const words{
        {said::END_OF_MAP, "this does not fit the keys above; look at the indentation and the quotes"},
        {said::END_OF_SEQ, "expected '-' here, indented like the ones above"},
        {said::END_OF_MAP_FLOW, "',' or '}' is missing"},
        {said::END_OF_SEQ_FLOW, "',' or ']' is missing"},
        {said::MAP_VALUE, "':' is not possible here; text that contains ': ' needs quotes"},
        {said::MAP_KEY, "a key is not possible here"},
        {said::BLOCK_ENTRY, "'-' is not possible here"},
        {said::FLOW_END, "']' or '}' is not possible here"},
        {said::UNKNOWN_TOKEN, "text that begins with this character needs quotes"},
        {said::EOF_IN_SCALAR, "the closing quote is missing"},
        {said::DOC_IN_SCALAR, "the closing quote is missing"},
        {said::INVALID_ESCAPE, "unknown escape in double quotes; in single quotes a backslash is only a backslash"},
        {said::INVALID_HEX, "bad character code in double quotes; in single quotes a backslash is only a backslash"},
        {said::INVALID_UNICODE, "no character has this code"},
        {said::UNKNOWN_ANCHOR, "no anchor (&) before this has that name"},
        {said::ALIAS_NOT_FOUND, "text that begins with '*' needs quotes"},
        {said::CHAR_IN_ALIAS, "text that begins with '*' needs quotes"},
        {said::ANCHOR_NOT_FOUND, "text that begins with '&' needs quotes"},
        {said::CHAR_IN_ANCHOR, "text that begins with '&' needs quotes"},
    };
    for (auto const& [theirs, ours] : words)
        if (message.starts_with(theirs)) return std::string{ours};
    return "not YAML: " + message;
}

/// Builds our tree from yaml-cpp's events. Its own tree would lose duplicate keys and the places of null values.
class TreeBuilder : public YAML::EventHandler {
  public:
    TreeBuilder(std::string_view text, Places& places, Errors& errors) : text_(text), places_(places), errors_(errors) {}

    std::shared_ptr<Value::Data const> root() const { return root_; }

    void OnDocumentStart(YAML::Mark const& mark) override {
        if (++documents_ == 1) return;
        bool const marked = text_.substr(offset(mark), 3) == "---";  // else yaml-cpp did not know how to go on
        reject(mark, marked ? "a second document begins here; a file holds one" : "this does not continue what stands above; look at the indentation");
    }
    void OnDocumentEnd() override {}

    void OnNull(YAML::Mark const& mark, YAML::anchor_t anchor) override {
        auto node = make(mark, Value::Kind::null);
        if (frames_.empty()) {
            node->line = node->column = 1;  // a file with nothing in it
        } else if (frames_.back().has_key) {
            require_colon();
            // `key:` alone: the mark is wherever the next token is.
            auto const& key = frames_.back().key_where;
            if (node->line != key.line) std::tie(node->line, node->column) = std::pair{key.line, key.column};
        } else {
            // `-` alone: the same.
            auto const dash = text_.substr(0, offset(mark)).find_last_not_of(" \t\r\n");
            if (dash != std::string_view::npos && text_[dash] == '-') std::tie(node->line, node->column) = places_.at_offset(dash);
        }
        add(mark, std::move(node), anchor);
    }

    void OnScalar(YAML::Mark const& mark, std::string const& tag, YAML::anchor_t anchor, std::string const& value) override {
        refuse_tag(mark, tag);
        auto node = make(mark, Value::Kind::scalar);
        node->text = value;
        node->quoted = tag == "!";
        if (node->quoted) require_closing_quote(mark);
        add(mark, std::move(node), anchor);
    }

    void OnAlias(YAML::Mark const& mark, YAML::anchor_t anchor) override {
        auto const found = anchors_.find(anchor);
        if (found == anchors_.end()) reject(mark, "this alias (*) stands inside its own anchor (&)");
        auto const& node = found->second;
        repeated_ += node->weight;
        if (repeated_ > max_repeated) reject(mark, "the aliases (*) of this file repeat more than " + std::to_string(max_repeated) + " values");
        if (frames_.size() + node->depth > max_depth) too_deep(mark);
        add(mark, node, 0);
    }

    void OnSequenceStart(YAML::Mark const& mark, std::string const& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
        begin(mark, tag, anchor, Value::Kind::sequence);
    }
    void OnMapStart(YAML::Mark const& mark, std::string const& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
        begin(mark, tag, anchor, Value::Kind::map);
    }
    void OnSequenceEnd() override { end(); }
    void OnMapEnd() override { end(); }

  private:
    /// A list or map that is not finished yet.
    struct Frame {
        std::shared_ptr<Value::Data> node;
        YAML::anchor_t anchor = 0;
        bool has_key = false;  // map: the next node is the value of `key`
        std::string key;
        SourceLocation key_where;
        std::size_t key_offset = 0;
        std::unordered_map<std::string, int> lines;  // map: where each key was first seen
    };

    std::size_t offset(YAML::Mark const& mark) const { return places_.offset(mark.line, mark.column); }
    std::pair<int, int> at(YAML::Mark const& mark) { return places_.at_offset(offset(mark)); }

    [[noreturn]] void reject(YAML::Mark const& mark, std::string message) { throw Rejected{places_.error(at(mark), std::move(message))}; }
    [[noreturn]] void too_deep(YAML::Mark const& mark) { reject(mark, "lists and maps are nested more than " + std::to_string(max_depth) + " deep"); }

    /// Where the text itself begins when there is an anchor in front of it: marks point at the '&'.
    std::size_t behind_anchor(std::size_t start) const {
        if (text_.substr(start, 1) != "&") return start;
        return skip_spaces(text_, std::min(text_.find_first_of(" \t\r\n", start), text_.size()));
    }

    bool is_quote(std::size_t offset) const { return offset < text_.size() && (text_[offset] == '"' || text_[offset] == '\''); }

    /// yaml-cpp ends quoted text that is never closed at the end of the file and says nothing.
    void require_closing_quote(YAML::Mark const& mark) {
        std::size_t const start = behind_anchor(offset(mark));
        if (is_quote(start) && !end_of_quoted(text_, start)) reject(mark, "the closing quote is missing");
    }

    /// yaml-cpp reads a line without ':' as a key without a value.
    void require_colon() {
        Frame const& frame = frames_.back();
        std::size_t const start = behind_anchor(frame.key_offset);
        std::size_t const end = is_quote(start) ? end_of_quoted(text_, start).value_or(text_.size()) : start + frame.key.size();
        if (text_.substr(std::min(skip_spaces(text_, end), text_.size()), 1) == ":") return;
        auto const colon = frame.key.find(':');  // "port:8080"; what follows may be a secret
        throw Rejected{places_.error(
            {frame.key_where.line, frame.key_where.column},
            colon == std::string::npos ? "':' is missing after '" + frame.key + "'" : "a space is missing after '" + frame.key.substr(0, colon + 1) + "'")};
    }

    void refuse_tag(YAML::Mark const& mark, std::string const& tag) {
        if (!tag.empty() && tag != "?" && tag != "!") reject(mark, "tags (!) are not supported; text that begins with '!' needs quotes");
    }

    std::shared_ptr<Value::Data> make(YAML::Mark const& mark, Value::Kind kind) {
        auto node = std::make_shared<Value::Data>();
        node->kind = kind;
        node->file = places_.file();
        std::tie(node->line, node->column) = at(mark);
        return node;
    }

    void begin(YAML::Mark const& mark, std::string const& tag, YAML::anchor_t anchor, Value::Kind kind) {
        refuse_tag(mark, tag);
        if (!frames_.empty() && frames_.back().node->kind == Value::Kind::map && !frames_.back().has_key)
            reject(mark,
                   std::string{"a key must be text, not a "} + (kind == Value::Kind::map ? "map" : "list") + "; text that begins with '{' or '[' needs quotes");
        if (frames_.size() >= max_depth) too_deep(mark);
        frames_.push_back({});
        frames_.back().node = make(mark, kind);
        frames_.back().anchor = anchor;
    }

    void end() {
        Frame frame = std::move(frames_.back());
        frames_.pop_back();
        frame.node->depth += 1;
        add(YAML::Mark{}, std::move(frame.node), frame.anchor);
    }

    void add(YAML::Mark const& mark, std::shared_ptr<Value::Data const> node, YAML::anchor_t anchor) {
        if (anchor != 0) anchors_[anchor] = node;
        if (frames_.empty()) {
            root_ = std::move(node);
            return;
        }
        Frame& frame = frames_.back();
        Value::Data& parent = *frame.node;
        if (parent.kind == Value::Kind::map && !frame.has_key) {
            take_key(mark, *node);
            return;
        }
        parent.weight += node->weight;
        parent.depth = std::max(parent.depth, node->depth);
        if (parent.kind == Value::Kind::sequence) {
            parent.items.emplace_back(std::move(node));
            return;
        }
        parent.entries.push_back({std::move(frame.key), std::move(frame.key_where), Value{std::move(node)}});
        frame.has_key = false;
    }

    void take_key(YAML::Mark const& mark, Value::Data const& node) {
        if (node.kind != Value::Kind::scalar) reject(mark, "a key must be text");
        auto const place = at(mark);
        if (node.text == "<<" && !node.quoted) reject(mark, "merge keys (<<) are not supported");
        Frame& frame = frames_.back();
        auto const [first, is_new] = frame.lines.emplace(node.text, place.first);
        if (!is_new) errors_.push_back(places_.error(place, "duplicate key '" + node.text + "' (first in line " + std::to_string(first->second) + ")"));
        frame.has_key = true;
        frame.key = node.text;
        frame.key_where = {*places_.file(), place.first, place.second};
        frame.key_offset = offset(mark);
    }

    std::string_view text_;
    Places& places_;
    Errors& errors_;
    std::vector<Frame> frames_;
    std::unordered_map<YAML::anchor_t, std::shared_ptr<Value::Data const>> anchors_;
    std::shared_ptr<Value::Data const> root_;
    int documents_ = 0;
    std::size_t repeated_ = 0;
};

}  // namespace

std::optional<Value> parse(std::string_view text, std::string file, Errors& errors) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // a byte order mark, as some Windows editors write
    if (text.size() > max_size) {
        errors.push_back(Error{Errc::bad_config, "larger than " + std::to_string(max_size >> 20) + " MiB", SourceLocation{std::move(file), 1, 1}});
        return std::nullopt;
    }
    Places places{text, std::move(file)};
    if (auto wrong = check_characters(text, places)) {
        errors.push_back(*std::move(wrong));
        return std::nullopt;
    }

    std::size_t const errors_before = errors.size();
    TreeBuilder builder{text, places, errors};
    try {
        std::istringstream stream{std::string{text}};
        YAML::Parser parser{stream};
        // The second call rejects a second document. There is no third: yaml-cpp may stand still at a stray ']'.
        if (parser.HandleNextDocument(builder)) parser.HandleNextDocument(builder);
    } catch (Rejected& rejected) {
        errors.push_back(std::move(rejected.error));
    } catch (YAML::Exception const& e) {
        errors.push_back(places.error(places.at_offset(places.offset(e.mark.line, e.mark.column)), in_words(e.msg)));
    } catch (std::exception const& e) {
        errors.push_back(places.error({1, 1}, std::string{"not YAML: "} + e.what()));
    }
    if (errors.size() > errors_before) return std::nullopt;
    if (auto root = builder.root()) return Value{std::move(root)};
    auto empty = std::make_shared<Value::Data>();
    empty->file = places.file();
    empty->line = empty->column = 1;
    return Value{std::move(empty)};
}

}  // namespace kefu::yaml
