// SPDX-License-Identifier: Apache-2.0
#include "daemon/notify/notifiers.hpp"

#include "daemon/connect/text_split.hpp"
#include "replies/json.hpp"
#include "replies/schedule.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <array>

namespace kefu {

namespace json = boost::json;

namespace {

constexpr std::array<std::string_view, 4> who_names{"customer", "bot", "agent", "note"};
constexpr std::array<std::string_view, 8> content_names{"text", "image", "video", "audio", "file", "location", "sticker", "other"};

json::array history_json(std::vector<HistoryLine> const& history) {
    json::array lines;
    for (auto const& line : history) {
        json::object object{{"who", who_names[static_cast<std::size_t>(line.who)]}, {"at", to_rfc3339(line.at)}, {"text", line.text}};
        if (!line.name.empty()) object["name"] = line.name;
        if (!line.state.empty()) object["state"] = line.state;
        json::array attachments;
        for (auto const kind : line.attachments) attachments.emplace_back(content_names[static_cast<std::size_t>(kind)]);
        if (!attachments.empty()) object["attachments"] = std::move(attachments);
        json::array media(line.media.begin(), line.media.end());
        if (!media.empty()) object["media"] = std::move(media);
        lines.push_back(std::move(object));
    }
    return lines;
}

/// The words around the facts, per language of the team.
struct Words {
    std::string_view locale, escalated, told, resolved, customer, channel, order, photos, wants, why, words, deadline, take, cases, alarm;
};
constexpr std::array<Words, 4> all_words{{
    {"en", "A customer needs a person", "Update on a case", "Case closed", "Customer", "Channel", "Order", "Photos", "Summary", "Reason", "Words that matched",
     "Promised answer by", "Take it", "Cases waiting", "kefud needs you"},
    {"zh-Hant", "有顧客需要專人處理", "案件更新", "案件已結束", "顧客", "頻道", "訂單", "照片", "摘要", "原因", "命中的字詞", "承諾回覆時間", "接手",
     "待處理案件", "kefud 需要您處理"},
    {"zh-Hans", "有顾客需要人工处理", "会话有更新", "会话已结束", "顾客", "渠道", "订单", "照片", "摘要", "原因", "命中的词", "承诺回复时间", "接手",
     "待处理会话", "kefud 需要您处理"},
    {"cs", "Zákazník potřebuje člověka", "Novinka k případu", "Případ je uzavřen", "Zákazník", "Kanál", "Objednávka", "Fotky", "Souhrn", "Důvod",
     "Slova, která rozhodla", "Slíbená odpověď do", "Převzít", "Čekající případy", "kefud vás potřebuje"},
}};

Words const& words_for(std::string_view locale) {
    // Chinese goes by its script, which people often write as a region, or not at all.
    if (locale == "zh-TW" || locale == "zh-HK" || locale == "zh-MO") locale = "zh-Hant";
    if (locale == "zh" || locale == "zh-CN" || locale == "zh-SG") locale = "zh-Hans";
    for (auto const& words : all_words)
        if (locale.starts_with(words.locale)) return words;
    return all_words.front();
}

void line(std::string& text, std::string_view label, std::string_view value) {
    if (value.empty()) return;
    text.append(label).append(": ").append(value).append("\n");
}

/// The words that matched, each once: rules often overlap.
std::string evidence_words(Escalate const& what) {
    std::string list;
    std::size_t start = 0;
    std::size_t end = 0;
    auto const flush = [&] {
        if (end > start) list += (list.empty() ? "" : " · ") + what.quote.substr(start, end - start);
    };
    for (auto const& evidence : what.evidence) {  // sorted by their start
        if (evidence.end_byte > what.quote.size() || evidence.start_byte >= evidence.end_byte) continue;
        if (evidence.start_byte <= end && end > start) {
            end = std::max(end, evidence.end_byte);
            continue;
        }
        flush();
        start = evidence.start_byte;
        end = evidence.end_byte;
    }
    flush();
    return list;
}

constexpr std::array<ClaimPage, 4> claim_pages{{
    {"en", "Take this case", "A customer waits for a person. Who takes the case answers it; the bot is silent from then on.", "Take it for the team",
     "Yours now. The customer waits for your answer.", "Somebody has taken it already", "It is settled already.", "This link does not work any more"},
    {"zh-Hant", "接手這個案件", "有顧客在等真人回覆。接手後由您的團隊回覆，機器人不再發言。", "由團隊接手", "已由您的團隊接手，顧客正在等您回覆。",
     "已經有人接手", "這個案件已經結束。", "這個連結已失效"},
    {"zh-Hans", "接手这个会话", "有顾客在等人工回复。接手后由您的团队回复，机器人不再发言。", "由团队接手", "已由您的团队接手，顾客正在等您回复。",
     "已经有人接手", "这个会话已经结束。", "这个链接已失效"},
    {"cs", "Převzít případ", "Zákazník čeká na člověka. Kdo případ převezme, ten odpovídá; robot od té chvíle mlčí.", "Převzít za tým",
     "Případ je váš. Zákazník čeká na vaši odpověď.", "Případ už má", "Případ je už vyřízen.", "Tento odkaz už neplatí"},
}};

std::string_view title_of(Notice const& notice, Words const& words) {
    switch (notice.kind) {
        case Notice::Kind::escalated:
            return words.escalated;
        case Notice::Kind::told:
            return words.told;
        case Notice::Kind::resolved:
            return words.resolved;
        case Notice::Kind::alarm:
            return words.alarm;
    }
    return {};
}

}  // namespace

json::object escalation_json(Escalate const& what) {
    json::object object = to_json(what).as_object();
    object["answer_by"] = to_rfc3339(what.answer_by);
    return object;
}

json::object notice_json(Notice const& notice) {
    Conversation const& conversation = notice.view.conversation;
    json::object data{{"conversation", conversation.id.value},
                      {"channel", conversation.channel.value},
                      {"customer", conversation.sender},
                      {"name", conversation.display_name},
                      {"language", conversation.language},
                      {"owner", to_string(conversation.owner)},
                      {"anger", conversation.heat},
                      {"case", json::object{{"topic", conversation.open.topic},
                                            {"tier", conversation.open.tier},
                                            {"order", conversation.open.order},
                                            {"phone", conversation.open.phone},
                                            {"photos", conversation.open.photos.size()}}},
                      {"history", history_json(notice.view.history)}};
    if (notice.escalation) {
        Escalate const& what = notice.escalation->what;
        data["escalation"] = escalation_json(what);
        data["escalation_id"] = notice.escalation->id;
        data["evidence_words"] = evidence_words(what);
    }
    if (!conversation.agent.empty()) data["agent"] = conversation.agent;
    if (!conversation.tags.empty()) data["tags"] = json::array(conversation.tags.begin(), conversation.tags.end());
    if (!notice.what.empty()) data["what"] = notice.what;
    if (!notice.time_zone.empty()) data["time_zone"] = notice.time_zone;
    if (!notice.link.empty()) data["link"] = notice.link;
    return data;
}

std::string notice_text(Notice const& notice, std::string_view locale) {
    constexpr std::size_t shown_lines = 6;
    constexpr std::size_t shown_graphemes = 200;
    Words const& words = words_for(locale);
    Conversation const& conversation = notice.view.conversation;
    if (notice.kind == Notice::Kind::alarm) return std::string{words.alarm} + '\n' + notice.what + (notice.link.empty() ? "" : '\n' + notice.link);
    std::string text;
    text.append(title_of(notice, words)).append("\n");
    line(text, words.customer, conversation.display_name.empty() ? conversation.sender : conversation.display_name);
    line(text, words.channel, conversation.channel.value + " · " + conversation.language);
    line(text, words.order, conversation.open.order);
    if (!conversation.open.photos.empty()) line(text, words.photos, std::to_string(conversation.open.photos.size()));
    if (notice.escalation) {
        Escalate const& what = notice.escalation->what;
        line(text, words.why, what.reason + " → " + what.tier);
        line(text, words.wants, what.summary);
        line(text, words.words, evidence_words(what));
        if (what.answer_by != Timestamp{}) line(text, words.deadline, local_time(what.answer_by, notice.time_zone) + " (" + notice.time_zone + ")");
    }
    if (!notice.what.empty()) text += notice.what + "\n";
    auto const& history = notice.view.history;
    for (std::size_t i = history.size() > shown_lines ? history.size() - shown_lines : 0; i < history.size(); ++i) {
        std::string_view const mark = history[i].who == HistoryLine::Who::customer ? "> " : "< ";
        text.append(mark).append(first_graphemes(history[i].text, shown_graphemes)).append("\n");
    }
    text += notice.link + "\n";
    line(text, words.take, notice.claim_link);
    while (text.ends_with('\n')) text.pop_back();
    return text;
}

std::string notice_headline(Notice const& notice, std::string_view locale) {
    constexpr std::size_t shown_graphemes = 80;
    Words const& words = words_for(locale);
    Conversation const& conversation = notice.view.conversation;
    std::string text{title_of(notice, words)};
    if (notice.kind == Notice::Kind::alarm) return text + "\n" + first_graphemes(notice.what, shown_graphemes);
    text += ": " + first_graphemes(conversation.display_name.empty() ? conversation.sender : conversation.display_name, shown_graphemes);
    if (notice.escalation) text += " (" + notice.escalation->what.reason + " → " + notice.escalation->what.tier + ')';
    if (!notice.what.empty()) text += "\n" + first_graphemes(notice.what, shown_graphemes);
    if (!notice.link.empty()) text += "\n" + notice.link;
    return text;
}

std::string digest_title(std::size_t cases, std::string_view locale) { return std::string{words_for(locale).cases} + ": " + std::to_string(cases); }

ClaimPage const& claim_page_words(std::string_view locale) {
    for (auto const& page : claim_pages)
        if (page.locale_tag == words_for(locale).locale) return page;
    return claim_pages.front();
}

}  // namespace kefu
