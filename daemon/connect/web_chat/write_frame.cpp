// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/web_chat/frames.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <utility>

namespace kefu::web_chat {

namespace json = boost::json;

namespace {

json::string_view view(std::string_view text) { return {text.data(), text.size()}; }

json::object frame(std::string_view type) { return {{"type", view(type)}}; }

json::string_view name_of(Speaker who) {
    static constexpr std::array<json::string_view, 3> names{"customer", "assistant", "person"};
    return names.at(static_cast<std::size_t>(who));
}

json::object to_json(OutboundMessage const& part) {
    json::object object;
    if (part.image) object["image"] = part.image->url;
    if (!part.text.empty()) object["text"] = part.text;
    json::array replies;
    for (auto const& reply : part.quick_replies)
        replies.push_back(json::object{{"label", reply.label}, {"text", reply.text.empty() ? reply.label : reply.text}});
    if (!replies.empty()) object["replies"] = std::move(replies);
    return object;
}

json::object to_json(Line const& line) {
    auto object = frame("line");
    object["from"] = name_of(line.from);
    if (!line.id.empty()) object["id"] = line.id;
    if (line.number != 0) object["number"] = line.number;
    if (line.files != 0) object["files"] = line.files;
    if (!line.photos.empty()) object["photos"] = json::array(line.photos.begin(), line.photos.end());
    object["at"] = to_millis(line.at);
    json::array parts;
    for (auto const& part : line.parts)
        if (!part.text.empty() || part.image) parts.push_back(to_json(part));
    object["parts"] = std::move(parts);
    return object;
}

}  // namespace

std::uint64_t number_of(EffectId const& id) {
    auto const at = id.value.rfind('#');
    std::uint64_t number = 0;
    if (at != std::string::npos) std::from_chars(id.value.data() + at + 1, id.value.data() + id.value.size(), number);
    return number;
}

EffectId send_of(ConversationId const& conversation, std::uint64_t number) { return EffectId{conversation.value + '#' + std::to_string(number)}; }

Line line_of(Send const& send, Timestamp at) {
    Line line;
    line.from = send.purpose == SendPurpose::agent ? Speaker::person : Speaker::assistant;
    line.number = number_of(send.id);
    line.parts = send.messages;
    line.at = at;
    return line;
}

std::optional<Line> line_of(HistoryLine const& stored) {
    using Who = HistoryLine::Who;
    Line line;
    line.at = stored.at;
    if (stored.who == Who::customer) {
        if (stored.state == "unsent" || stored.id.empty()) return std::nullopt;
        line.from = Speaker::customer;
        line.id = stored.id;
        line.files = stored.attachments.size();
        line.photos = stored.media;
        OutboundMessage said;
        said.text = stored.text;
        line.parts.push_back(std::move(said));
        return line;
    }
    // What is in flight is on its way to the page: the daemon may have stopped before it said so.
    bool const out =
        stored.state == "in_flight" || stored.state == "delivered" || stored.state == "unknown" || stored.state == "received" || stored.state == "read";
    if (!out || stored.sent.empty()) return std::nullopt;
    line.from = stored.who == Who::agent ? Speaker::person : Speaker::assistant;
    line.number = number_of(EffectId{stored.id});
    line.parts = stored.sent;
    return line;
}

Rest rest_after(std::vector<Line> lines, std::uint64_t number) {
    Rest rest;
    auto const known = std::find_if(lines.rbegin(), lines.rend(), [&](Line const& line) { return number != 0 && line.number == number; });
    rest.found = known != lines.rend();
    auto const first = rest.found ? known.base() : lines.begin();
    rest.lines.assign(std::make_move_iterator(first), std::make_move_iterator(lines.end()));
    return rest;
}

std::string write_welcome(Welcome const& welcome) {
    auto object = frame("welcome");
    if (!welcome.token.empty()) object["token"] = welcome.token;
    object["ticket"] = welcome.ticket;
    object["title"] = welcome.title;
    object["max_file"] = welcome.max_file;
    object["max_text"] = max_text_units;
    object["whole"] = welcome.whole;
    json::array lines;
    for (auto const& line : welcome.lines) lines.push_back(to_json(line));
    object["lines"] = std::move(lines);
    return json::serialize(object);
}

std::string write_line(Line const& line) { return json::serialize(to_json(line)); }

std::string write_stored(std::string_view id) {
    auto object = frame("stored");
    object["id"] = view(id);
    return json::serialize(object);
}

std::string write_refused(std::string_view id, std::string_view code, std::chrono::milliseconds retry_after) {
    auto object = frame("refused");
    object["id"] = view(id);
    object["code"] = view(code);
    if (retry_after.count() > 0) object["retry_after"] = retry_after.count();
    return json::serialize(object);
}

std::string write_typing(Speaker who) {
    auto object = frame("typing");
    object["from"] = name_of(who);
    return json::serialize(object);
}

std::string write_pong() { return json::serialize(frame("pong")); }

std::string write_bye(std::string_view code, std::chrono::milliseconds retry_after) {
    auto object = frame("bye");
    object["code"] = view(code);
    if (retry_after.count() > 0) object["retry_after"] = retry_after.count();
    return json::serialize(object);
}

}  // namespace kefu::web_chat
