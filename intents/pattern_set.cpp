// SPDX-License-Identifier: Apache-2.0
#include "intents/pattern_set.hpp"

#include "intents/literal_index.hpp"
#include "intents/matcher.hpp"

#include <re2/re2.h>
#include <re2/set.h>
#include <re2/stringpiece.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <span>

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
        : group(source.group), has_openings(!source.expression.openings.empty()), regexp_(source.expression.regexp) {
        if (has_openings && source.expression.tree) matcher = Matcher::compile(*source.expression.tree);
    }
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
    std::unique_ptr<Matcher const> matcher;  // may be nothing

  private:
    std::string const regexp_;
    mutable std::atomic<RE2 const*> compiled_ = nullptr;
};

// What one literal says about one expression.
struct Use {
    std::uint32_t expression;
    std::uint8_t bit;
    bool is_opening;
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

    /// Calls note(uses) for each literal at `start`; where the next code point starts.
    template <class Note>
    std::size_t search(std::string_view text, std::size_t start, Note note) const {
        return index_.search(text, start,
                             [&](std::uint32_t literal) { note(std::span{uses_}.subspan(first_[literal], first_[literal + 1] - first_[literal])); });
    }

  private:
    LiteralIndex index_;
    std::vector<std::vector<Use>> added_;  // by literal, until it is ready
    std::vector<std::uint32_t> first_;     // by literal: its first use
    std::vector<Use> uses_;
};

bool is_word_character(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; }

// Where an expression's opening stands; a list for each expression, from left to right.
struct Start {
    std::uint32_t at;
    std::uint32_t next;
};
constexpr std::uint32_t no_start = 0xFFFFFFFF;

struct Progress {
    std::uint8_t seen = 0;  // the bits of `needed` found so far
    std::uint32_t first_start = no_start;
    std::uint32_t last_start = no_start;
};

// What one search needs for a moment; kept per thread, because clearing what was used is cheaper than a new one.
struct Scratch {
    std::vector<Progress> progress;  // by expression
    std::vector<std::uint32_t> touched;
    std::vector<Start> starts;
    std::vector<std::uint32_t> candidates;
};

Scratch& scratch_for(std::size_t expressions) {
    thread_local Scratch scratch;
    if (scratch.progress.size() < expressions) scratch.progress.resize(expressions);
    scratch.touched.clear();
    scratch.starts.clear();
    scratch.candidates.clear();
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
        for (auto const& literal : list) to.add(literal, {expression, bit, are_openings, singles[expression]->group});
        needed[expression] |= bit;
    }

    void collect(std::string_view text, Groups groups, Scratch& scratch) const;
    void find_anywhere(std::uint32_t expression, std::string_view text, std::vector<Hit>& out) const;
    void find_at(std::uint32_t expression, Scratch const& scratch, std::string_view text, std::vector<Hit>& out) const;
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

void PatternSet::Compiled::collect(std::string_view text, Groups groups, Scratch& scratch) const {
    auto const note = [&](std::span<Use const> uses, std::size_t start) {
        for (auto const& use : uses) {
            if ((groups >> use.group & 1) == 0) continue;
            auto& progress = scratch.progress[use.expression];
            if (progress.seen == 0) scratch.touched.push_back(use.expression);
            progress.seen |= use.bit;
            if (!use.is_opening) continue;
            auto const place = static_cast<std::uint32_t>(scratch.starts.size());
            (progress.last_start == no_start ? progress.first_start : scratch.starts[progress.last_start].next) = place;
            progress.last_start = place;
            scratch.starts.push_back({static_cast<std::uint32_t>(start), no_start});
        }
    };
    if (!text.empty()) at_start.search(text, 0, [&](std::span<Use const> uses) { note(uses, 0); });
    for (std::size_t start = 0; start < text.size();) {
        if (is_word_character(text[start]) && (start == 0 || !is_word_character(text[start - 1]))) {
            at_words.search(text, start, [&](std::span<Use const> uses) { note(uses, start); });
        }
        start = anywhere.search(text, start, [&](std::span<Use const> uses) { note(uses, start); });
    }
    for (auto const expression : scratch.touched) {
        if (scratch.progress[expression].seen == needed[expression]) scratch.candidates.push_back(expression);
    }
    for (auto const expression : without_literals) {
        if ((groups >> singles[expression]->group & 1) != 0) scratch.candidates.push_back(expression);
    }
    std::sort(scratch.candidates.begin(), scratch.candidates.end());
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

void PatternSet::Compiled::find_at(std::uint32_t expression, Scratch const& scratch, std::string_view text, std::vector<Hit>& out) const {
    auto const& single = *singles[expression];
    auto const* matcher = single.matcher.get();
    std::size_t from = 0;
    int places = 0;
    int tries = 0;
    auto const first_hit = out.size();
    for (auto place = scratch.progress[expression].first_start; place != no_start && places < most_places; place = scratch.starts[place].next) {
        auto const start = scratch.starts[place].at;
        if (start < from) continue;
        if (++tries > most_tries) {
            out.resize(first_hit);
            return find_anywhere(expression, text, out);
        }
        auto end = matcher != nullptr ? matcher->match(text, start) : Matcher::gave_up;
        if (end == Matcher::gave_up) {
            matcher = nullptr;  // the same text would make it give up again
            end = match_with_re2(single.re2(), text, start);
        }
        if (end == Matcher::no_match) continue;
        from = end;
        out.push_back({expression, start, static_cast<std::uint32_t>(end)});
        ++places;
    }
}

void PatternSet::search(std::string_view text, Groups groups, std::vector<Hit>& out) const {
    auto& scratch = scratch_for(compiled_->singles.size());
    compiled_->collect(text, groups, scratch);
    for (auto const expression : scratch.candidates) {
        if (compiled_->singles[expression]->has_openings)
            compiled_->find_at(expression, scratch, text, out);
        else
            compiled_->find_anywhere(expression, text, out);
    }
    for (auto const expression : scratch.touched) scratch.progress[expression] = {};
}

}  // namespace kefu
