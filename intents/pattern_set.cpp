// SPDX-License-Identifier: Apache-2.0
#include "intents/pattern_set.hpp"

#include "intents/literal_index.hpp"
#include "intents/matcher.hpp"
#include "intents/utf8.hpp"

#include <re2/re2.h>
#include <re2/set.h>
#include <re2/stringpiece.h>

#include <algorithm>
#include <atomic>
#include <optional>
#include <span>
#include <utility>

namespace kefu {
namespace {

constexpr int most_places = 16;
// Beyond this many places one search through the text is cheaper, and linear.
constexpr int most_tries = 64;

RE2::Options re2_options() {
    RE2::Options options;
    options.set_never_capture(true);
    options.set_log_errors(false);               // we report them
    options.set_max_mem(std::int64_t{8} << 20);  // a limit; what is used grows with the texts
    return options;
}

// One expression. RE2 compiles it when it is first needed: that takes up to 0.1 ms, and most never are.
class Single {
  public:
    explicit Single(PatternSet::Source const& source)
        : group(source.group), has_openings(!source.expression.openings.empty()), matcher(source.expression.matcher), regexp_(source.expression.regexp) {}
    ~Single() { delete compiled_.load(); }
    Single(Single const&) = delete;
    Single& operator=(Single const&) = delete;

    RE2 const& re2() const {
        auto const* known = compiled_.load(std::memory_order_acquire);
        if (known != nullptr) return *known;
        auto fresh = std::make_unique<RE2 const>(regexp_, re2_options());
        if (compiled_.compare_exchange_strong(known, fresh.get(), std::memory_order_acq_rel)) return *fresh.release();
        return *known;  // another thread was faster
    }

    std::uint8_t const group;
    bool const has_openings;
    std::shared_ptr<Matcher const> const matcher;  // may be nothing

  private:
    std::string const regexp_;
    mutable std::atomic<RE2 const*> compiled_ = nullptr;
};

// What one literal says about one expression.
struct Use {
    std::uint32_t expression;
    std::uint8_t bit;
    bool is_opening;
    bool is_required_only;  // of an expression without openings
    std::uint8_t group;
};

// Literals and what each of them says.
class Literals {
  public:
    void add(std::string const& literal, Use use) {
        auto const number = index_.add(literal);
        if (number >= added_.size()) added_.resize(number + 1);
        added_[number].push_back(use);
    }

    void make_ready() {
        index_.make_ready();
        for (auto const& uses : added_) {
            first_.push_back(static_cast<std::uint32_t>(uses_.size()));
            uses_.insert(uses_.end(), uses.begin(), uses.end());
        }
        first_.push_back(static_cast<std::uint32_t>(uses_.size()));
        added_ = {};
    }

    /// Calls note(use) for what each literal at `start` says.
    template <class Note>
    void search(std::u32string_view text, std::size_t start, Note note) const {
        index_.search(text, start, [&](std::uint32_t literal) {
            auto const* const first = first_.data() + literal;
            std::for_each(uses_.data() + first[0], uses_.data() + first[1], note);
        });
    }

  private:
    LiteralIndex index_;
    std::vector<std::vector<Use>> added_;  // by literal, until it is ready
    std::vector<std::uint32_t> first_;     // by literal: its first use
    std::vector<Use> uses_;
};

// An expression and where in the text, in code points, its opening stands, so that places sort by expression and then from left to right.
using Place = std::uint64_t;
constexpr std::uint32_t anywhere_at = 0xFFFFFFFF;  // no opening says where
constexpr Place place(std::uint32_t expression, std::uint32_t at) { return Place{expression} << 32 | at; }
constexpr std::uint32_t expression_of(Place one) { return static_cast<std::uint32_t>(one >> 32); }
constexpr std::uint32_t start_of(Place one) { return static_cast<std::uint32_t>(one); }

// What one search needs for a moment; kept per thread, because clearing is cheaper than making it anew.
struct Scratch {
    std::u32string text;                 // what is searched, decoded
    std::vector<std::uint32_t> offsets;  // by code point: its first byte; and the end
    std::vector<std::uint8_t> seen;      // by expression: the bits of `needed` found so far
    std::vector<Place> places;

    std::uint32_t at_byte(std::size_t byte) const {
        return static_cast<std::uint32_t>(std::lower_bound(offsets.begin(), offsets.end(), byte) - offsets.begin());
    }
};

Scratch& scratch_for(std::string_view text, std::size_t expressions) {
    thread_local Scratch scratch;
    scratch.text.resize(text.size());
    scratch.offsets.resize(text.size() + 1);
    std::size_t length = 0;
    for (std::size_t at = 0; at < text.size(); ++length) {
        scratch.offsets.data()[length] = static_cast<std::uint32_t>(at);
        scratch.text.data()[length] = next_code_point(text, at);
    }
    scratch.text.resize(length);
    scratch.offsets.resize(length + 1);
    scratch.offsets.back() = static_cast<std::uint32_t>(text.size());
    scratch.seen.assign(expressions, 0);
    scratch.places.clear();
    return scratch;
}

// Where the match that starts at `start` ends.
std::size_t match_with_re2(RE2 const& re2, std::string_view text, std::size_t start) {
    re2::StringPiece match;
    if (!re2.Match({text.data(), text.size()}, start, text.size(), RE2::ANCHOR_START, &match, 1)) return Matcher::no_match;
    return start + match.size();
}

// Counts the repetitions an expression asks for: (a{100}){50} is 5000 copies of a.
bool may_be_too_large(std::string_view regexp) {
    double copies = 1;
    for (auto brace = regexp.find('{'); brace != std::string_view::npos; brace = regexp.find('{', brace + 1)) {
        int most = 0;
        for (auto i = brace + 1; i < regexp.size() && regexp[i] != '}'; ++i) {
            if (regexp[i] == ',')
                most = 0;
            else if (regexp[i] >= '0' && regexp[i] <= '9')
                most = most * 10 + (regexp[i] - '0');
            else
                break;
            if (most > 1000) break;
        }
        copies *= std::max(most, 1);
    }
    return copies > 1000 || regexp.size() > 20'000;
}

}  // namespace

struct PatternSet::Compiled {
    Literals anywhere;
    Literals at_words;  // only where a word starts
    Literals at_start;
    std::vector<std::unique_ptr<Single>> singles;
    std::vector<std::uint8_t> needed;  // by expression; bit i: one of the literals in its list i must be in the text
    std::vector<std::uint32_t> without_literals;

    void add_literals(Literals& to, std::uint32_t expression, std::vector<std::string> const& list, bool are_openings) {
        auto const bit = static_cast<std::uint8_t>(needed[expression] + 1);  // the lowest that is free, for needed is 0…01…1
        auto const& single = *singles[expression];
        for (auto const& literal : list) to.add(literal, {expression, bit, are_openings, !single.has_openings, single.group});
        needed[expression] |= bit;
    }

    void collect(Groups groups, Scratch& scratch) const;
    void find_anywhere(std::uint32_t expression, std::string_view text, std::vector<Hit>& out) const;
    void find_at(std::span<Place const> places, Scratch const& scratch, std::string_view text, std::vector<Hit>& out) const;
};

Checked<PatternSet> PatternSet::compile(std::vector<Source> const& sources) {
    Errors errors;
    auto compiled = std::make_unique<Compiled>();
    RE2::Set syntax{re2_options(), RE2::UNANCHORED};  // parses without compiling
    for (auto const& source : sources) {
        auto const& expression = source.expression;
        auto const index = static_cast<std::uint32_t>(compiled->singles.size());
        compiled->singles.push_back(std::make_unique<Single>(source));
        compiled->needed.push_back(0);
        auto const& single = *compiled->singles.back();
        std::string error;
        if (syntax.Add(expression.regexp, &error) < 0 || (may_be_too_large(expression.regexp) && !(error = single.re2().error()).empty())) {
            errors.push_back({Errc::bad_config, "bad expression: " + error, source.where});
            continue;
        }
        auto& openings = expression.only_at_start ? compiled->at_start : expression.only_at_word ? compiled->at_words : compiled->anywhere;
        if (!expression.openings.empty()) compiled->add_literals(openings, index, expression.openings, true);
        for (auto const& list : expression.required) compiled->add_literals(compiled->anywhere, index, list, false);
        if (compiled->needed.back() != 0) continue;
        compiled->without_literals.push_back(index);
        if (RE2::PartialMatch("\x01", single.re2())) {
            errors.push_back({Errc::bad_config, "this expression matches any text; make something in it obligatory", source.where});
        }
    }
    if (!errors.empty()) return errors;
    for (auto* literals : {&compiled->anywhere, &compiled->at_words, &compiled->at_start}) literals->make_ready();
    return PatternSet{std::move(compiled)};
}

PatternSet::PatternSet(std::unique_ptr<Compiled> compiled) : compiled_(std::move(compiled)) {}
PatternSet::PatternSet(PatternSet&&) noexcept = default;
PatternSet& PatternSet::operator=(PatternSet&&) noexcept = default;
PatternSet::~PatternSet() = default;

// Where to try which expression.
void PatternSet::Compiled::collect(Groups groups, Scratch& scratch) const {
    auto* const seen = scratch.seen.data();
    auto const noting = [&](std::size_t start) {
        return [&, start](Use const& use) {
            auto& bits = seen[use.expression];
            if (use.is_opening && (groups >> use.group & 1) != 0) scratch.places.push_back(place(use.expression, static_cast<std::uint32_t>(start)));
            if (use.is_required_only && bits == 0 && (groups >> use.group & 1) != 0) scratch.places.push_back(place(use.expression, anywhere_at));
            bits |= use.bit;
        };
    };
    std::u32string_view const text = scratch.text;
    if (!text.empty()) at_start.search(text, 0, noting(0));
    bool in_word = false;
    for (std::size_t start = 0; start < text.size(); ++start) {
        bool const was_in_word = std::exchange(in_word, is_word_character(text[start]));
        if (in_word && !was_in_word) at_words.search(text, start, noting(start));
        anywhere.search(text, start, noting(start));
    }
    std::erase_if(scratch.places, [&](Place one) { return seen[expression_of(one)] != needed[expression_of(one)]; });
    for (auto const expression : without_literals) {
        if ((groups >> singles[expression]->group & 1) != 0) scratch.places.push_back(place(expression, anywhere_at));
    }
    std::sort(scratch.places.begin(), scratch.places.end());
}

void PatternSet::Compiled::find_anywhere(std::uint32_t expression, std::string_view text, std::vector<Hit>& out) const {
    auto const& re2 = singles[expression]->re2();
    re2::StringPiece const whole{text.data(), text.size()};
    std::size_t from = 0;
    for (int places = 0; places < most_places && from < text.size(); ++places) {
        re2::StringPiece match;
        if (!re2.Match(whole, from, text.size(), RE2::UNANCHORED, &match, 1)) return;
        if (match.empty()) return;  // cannot be shown, and would be found again for ever
        auto const start = static_cast<std::size_t>(match.data() - text.data());
        from = start + match.size();
        out.push_back({expression, static_cast<std::uint32_t>(start), static_cast<std::uint32_t>(from)});
    }
}

// `places` are of one expression.
void PatternSet::Compiled::find_at(std::span<Place const> places, Scratch const& scratch, std::string_view text, std::vector<Hit>& out) const {
    auto const expression = expression_of(places.front());
    auto const& single = *singles[expression];
    auto const* matcher = single.matcher.get();
    std::size_t from = 0;
    int found = 0;
    int tries = 0;
    auto const first_hit = out.size();
    for (auto const one : places) {
        auto const start = start_of(one);
        if (start < from) continue;
        if (found == most_places) return;
        if (++tries > most_tries) {
            out.resize(first_hit);
            return find_anywhere(expression, text, out);
        }
        auto end = matcher != nullptr ? matcher->match(scratch.text, start) : Matcher::gave_up;
        if (end == Matcher::gave_up) {
            matcher = nullptr;  // the same text would make it give up again
            end = match_with_re2(single.re2(), text, scratch.offsets[start]);
            if (end != Matcher::no_match) end = scratch.at_byte(end);
        }
        if (end == Matcher::no_match) continue;
        from = end;
        out.push_back({expression, scratch.offsets[start], scratch.offsets[end]});
        ++found;
    }
}

void PatternSet::search(std::string_view text, Groups groups, std::vector<Hit>& out) const {
    auto& scratch = scratch_for(text, compiled_->singles.size());
    compiled_->collect(groups, scratch);
    std::span<Place const> rest = scratch.places;
    while (!rest.empty()) {
        auto const expression = expression_of(rest.front());
        std::size_t count = 1;
        while (count < rest.size() && expression_of(rest[count]) == expression) ++count;
        if (start_of(rest.front()) == anywhere_at)
            compiled_->find_anywhere(expression, text, out);
        else
            compiled_->find_at(rest.first(count), scratch, text, out);
        rest = rest.subspan(count);
    }
}

}  // namespace kefu
