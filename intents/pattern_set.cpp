// SPDX-License-Identifier: Apache-2.0
#include "intents/pattern_set.hpp"

#include "intents/literal_index.hpp"

#include <re2/re2.h>
#include <re2/set.h>
#include <re2/stringpiece.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>

namespace kefu {
namespace {

constexpr int most_places = 16;
// Beyond this many places to try, one search through the text is cheaper, and linear.
constexpr std::ptrdiff_t most_starts = 64;

RE2::Options re2_options() {
    RE2::Options options;
    options.set_never_capture(true);
    options.set_log_errors(false);  // we report them
    options.set_max_mem(std::int64_t{8} << 20);  // a limit; what is used grows with the texts
    return options;
}

// One expression, compiled when it is first tried: compiling takes RE2 up to 0.1 ms, and most are never tried.
class Single {
  public:
    explicit Single(PatternSet::Source const& source)
        : group(source.group),
          has_openings(!source.expression.openings.empty()),
          regexp_(source.expression.regexp) {}
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
    std::uint8_t needed = 0;  // bit i: one of the literals in its list i must be in the text

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

struct Start {
    std::uint32_t expression;
    std::uint32_t at;
    friend auto operator<=>(Start const&, Start const&) = default;
};

struct Literals {
    LiteralIndex index;
    std::vector<std::vector<Use>> uses;  // by literal
};

bool is_word_character(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; }

// What one search needs for a moment; kept per thread, because clearing what was used is cheaper than a new one.
struct Scratch {
    std::vector<std::uint8_t> seen;  // for each expression the bits of `needed` found so far
    std::vector<std::uint32_t> touched;
    std::vector<Start> starts;
    std::vector<std::uint32_t> whole;  // expressions to be searched in the whole text
};

Scratch& scratch_for(std::size_t expressions) {
    thread_local Scratch scratch;
    if (scratch.seen.size() < expressions) scratch.seen.resize(expressions);
    scratch.touched.clear();
    scratch.starts.clear();
    scratch.whole.clear();
    return scratch;
}

// Counts the repetitions an expression asks for: (a{100}){50} is 5000 copies of a.
bool may_be_too_large(std::string_view regexp) {
    double copies = 1;
    for (auto brace = regexp.find('{'); brace != std::string_view::npos; brace = regexp.find('{', brace + 1)) {
        int most = 0;
        for (auto i = brace + 1; i < regexp.size() && regexp[i] != '}'; ++i) {
            if (regexp[i] == ',') most = 0;
            else if (regexp[i] >= '0' && regexp[i] <= '9') most = most * 10 + (regexp[i] - '0');
            else break;
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
    std::vector<std::uint32_t> without_literals;

    void add_literals(Literals& to, std::uint32_t expression, std::vector<std::string> const& list, bool are_openings) {
        auto& single = *singles[expression];
        auto const bit = static_cast<std::uint8_t>(single.needed + 1);  // the lowest that is free, for needed is 0…01…1
        for (auto const& literal : list) {
            auto const number = to.index.add(literal);
            if (number == to.uses.size()) to.uses.emplace_back();
            to.uses[number].push_back({expression, bit, are_openings, single.group});
        }
        single.needed |= bit;
    }

    void collect(std::string_view text, Groups groups, Scratch& scratch) const;
    void find_anywhere(std::uint32_t expression, std::string_view text, std::vector<Hit>& out) const;
    void find_at(Start const* first, Start const* last, std::string_view text, std::vector<Hit>& out) const;
};

Checked<PatternSet> PatternSet::compile(std::vector<Source> const& sources) {
    Errors errors;
    auto compiled = std::make_unique<Compiled>();
    RE2::Set syntax{re2_options(), RE2::UNANCHORED};  // parses without compiling
    for (auto const& source : sources) {
        auto const& expression = source.expression;
        auto const index = static_cast<std::uint32_t>(compiled->singles.size());
        compiled->singles.push_back(std::make_unique<Single>(source));
        auto const& single = *compiled->singles.back();
        std::string error;
        if (syntax.Add(expression.regexp, &error) < 0 || (may_be_too_large(expression.regexp) && !(error = single.re2().error()).empty())) {
            errors.push_back({Errc::bad_config, "bad expression: " + error, source.where});
            continue;
        }
        auto& openings = expression.only_at_start ? compiled->at_start : expression.only_at_word ? compiled->at_words : compiled->anywhere;
        if (!expression.openings.empty()) compiled->add_literals(openings, index, expression.openings, true);
        for (auto const& list : expression.required) compiled->add_literals(compiled->anywhere, index, list, false);
        if (single.needed != 0) continue;
        compiled->without_literals.push_back(index);
        if (RE2::PartialMatch("\x01", single.re2())) {
            errors.push_back({Errc::bad_config, "this expression matches any text; make something in it obligatory", source.where});
        }
    }
    if (!errors.empty()) return errors;
    return PatternSet{std::move(compiled)};
}

PatternSet::PatternSet(std::unique_ptr<Compiled> compiled) : compiled_(std::move(compiled)) {}
PatternSet::PatternSet(PatternSet&&) noexcept = default;
PatternSet& PatternSet::operator=(PatternSet&&) noexcept = default;
PatternSet::~PatternSet() = default;

void PatternSet::Compiled::collect(std::string_view text, Groups groups, Scratch& scratch) const {
    auto const note = [&](std::vector<Use> const& uses, std::size_t start) {
        for (auto const& use : uses) {
            if ((groups >> use.group & 1) == 0) continue;
            auto& seen = scratch.seen[use.expression];
            if (seen == 0) scratch.touched.push_back(use.expression);
            seen |= use.bit;
            if (use.is_opening) scratch.starts.push_back({use.expression, static_cast<std::uint32_t>(start)});
        }
    };
    if (!text.empty()) at_start.index.search(text, 0, [&](std::uint32_t literal) { note(at_start.uses[literal], 0); });
    for (std::size_t start = 0; start < text.size();) {
        if (is_word_character(text[start]) && (start == 0 || !is_word_character(text[start - 1]))) {
            at_words.index.search(text, start, [&](std::uint32_t literal) { note(at_words.uses[literal], start); });
        }
        start = anywhere.index.search(text, start, [&](std::uint32_t literal) { note(anywhere.uses[literal], start); });
    }
    auto const is_incomplete = [&](Start const& start) { return scratch.seen[start.expression] != singles[start.expression]->needed; };
    scratch.starts.erase(std::remove_if(scratch.starts.begin(), scratch.starts.end(), is_incomplete), scratch.starts.end());
    std::sort(scratch.starts.begin(), scratch.starts.end());
    for (auto const expression : scratch.touched) {
        auto const& single = *singles[expression];
        if (scratch.seen[expression] == single.needed && !single.has_openings) scratch.whole.push_back(expression);
        scratch.seen[expression] = 0;
    }
    for (auto const expression : without_literals) {
        if ((groups >> singles[expression]->group & 1) != 0) scratch.whole.push_back(expression);
    }
    std::sort(scratch.whole.begin(), scratch.whole.end());
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

void PatternSet::Compiled::find_at(Start const* first, Start const* last, std::string_view text, std::vector<Hit>& out) const {
    auto const& single = *singles[first->expression];
    if (last - first > most_starts) return find_anywhere(first->expression, text, out);
    re2::StringPiece const whole{text.data(), text.size()};
    std::size_t from = 0;
    int places = 0;
    for (auto const* start = first; start != last && places < most_places; ++start) {
        if (start->at < from) continue;
        re2::StringPiece match;
        if (!single.re2().Match(whole, start->at, text.size(), RE2::ANCHOR_START, &match, 1)) continue;
        from = start->at + match.size();
        out.push_back({start->expression, start->at, static_cast<std::uint32_t>(from)});
        ++places;
    }
}

void PatternSet::search(std::string_view text, Groups groups, std::vector<Hit>& out) const {
    auto& scratch = scratch_for(compiled_->singles.size());
    compiled_->collect(text, groups, scratch);
    auto const* const end = scratch.starts.data() + scratch.starts.size();
    auto whole = scratch.whole.begin();
    auto const find_whole_before = [&](std::uint32_t expression) {
        for (; whole != scratch.whole.end() && *whole < expression; ++whole) compiled_->find_anywhere(*whole, text, out);
    };
    for (auto const* first = scratch.starts.data(); first != end;) {
        auto const* last = first;
        while (last != end && last->expression == first->expression) ++last;
        find_whole_before(first->expression);
        compiled_->find_at(first, last, text, out);
        first = last;
    }
    find_whole_before(static_cast<std::uint32_t>(compiled_->singles.size()));
}

}  // namespace kefu
