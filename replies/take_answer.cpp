// SPDX-License-Identifier: Apache-2.0
#include "intents/normalize.hpp"
#include "replies/number_like.hpp"
#include "replies/run_playbook.hpp"
#include "replies/words.hpp"

#include <boost/algorithm/string/predicate.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <locale>
#include <utility>

/// What a customer wrote, read as the answer to the question we asked.
namespace kefu {

namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z'); }

/// Without what stands behind "not just": that names what is not meant alone, and refuses nothing.
std::string without_not_only(Slot const& slot, std::string folded) {
    for (auto const& words : slot.not_only)
        for (auto at = folded.find(words); at != std::string::npos; at = folded.find(words)) {
            // Chinese phrases are often told apart by spaces.
            auto const end = folded.find_first_of(is_letter(words.front()) ? ",.;!?\n" : ",.;!?\n ", at);
            folded.erase(at, end == std::string::npos ? end : end - at);
        }
    return folded;
}

/// Latin words are found where they begin, others anywhere.
std::string beginning(std::string const& word) { return is_letter(word.front()) ? ' ' + word : word; }

/// The choice whose longest word occurs in the text: "not fine" outweighs "fine". Empty: none, or two of the same length.
std::string choice_in(Slot const& slot, std::string const& folded) {
    auto const text = words_of(without_not_only(slot, folded));
    std::string chosen;
    std::size_t longest = 0;
    for (auto const& [choice, words] : slot.choices)
        for (auto const& word : words) {
            auto const wanted = beginning(word);
            if (wanted.size() < longest || text.find(wanted) == std::string::npos) continue;
            if (wanted.size() == longest && choice != chosen)
                chosen.clear();
            else
                chosen = choice;
            longest = wanted.size();
        }
    return chosen;
}

/// The only choice that the phrase names: "not fine" is no "fine", and where both stand there is none.
std::string only_choice_in(Slot const& slot, std::string const& text) {
    struct Found {
        std::string const* choice;
        std::string const* word;
    };
    std::vector<Found> found;
    for (auto const& [choice, words] : slot.choices)
        for (auto const& word : words)
            if (text.find(beginning(word)) != std::string::npos) found.push_back({&choice, &word});
    std::erase_if(found, [&](Found const& one) {
        return std::any_of(found.begin(), found.end(),
                           [&](Found const& other) { return other.word->size() > one.word->size() && other.word->find(*one.word) != std::string::npos; });
    });
    bool const one = !found.empty() && std::all_of(found.begin(), found.end(), [&](Found const& other) { return *other.choice == *found.front().choice; });
    return one ? *found.front().choice : std::string{};
}

/// What stands between two marks: "the lid is torn, the box is fine" says two things.
std::vector<std::string> phrases_of(std::string_view text) {
    static constexpr std::array<std::string_view, 12> marks{",", ".", ";", "!", "?", "\n", "，", "。", "；", "！", "？", "、"};
    std::vector<std::string> phrases(1);
    for (std::size_t at = 0; at < text.size();) {
        auto const mark = std::find_if(marks.begin(), marks.end(), [&](auto one) { return text.substr(at).starts_with(one); });
        if (mark == marks.end()) {
            phrases.back() += text[at++];
        } else {
            at += mark->size();
            phrases.emplace_back();
        }
    }
    return phrases;
}

/// One long question and nothing beside it. A short one may be an answer in doubt: "the blue one?"
bool only_asks(Reading const& about) {
    auto const last = about.quote.find_last_not_of(" \n");
    if (last == std::string::npos || !says_more_than(a_word_or_two, about)) return false;
    std::string_view const text{about.quote.data(), last + 1};
    bool const has_mark = text.ends_with('?') || text.ends_with("？");
    auto const phrases = phrases_of(text);
    auto const with_words = std::count_if(phrases.begin(), phrases.end(), [](auto const& phrase) { return letters_in(phrase) > 0; });
    return has_mark && with_words == 1;
}

std::optional<double> number_in(Reading const& about, std::string const& folded) {
    auto const& source = about.meaning.entity(EntityKind::money) ? *about.meaning.entity(EntityKind::money) : folded;
    auto const first = source.find_first_of("0123456789");
    if (first == std::string::npos) return std::nullopt;
    double value = 0;
    auto const [end, problem] = std::from_chars(source.data() + first, source.data() + source.size(), value);
    if (problem != std::errc{}) return std::nullopt;
    return value;
}

/// Somewhere a courier could find, or a part of it: "3栋2单元", a street, a line with enough in it.
bool looks_like_address(std::string const& folded) {
    bool const has_digit = folded.find_first_of("0123456789") != std::string::npos;
    return folded.size() >= (has_digit ? 9U : 30U);
}

/// A yes or a no and hardly a word beside it: "no power" says more.
bool is_bare(Reading const& about, std::string_view topic) {
    int words = 0;
    for (auto const& evidence : about.meaning.evidence)
        if (evidence.topic == topic)
            words = std::max(words, letters_in(std::string_view{about.quote}.substr(evidence.start_byte, evidence.end_byte - evidence.start_byte)));
    return about.says(topic) && letters_in(about.quote) - words <= a_word;
}

/// What is kept of words said freely: neither the order number beside them nor "please change it to" in front.
std::string kept_of(Slot const& slot, std::string const& order, Reading const& about) {
    auto text = about.quote;
    if (auto const at = order.empty() ? std::string::npos : text.find(order); slot.type == Slot::Type::address && at != std::string::npos)
        text.erase(at, order.size());
    auto const trim = [&] {
        static constexpr std::array<std::string_view, 8> around{" ", "\n", ":", ",", "：", "，", "。", "、"};
        for (bool again = true; std::exchange(again, false);)
            for (auto const mark : around) {
                if (text.starts_with(mark)) text.erase(0, mark.size()), again = true;
                if (text.ends_with(mark)) text.resize(text.size() - mark.size()), again = true;
            }
    };
    trim();
    for (bool again = true; std::exchange(again, false);)
        for (auto const& words : slot.lead_in) {
            if (text.size() <= words.size() || !boost::algorithm::istarts_with(text, words, std::locale::classic())) continue;
            text.erase(0, words.size());
            trim();
            again = true;
        }
    return text;
}

std::optional<Argument> value_for(Slot const& slot, Case const& open, Reading const& about) {
    auto const folded = normalize(about.quote).text;
    switch (slot.type) {
        case Slot::Type::text:
            if (!about.has_words) return std::nullopt;
            return Argument{kept_of(slot, open.order, about)};
        case Slot::Type::number:
            if (auto const number = number_in(about, folded)) return Argument{*number};
            return std::nullopt;
        case Slot::Type::yes_no: {
            auto const word = choice_in(slot, folded);  // the playbook's own words know best
            if (!word.empty()) return Argument{word};
            bool const yes = about.says("yes");
            bool const no = about.says("no");
            if (about.says("unsure")) return std::nullopt;
            if (yes != no) return Argument{std::string{yes ? "yes" : "no"}};
            // Asked whether to cancel, "cancel 10023456" is a yes.
            bool const repeats = slot.confirms && !yes && !about.asks && about.says(open.topic) && !about.says("withdraw");
            if (!repeats) return std::nullopt;
            return Argument{std::string{"yes"}};
        }
        case Slot::Type::choice: {
            auto chosen = choice_in(slot, folded);
            if (chosen.empty()) return std::nullopt;
            return Argument{std::move(chosen)};
        }
        case Slot::Type::address:
            // A phone number is a part of where things go.
            if (!about.meaning.entity(EntityKind::phone) && !looks_like_address(folded)) return std::nullopt;
            return Argument{kept_of(slot, open.order, about)};
    }
    return std::nullopt;
}

}  // namespace

void hear_unasked(Turn& turn, Playbook const& playbook, Reading const& about) {
    auto& open = turn.conversation.open;
    if (!about.has_words) return;
    for (auto const& [name, slot] : playbook.slots) {
        if (open.facts.contains(name)) continue;
        if (std::any_of(slot.heard_in.begin(), slot.heard_in.end(), [&](auto kind) { return about.meaning.entity(kind).has_value(); })) {
            turn.because("told without being asked: " + name);
            open.facts[name] = kept_of(slot, open.order, about);
            continue;
        }
        if (slot.named_by.empty()) continue;
        for (auto const& phrase : phrases_of(about.quote)) {
            auto const text = words_of(normalize(phrase).text);
            bool const named =
                std::any_of(slot.named_by.begin(), slot.named_by.end(), [&](auto const& word) { return text.find(beginning(word)) != std::string::npos; });
            auto choice = named ? only_choice_in(slot, text) : std::string{};
            if (choice.empty()) continue;
            turn.because("told without being asked: " + name);
            open.facts[name] = std::move(choice);
            break;
        }
    }
}

Taken take_answer(Turn& turn, Playbook const& playbook, Reading const& about, bool only_questions_or_talk) {
    auto& open = turn.conversation.open;
    auto const asked = open.asking;
    if (asked.empty()) return Taken::nothing;
    auto const done = [&] {
        open.asking.clear();
        turn.because("the answer: " + asked);
        return Taken::filled;
    };
    if (asked == "order") {
        if (open.order.empty()) open.order = number_like_order(about);
        return open.order.empty() ? Taken::nothing : done();  // who has none is told where to find it
    }
    if (asked == "phone") return open.phone.empty() ? Taken::nothing : done();
    if (asked == "photos") {
        if (!about.photos.empty()) return done();
        if (!about.says("no")) return Taken::nothing;
        refuse(turn, playbook, asked);
        return Taken::refused;
    }
    if (asked == second_fact_slot) return take_second_fact(turn, about) ? done() : Taken::nothing;
    if (asked == offer_slot) {
        if (about.says("yes") == about.says("no")) return Taken::nothing;
        answer_offer(turn, about.says("yes"));
        return done();
    }
    auto const* slot = playbook.slot(asked);
    if (!slot) {  // the playbook was changed meanwhile
        open.asking.clear();
        return Taken::nothing;
    }
    bool const free_text = slot->type == Slot::Type::text || slot->type == Slot::Type::address;
    if (free_text && about.says("withdraw")) return Taken::nothing;                            // "never mind, I keep it" is no reason for a refund
    if (slot->type == Slot::Type::yes_no && about.says("cancel_part")) return Taken::nothing;  // "yes, but only the black one"
    constexpr std::size_t a_short_answer = 24;                                                 // bytes
    if (free_text && about.quote.size() < a_short_answer) {
        if (is_bare(about, "no") || is_bare(about, "unsure")) {
            refuse(turn, playbook, asked);
            return Taken::refused;
        }
        if (is_bare(about, "yes")) return Taken::nothing;
    }
    constexpr std::size_t a_nudge = 16;  // bytes: "hello?", "有人嗎？"
    if (free_text && (only_questions_or_talk || (about.asks && about.quote.size() < a_nudge))) return Taken::nothing;
    // "What sizes do you have?", "do I have to send it back?"
    if ((slot->type == Slot::Type::text || slot->type == Slot::Type::choice) && only_asks(about)) return Taken::nothing;
    auto value = value_for(*slot, open, about);
    if (!value && !free_text && about.says("unsure")) {
        refuse(turn, playbook, asked);  // asking again would bring the same
        return Taken::refused;
    }
    if (!value) return Taken::nothing;
    open.facts[asked] = std::move(*value);
    return done();
}

}  // namespace kefu
