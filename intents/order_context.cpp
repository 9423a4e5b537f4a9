// SPDX-License-Identifier: Apache-2.0
#include "intents/order_context.hpp"

#include "intents/normalize.hpp"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <span>

namespace kefu {
namespace {

// In folded spelling; each stands for every word that begins like it.
constexpr std::string_view order_words[] = {
    "order",   "purchase", "parcel",     "package", "shipment", "tracking", "cancel",   "refund",    "return",                                     // en
    "obj",     "zakazk",   "nakup",      "zasilk",  "balik",    "balic",    "zrus",     "storn",     "vrat",   "reklam",                           // cs
    "订单",    "订购",     "定单",       "单号",    "编号",     "包裹",     "取消",     "退",        "下单",   "运单",                             // zh
    "bestell", "auftrag",  "sendung",    "paket",   "kundig",   "widerruf", "rucksend",                                                            // de
    "pedido",  "orden",    "compra",     "paquete", "envio",    "anular",   "reembols", "devol",                                                   // es
    "pesan",   "resi",     "batal",      "invoice", "don",      "huy",      "hoan",     "kien hang",                                               // id, vi
    "注文",    "オーダー", "キャンセル", "返品",    "伝票",     "คำสั่งซื้อ",   "ออเดอร์",   "ออร์เดอร์",   "พัสดุ",    "ยกเลิก",  "คืนเงิน", "เลขที่", "주문",  // ja, th, ko
};
constexpr std::string_view phone_words[] = {
    "tel",  "phone", "mobil", "cell", "call", "ring", "volat", "volej",  "zavol", "cislo na me", "handy", "anruf", "llam", "movil", "whatsapp",
    "电话", "手机",  "打给",  "来电", "致电", "telp", "hp",    "hubung", "sdt",   "dien thoai",  "goi",   "携帯",  "โทร",  "เบอร์",
};
constexpr std::string_view other_words[] = {
    "card", "kart", "konto", "uctu", "ucet", "account", "iban",   "zip",  "psc",  "postcode", "postal",   "pin",  "kod",    "code", "model",
    "卡",   "账",   "帐",    "邮编", "邮递", "统编",    "验证码", "尾号", "型号", "plz",      "rekening", "口座", "カード", "邮便", "บัญชี",
};

// Directly before a number that is not meant.
constexpr std::string_view denials[] = {
    "not", "isn't", "isnt", "ne", "neni", "nikoli", "nikoliv", "不是", "并非", "唔系", "nicht", "bukan", "khong phai", "ไม่ใช่", "no es",
};
// Between two numbers, of which the second is meant; like the order words. Not what may also complain of the first: "wrong", "发错".
constexpr std::string_view corrections[] = {
    "sorry",       "no wait",    "wait no",  "wait,",    "oh wait",     "i mean", "actually", "typo",    "wrong one", "wrong number",
    "correct one", "correct is",                                                                                                  // en
    "pardon",      "omlouv",     "promin",   "vlastne",  "oprava",      "spletl", "preklep",  "teda",    "pockat",    "spravne",  // cs
    "打错",        "写错",       "说错",     "输错",     "贴错",        "更正",   "抱歉",     "不对",    "应该是",    "才对",
    "才是",        "改成",                                                                                        // zh
    "entschul",    "korrig",     "vielmehr", "perdon",   "mejor dicho", "maaf",   "maksud",   "xin loi", "nham",  // de, es, id, vi
    "すみません",  "订正",       "じゃなく", "ではなく", "正しく",      "ขอโทษ",  "아니라",   "죄송",             // ja, th, ko
};

constexpr std::size_t reach_before = 28;  // bytes: nine Chinese characters, four Czech words
constexpr std::size_t reach_after = 16;

bool is_alnum(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }
bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

// Where the last of the words starts, +1; 0 when there is none. A Latin word must begin where a word begins.
std::size_t last_of(std::string_view window, std::span<std::string_view const> words) {
    std::size_t last = 0;
    for (auto const word : words) {
        for (auto at = window.rfind(word); at != std::string_view::npos; at = at == 0 ? std::string_view::npos : window.rfind(word, at - 1)) {
            if (is_alnum(word.front()) && at > 0 && is_alnum(window[at - 1])) continue;
            last = std::max(last, at + 1);
            break;
        }
    }
    return last;
}

bool has_one(std::string_view window, std::span<std::string_view const> words) { return last_of(window, words) > 0; }

// What stands before in the same sentence.
std::string_view before(std::string_view text, std::size_t start) {
    auto const from = start > reach_before ? start - reach_before : 0;
    auto window = text.substr(from, start - from);
    auto const end = window.find_last_of("!?\n");
    return end == std::string_view::npos ? window : window.substr(end + 1);
}

std::string_view after(std::string_view text, std::size_t end) {
    auto const window = text.substr(end, reach_after);
    return window.substr(0, window.find_first_of("!?.,\n"));
}

bool is_alone(std::string_view text, std::size_t start, std::size_t end) {
    auto const is_mark = [](char c) { return static_cast<unsigned char>(c) < 0x80 && !is_alnum(c); };
    return std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(start), is_mark) &&
           std::all_of(text.begin() + static_cast<std::ptrdiff_t>(end), text.end(), is_mark);
}

bool is_year(std::string_view value) { return value.size() == 4 && (value.starts_with("19") || value.starts_with("20")); }

bool follows_order_word(std::string_view text, std::size_t start) {
    auto const window = before(text, start);
    auto const order = last_of(window, order_words);
    return order > 0 && order > last_of(window, phone_words) && order > last_of(window, other_words);
}

// "not", "不是", also "not order no. ": what stands directly before, or before an order word.
bool is_denied(std::string_view before) {
    auto const trim = [&] {
        while (!before.empty() && (before.back() == ' ' || before.back() == ':' || before.back() == '#' || before.back() == '.')) before.remove_suffix(1);
    };
    trim();
    auto word_start = before.size();
    while (word_start > 0 && is_alnum(before[word_start - 1])) --word_start;
    for (auto const word : order_words) {
        if (before.substr(word_start).starts_with(word))
            before = before.substr(0, word_start);
        else if (before.ends_with(word))
            before.remove_suffix(word.size());
        else
            continue;
        trim();
        break;
    }
    return std::any_of(std::begin(denials), std::end(denials), [&](auto const word) {
        if (!before.ends_with(word)) return false;
        bool const is_latin = static_cast<unsigned char>(word.front()) < 0x80;
        return !is_latin || before.size() == word.size() || !is_alnum(before[before.size() - word.size() - 1]);
    });
}

}  // namespace

void drop_corrected_orders(std::string_view original, std::vector<Entity>& entities) {
    auto const is_order = [](Entity const& entity) { return entity.kind == EntityKind::order_number; };
    if (std::count_if(entities.begin(), entities.end(), is_order) < 2) return;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < entities.size(); ++i)
        if (is_order(entities[i])) places.push_back(i);
    std::vector<std::size_t> meant;
    std::size_t from = 0;
    for (auto const place : places) {
        auto const between = normalize(original.substr(from, entities[place].start_byte - std::min(from, entities[place].start_byte))).text;
        // "I am sorry to write again, but" is far from the number or in another sentence.
        bool const corrects = !meant.empty() && has_one(before(between, between.size()), corrections);
        if (corrects) meant.clear();
        if (corrects || !is_denied(between)) meant.push_back(place);
        from = entities[place].end_byte;
    }
    if (meant.empty() || meant.size() == places.size()) return;
    std::vector<Entity> kept;
    for (std::size_t i = 0; i < entities.size(); ++i)
        if (!is_order(entities[i]) || std::find(meant.begin(), meant.end(), i) != meant.end()) kept.push_back(std::move(entities[i]));
    entities = std::move(kept);
}

bool replaces_order_number(std::string_view text, std::size_t last_end, std::size_t start) {
    if (last_end == 0 || last_end > start) return false;
    auto near = before(text, start);
    near.remove_prefix(near.size() - std::min(near.size(), start - last_end));
    return has_one(near, corrections) && !has_one(near, phone_words) && !has_one(near, other_words);
}

bool is_order_number(std::string_view text, std::size_t start, std::size_t end, std::string const& value) {
    auto const digits = std::count_if(value.begin(), value.end(), is_digit);
    if (digits < 4 || value.size() > 20) return false;
    bool const is_numbered = start > 0 && (text[start - 1] == '#' || text.substr(0, start).ends_with("# "));
    if (is_numbered) return true;
    if (is_year(value)) return false;
    if (is_alone(text, start, end) || follows_order_word(text, start)) return true;
    bool const is_claimed = has_one(before(text, start), phone_words) || has_one(before(text, start), other_words);
    return !is_claimed && has_one(after(text, end), order_words);
}

bool is_phone(std::string_view text, std::size_t start, std::size_t end, bool needs_phone_word) {
    auto const written = text.substr(start, end - start);
    auto const digits = std::count_if(written.begin(), written.end(), is_digit);
    if (digits < 8 || digits > 15) return false;
    if (needs_phone_word && !has_one(before(text, start), phone_words)) return false;
    bool const is_bare = std::all_of(written.begin(), written.end(), is_digit);
    bool const is_numbered = start > 0 && text[start - 1] == '#';
    return !is_bare || (!is_numbered && !follows_order_word(text, start));
}

}  // namespace kefu
