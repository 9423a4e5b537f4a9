// SPDX-License-Identifier: Apache-2.0
#include "intents/entities.hpp"

#include "intents/date.hpp"
#include "intents/fold.hpp"
#include "intents/money.hpp"
#include "intents/order_context.hpp"
#include "intents/tracking_number.hpp"
#include "intents/utf8.hpp"

#include <re2/re2.h>
#include <re2/stringpiece.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace kefu {
namespace {

// All of these are searched in normalised text: lower case, half width, no diacritics, 塊 is 块.
constexpr char const* email = R"([a-z0-9][a-z0-9._%+-]*@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,})";
constexpr char const* link = R"((?:https?://|www\.)[!-~]+)";
constexpr char const* money_after =  // 1 290 Kč, 500,- , 1,290元
    R"(\b(\d{1,3}(?:[ ,.]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})?) ?(元|块|圆|円|日元|人民币|台币|kc\b|czk\b|,-|korun|eur\b|euro|€|£|gbp\b|pounds?\b|\$|dolar|dollars?\b|usd\b|ntd?\b|twd\b|rmb\b|cny\b|yuan\b|บาท|baht\b|thb\b|dong\b|vnd\b|d\b|rupiah\b|idr\b|yen\b|jpy\b|원|won\b|krw\b))";
constexpr char const* money_before =  // NT$1,290
    R"((nt\$|ntd|twd|us\$|usd|hk\$|hkd|rmb|cny|jpy|eur|gbp|czk|thb|vnd|idr|rp\.?|[$€£¥฿₫₩]) ?(\d{1,3}(?:[ ,.]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})?))";
constexpr char const* tracking =  // UPU S10; couriers with a prefix; digits that a courier's name makes one
    R"(\b(?:[a-z]{2} ?\d(?: ?\d){8} ?[a-z]{2}|1z ?(?:[a-z0-9] ?){15}\d|sf ?\d(?: ?\d){11,14}|yt ?\d{13,16}|jd[a-z0-9]{0,8}\d{10}|z ?\d(?: ?\d){9}|\d(?: ?\d){9,11}|\d(?: ?\d){13})\b)";
constexpr char const* address =
    R"((?:黑龙江|\p{Han}{2})[省市县][\p{Han}\d]{1,20}?(?:路|街|大道|道|巷|村)[\p{Han}\d -]{0,12}?\d{1,4}(?:-\d{1,3})?号(?:[\p{Han}\d -]{0,6}\d{1,3}[楼室栋层])?)"
    R"(|\b[a-z]{3,}(?: [a-z]+){0,3} \d{1,4}(?:/\d{1,4}[a-z]?)?,? \d{3} ?\d{2},? [a-z]{3,}(?: [a-z]{3,})?)"
    R"(|\b\d{1,5}[a-z]? (?:[a-z]{3,} ){1,2}(?:street|st|road|rd|avenue|ave|lane|ln|drive|boulevard|blvd)\b)";
constexpr char const* size = R"((?:\b(?:size|sz|velikost[a-z]*|vel\.?)|尺寸|尺码)[ :]{0,2}(\d{2}(?:[.,]5)?|x{0,4}[sl]|[2-6]xl|m)\b)"
                             R"(|\b(x{0,4}[sl]|m|[2-6]xl|\d{2}(?:\.5)?) ?码|\b(x{1,4}l|[2-6]xl|x{1,3}s)\b)";
constexpr char const* colour =
    R"((黑|白|红|蓝|绿|黄|粉|紫|灰|棕|咖啡|橙|米|银|金)红?色|\b(black|white|red|blue|green|yellow|pink|purple|gr[ae]y|brown|orange|beige|silver|gold)\b)"
    R"(|\b(cern|bil|cerven|modr|zelen|zlut|ruzov|fialov|sed|hned|oranzov|bezov|stribrn|zlat)(?:a|y|e|ou|ej|eho|emu|ym|ych|ejch)\b)";
constexpr std::array phones{
    R"(\+\d[\d ()./-]{6,18}\d)",                   // international
    R"(\b00[1-9]\d{0,2}[ -]?\d[\d -]{5,14}\d\b)",  // the same with 00
    R"(\b09\d{2}[- ]?\d{3}[- ]?\d{3}\b)",          // Taiwan, mobile
    R"(\b1[3-9]\d[- ]?\d{4}[- ]?\d{4}\b)",         // China, mobile
    R"(\(0\d{1,3}\) ?\d{3,4}[- ]?\d{3,4}\b)",      // with an area code
    R"(\b0\d{1,3}[- ]\d{3,4}[- ]?\d{3,4}\b)",      // the same with a dash
    R"(\b0[1-9]\d{7,10}\b)",                       // Vietnam, Indonesia, Thailand, Germany
    R"(\b[2-9]\d{2} \d{3} \d{3}\b)",               // Czechia, in threes
    R"(\b[2-9]\d{8}\b)",                           // Czechia in one, only next to a word for phones
};
constexpr std::size_t needs_phone_word = phones.size() - 1;
constexpr std::array dates{
    R"(\b(?:19|20)\d{2}[-/.年] ?\d{1,2}(?:[-/.月] ?\d{1,2}日?)?(?:\b|$))",
    R"(\b\d{1,2}[./-] ?\d{1,2}[./-] ?(?:19|20)\d{2}\b)",
    R"(\b\d{1,2}[/.]\d{1,2}(?:[/.]\d{2})?\b|\b\d{1,2}:\d{2})",
};
constexpr std::size_t courier_reach = 40;  // bytes in front of a number in which a courier may be named
constexpr char const* order_token = R"((?:[a-z0-9]+[-_/])*[a-z0-9]*\d[a-z0-9]*(?:[-_/][a-z0-9]+)*(?: \d{4}\b)*)";

std::string upper(std::string text) {
    for (auto& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return text;
}

std::string without_spaces(std::string_view text) {
    std::string out;
    for (char const c : text) {
        if (c != ' ') out += c;
    }
    return out;
}

std::string digits_of(std::string_view text) {
    std::string out;
    for (char const c : text) {
        if (std::isdigit(static_cast<unsigned char>(c)) != 0 || (c == '+' && out.empty())) out += c;
    }
    return out;
}

RE2::Options quiet() {
    RE2::Options options;
    options.set_log_errors(false);
    return options;
}

// Each with what it is in Chinese, English and Czech.
constexpr std::array<std::array<std::string_view, 3>, 15> colours{{{"black", "黑", "cern"},
                                                                   {"white", "白", "bil"},
                                                                   {"red", "红", "cerven"},
                                                                   {"blue", "蓝", "modr"},
                                                                   {"green", "绿", "zelen"},
                                                                   {"yellow", "黄", "zlut"},
                                                                   {"pink", "粉", "ruzov"},
                                                                   {"purple", "紫", "fialov"},
                                                                   {"grey", "灰", "sed"},
                                                                   {"brown", "棕", "hned"},
                                                                   {"orange", "橙", "oranzov"},
                                                                   {"beige", "米", "bezov"},
                                                                   {"silver", "银", "stribrn"},
                                                                   {"gold", "金", "zlat"},
                                                                   {"brown", "咖啡", "brown"}}};

std::string colour_of(std::string_view written) {
    if (written == "gray") return "grey";
    for (auto const& names : colours) {
        if (std::find(names.begin(), names.end(), written) != names.end()) return std::string{names.front()};
    }
    return std::string{written};
}

}  // namespace

struct EntityFinder::Expressions {
    RE2 email{kefu::email}, link{kefu::link}, money_after{kefu::money_after}, money_before{kefu::money_before}, tracking{kefu::tracking};
    RE2 address{kefu::address}, size{kefu::size}, colour{kefu::colour};
    RE2 order_token{kefu::order_token};
    std::vector<std::unique_ptr<RE2>> phones, dates, own_orders;

    Expressions() {
        for (auto const* phone : kefu::phones) phones.push_back(std::make_unique<RE2>(phone));
        for (auto const* date : kefu::dates) dates.push_back(std::make_unique<RE2>(date));
    }
};

namespace {

// One search through one message. Places in normalised text until they become entities.
class Search {
  public:
    Search(std::string_view original, Normalized const& text) : original_(original), text_(text) {}

    void add(EntityKind kind, std::string value, std::size_t start, std::size_t end) {
        taken_.push_back({start, end});
        auto const [from, to] = text_.original(start, end);
        found_.push_back({kind, std::move(value), from, to});
    }

    void add_original(EntityKind kind, std::string value, std::size_t start, std::size_t end) {
        found_.push_back({kind, std::move(value), start, end});
        for (auto const& origin : text_.origins) {
            if (origin.start < end && origin.end > start) taken_.push_back({origin.at, origin.at + std::size_t{1}});
        }
    }

    void take(std::size_t start, std::size_t end) { taken_.push_back({start, end}); }

    bool is_free(std::size_t start, std::size_t end) const {
        return std::none_of(taken_.begin(), taken_.end(), [&](auto const& place) { return place.first < end && place.second > start; });
    }

    // Calls `found(start, end, first, second)` for each match that overlaps nothing taken, with the first two groups that took part.
    template <class Found>
    void each(RE2 const& re2, Found found) const {
        for (auto const& [whole, first, second] : matches(re2)) {
            if (is_free(whole.first, whole.second)) found(whole.first, whole.second, first, second);
        }
    }

    std::size_t place_of(std::string_view part) const { return static_cast<std::size_t>(part.data() - text_.text.data()); }
    std::string_view original_of(std::size_t start, std::size_t end) const {
        auto const [from, to] = text_.original(start, end);
        return original_.substr(from, to - from);
    }

    std::string_view text() const { return text_.text; }

    // The original letters folded one by one, so that nothing is squeezed out of a number.
    std::string unsqueezed(std::size_t start, std::size_t end) const {
        auto const& table = fold_table();
        auto const [from, to] = text_.original(start, end);
        std::string out;
        for (std::size_t at = from; at < to;) {
            auto const c = next_code_point(original_, at);
            auto const fold = table[c];
            if (fold.kind() == Fold::Kind::same)
                append_utf8(out, c);
            else if (fold.kind() == Fold::Kind::changed || fold.kind() == Fold::Kind::symbol)
                append_utf8(out, fold.payload());
            else if (fold.kind() == Fold::Kind::space)
                out += ' ';
        }
        return out;
    }

    std::vector<Entity> finish() && {
        std::stable_sort(found_.begin(), found_.end(), [](Entity const& a, Entity const& b) { return a.start_byte < b.start_byte; });
        return std::move(found_);
    }

  private:
    using Place = std::pair<std::size_t, std::size_t>;
    struct Match {
        Place whole;
        std::string_view first, second;
    };

    std::vector<Match> matches(RE2 const& re2) const {
        std::vector<Match> all;
        re2::StringPiece const whole{text_.text.data(), text_.text.size()};
        auto const view = [](re2::StringPiece const& piece) { return std::string_view{piece.data(), piece.size()}; };
        // Without groups it is a quick walk; with them RE2 takes its slow way at once when a text is short.
        if (!re2.Match(whole, 0, whole.size(), RE2::UNANCHORED, nullptr, 0)) return all;
        for (std::size_t from = 0; from < whole.size();) {
            std::array<re2::StringPiece, 4> groups;
            auto const count = 1 + std::min(re2.NumberOfCapturingGroups(), 3);
            if (!re2.Match(whole, from, whole.size(), RE2::UNANCHORED, groups.data(), count) || groups[0].empty()) break;
            auto const start = static_cast<std::size_t>(groups[0].data() - whole.data());
            from = start + groups[0].size();
            // Of alternatives the one that took part comes first.
            auto const last = std::remove_if(groups.begin() + 1, groups.begin() + count, [](auto const& group) { return group.data() == nullptr; });
            std::fill(last, groups.end(), re2::StringPiece{});
            all.push_back({{start, from}, view(groups[1]), view(groups[2])});
        }
        return all;
    }

    std::string_view original_;
    Normalized const& text_;
    std::vector<Entity> found_;
    std::vector<Place> taken_;
};

void find_own_orders(std::vector<std::unique_ptr<RE2>> const& patterns, std::string_view original, Search& search) {
    re2::StringPiece const whole{original.data(), original.size()};
    for (auto const& pattern : patterns) {
        re2::StringPiece match;
        for (std::size_t from = 0; from < whole.size() && pattern->Match(whole, from, whole.size(), RE2::UNANCHORED, &match, 1) && !match.empty();) {
            auto const start = static_cast<std::size_t>(match.data() - whole.data());
            from = start + match.size();
            search.add_original(EntityKind::order_number, upper(without_spaces({match.data(), match.size()})), start, from);
        }
    }
}

void find_orders(RE2 const& token, Search& search) {
    auto const text = search.text();
    std::size_t last_end = 0;  // of the order number before
    search.each(token, [&](std::size_t start, std::size_t end, std::string_view, std::string_view) {
        // Groups of four digits belong together only when the first is one, as in 1234 5678.
        auto const space = text.find(' ', start);
        if (space < end && digits_of(text.substr(start, space - start)).size() != 4) end = space;
        auto const value = upper(without_spaces(search.unsqueezed(start, end)));
        // "Order 10023455, sorry, 10023456": the order word is too far from the second.
        bool const is_corrected = digits_of(value).size() > 4 && replaces_order_number(text, last_end, start);
        if (!is_corrected && !is_order_number(text, start, end, value)) return;
        search.add(EntityKind::order_number, value, start, end);
        last_end = end;
    });
}

// What has digits in it, without order numbers; the longest and surest first.
void find_numbers(auto const& re2, Search& search) {
    auto const at = search.text();
    auto const digits = std::count_if(at.begin(), at.end(), [](char c) { return c >= '0' && c <= '9'; });
    search.each(re2.link, [&](auto start, auto end, auto, auto) { search.take(start, end); });
    search.each(re2.address,
                [&](auto start, auto end, auto, auto) { search.add(EntityKind::address, std::string{search.original_of(start, end)}, start, end); });
    search.each(re2.money_before, [&](auto start, auto end, auto currency, auto amount) {
        if (start > 0 && std::isalnum(static_cast<unsigned char>(at[start])) != 0 && std::isalnum(static_cast<unsigned char>(at[start - 1])) != 0) return;
        search.add(EntityKind::money, money_value(amount, currency), start, end);
    });
    search.each(re2.money_after,
                [&](auto start, auto end, auto amount, auto currency) { search.add(EntityKind::money, money_value(amount, currency), start, end); });
    if (digits >= 8) {
        search.each(re2.tracking, [&](auto start, auto end, auto, auto) {
            auto value = upper(without_spaces(search.unsqueezed(start, end)));
            if (is_tracking_number(value, at.substr(start > courier_reach ? start - courier_reach : 0, std::min(start, courier_reach))))
                search.add(EntityKind::tracking_number, std::move(value), start, end);
        });
        for (std::size_t i = 0; i < re2.phones.size(); ++i) {
            search.each(*re2.phones[i], [&](auto start, auto end, auto, auto) {
                if (!is_phone(at, start, end, i == needs_phone_word)) return;
                search.add(EntityKind::phone, digits_of(search.unsqueezed(start, end)), start, end);
            });
        }
    }
}

}  // namespace

Checked<EntityFinder> EntityFinder::create(std::vector<std::string> const& order_number_patterns) {
    Errors errors;
    auto expressions = std::make_shared<Expressions>();
    for (auto const& pattern : order_number_patterns) {
        auto re2 = std::make_unique<RE2>(pattern, quiet());
        if (!re2->ok()) errors.push_back({Errc::bad_config, "bad order number pattern '" + pattern + "': " + re2->error()});
        expressions->own_orders.push_back(std::move(re2));
    }
    if (!errors.empty()) return errors;
    return EntityFinder{std::move(expressions)};
}

std::vector<Entity> EntityFinder::find(std::string_view original, Normalized const& text) const {
    auto const& re2 = *expressions_;
    Search search{original, text};
    find_own_orders(re2.own_orders, original, search);
    if (text.text.find('@') != std::string::npos)
        search.each(re2.email, [&](auto start, auto end, auto, auto) { search.add(EntityKind::email, search.unsqueezed(start, end), start, end); });
    if (text.has_digit) find_numbers(re2, search);
    find_days(search.text(), [&](std::size_t start, std::size_t end, NamedDay const& day) {
        if (search.is_free(start, end)) search.add(EntityKind::date, to_value(day), start, end);
    });
    if (text.has_digit) {
        for (auto const& date : re2.dates) search.each(*date, [&](auto start, auto end, auto, auto) { search.take(start, end); });
        if (re2.own_orders.empty()) find_orders(re2.order_token, search);
    }
    search.each(re2.size, [&](auto start, auto end, auto written, auto) {
        auto const from = search.place_of(written);
        search.add(EntityKind::size, upper(search.unsqueezed(from, from + written.size())), start, end);
    });
    search.each(re2.colour, [&](auto start, auto end, auto written, auto) { search.add(EntityKind::colour, colour_of(written), start, end); });
    auto entities = std::move(search).finish();
    drop_corrected_orders(original, entities);
    return entities;
}

}  // namespace kefu
