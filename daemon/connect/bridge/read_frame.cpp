// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/bridge/frames.hpp"
#include "daemon/connect/bridge/members.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace kefu::bridge {

namespace json = boost::json;

namespace {

constexpr std::int64_t largest = 9'007'199'254'740'991;  // 2^53 - 1: what every JSON reader keeps
constexpr std::size_t longest_text = 65'536, longest_name = 512, longest_url = 4096;
constexpr std::size_t most_parts = 32, most_accounts = 64, most_frames = 100;

constexpr std::array<std::string_view, 5> role_names{"customer", "agent", "bot", "system", "unknown"};
constexpr std::array<std::string_view, 5> event_names{"message", "recall", "read", "conversation", "account_status"};
constexpr std::array<std::string_view, 4> status_names{"accepted", "delivered", "failed", "unknown"};
constexpr std::array<std::string_view, 2> conversation_kinds{"direct", "group"};
constexpr std::array<std::string_view, 3> delivery_names{"none", "accepted", "confirmed"};
enum class ConversationKind { direct, group };
enum class Delivery { none, accepted, confirmed };

bool is_url(std::string_view text) {
    return text.starts_with("https:") || text.starts_with("http:") || text.starts_with("data:") || text.starts_with("kefud-blob:");
}

bool is_part_type(std::string_view type) {
    return !type.empty() && type.size() <= 32 && type[0] >= 'a' && type[0] <= 'z' &&
           std::all_of(type.begin(), type.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

/// What is not text and has a place among attachments; orders, goods and kinds of later versions are in the raw frame and in `text`.
void read_part(Members const& part, std::vector<Attachment>& attachments) {
    static constexpr std::pair<std::string_view, ContentKind> media[] = {
        {"image", ContentKind::image}, {"audio", ContentKind::audio}, {"video", ContentKind::video}, {"file", ContentKind::file}};
    auto const type = part.text("type", longest_id, true);
    if (!is_part_type(type)) return part.fail("type", "is not a part's type");
    for (auto const& [name, kind] : media) {
        if (type != name) continue;
        auto url = part.text("url", longest_url, true);
        if (!is_url(url)) part.fail("url", "is not an https:, data: or kefud-blob: address");
        attachments.push_back({.kind = kind, .platform_id = {}, .url = std::move(url), .file_name = part.text("name", longest_name)});
    }
    if (type == "text") part.text("text", longest_text, true);
    if (type == "sticker") attachments.push_back({.kind = ContentKind::sticker, .platform_id = {}, .url = {}, .file_name = {}});
    if (type == "location") {
        part.decimal("lat", 90);
        part.decimal("lon", 180);
        attachments.push_back({.kind = ContentKind::location, .platform_id = {}, .url = {}, .file_name = {}});
    }
    if (type == "item" || type == "order")
        if (auto const thing = part.object(type, true)) thing->id("id", true);
    if (type == "unsupported") attachments.push_back({.kind = ContentKind::other, .platform_id = {}, .url = {}, .file_name = {}});
}

EventFrame read_event(Members const& members) {
    EventFrame event;
    auto const kind = members.one_of<EventKind>("event", event_names, true);
    event.kind = kind.value_or(EventKind::message);
    event.id = members.id("id", true);
    event.account = members.id("account", true);
    event.time = from_millis(members.number("time", 0, largest, true).value_or(0));
    members.number("captured_at", 0, largest);
    if (auto const conversation = members.object("conversation", event.kind != EventKind::account_status)) {
        event.conversation = conversation->id("id", true);
        event.group = conversation->one_of<ConversationKind>("kind", conversation_kinds, true) == ConversationKind::group;
    }
    if (auto const sender = members.object("sender", event.kind == EventKind::message)) {
        event.sender = sender->id("id", true);
        event.sender_name = sender->text("name", longest_name);
        event.role = sender->one_of<Role>("role", role_names, true).value_or(Role::unknown);
    }
    event.text = members.text("text", longest_text, event.kind == EventKind::message);
    for (auto const& part : members.objects("parts", most_parts)) read_part(part, event.attachments);
    members.id("reply_to");
    event.echo_of = members.id("echo_of");
    event.history = members.flag("history", false);
    event.mentions_bot = members.flag("mentions_bot", false);
    event.target = members.id("target", event.kind == EventKind::recall);
    event.state = members.text("state", longest_id, event.kind == EventKind::conversation);
    event.online = members.flag("online", true, event.kind == EventKind::account_status);
    event.reason = members.text("reason", longest_name);
    return event;
}

ResultFrame read_result(Members const& members) {
    ResultFrame result;
    result.id = members.id("id", true);
    result.status = members.one_of<ResultStatus>("status", status_names, true).value_or(ResultStatus::unknown);
    result.platform_message_id = members.id("platform_message_id");
    result.code = members.code("code", result.status == ResultStatus::failed || result.status == ResultStatus::unknown);
    result.retryable = members.flag("retryable", false);
    result.retry_after = std::chrono::milliseconds{members.number("retry_after_ms", 0, largest).value_or(0)};
    result.duplicate = members.flag("duplicate", false);
    return result;
}

Hello read_hello(Members const& members) {
    Hello hello;
    if (auto const protocol = members.object("protocol", true)) {
        hello.min = protocol->number("min", 1, largest, true).value_or(1);
        hello.max = protocol->number("max", 1, largest, true).value_or(1);
    }
    hello.token = members.text("token", 512);
    if (auto const bridge = members.object("bridge", true)) hello.bridge = bridge->id("id", true);
    hello.session = members.id("session", true);
    hello.last_seq = members.number("last_seq", 0, largest).value_or(0);
    for (auto const& account : members.objects("accounts", most_accounts, true))
        hello.accounts.push_back({account.id("id", true), account.flag("online", true)});
    if (hello.accounts.empty()) members.fail("accounts", "is empty");
    auto const offered = members.object("capabilities");
    if (!offered) return hello;
    auto& can = hello.capabilities;
    if (auto const* send = offered->find("send")) {
        can.send.clear();
        if (!send->is_array())
            offered->fail("send", "is not an array");
        else
            for (auto const& type : send->get_array())
                if (type.is_string()) can.send.emplace_back(type.get_string());
    }
    can.echo = offered->flag("echo", false);
    can.confirms = offered->one_of<Delivery>("delivery", delivery_names) == Delivery::confirmed;
    can.typing = offered->flag("typing", false);
    can.durable_sends = offered->flag("durable_sends", false);
    can.max_text_units = static_cast<std::size_t>(offered->number("max_text_units", 1, largest).value_or(1000));
    can.max_sends = static_cast<std::size_t>(offered->number("max_sends", 1, 64).value_or(1));
    return hello;
}

/// `seq` is what a frame without one gets; nothing: event and result frames need one.
Reading read_object(json::object const& object, std::optional<std::int64_t> seq, std::string raw) {
    std::string problem;
    Members const members{object, "", problem};
    auto const type = members.text("type", longest_id, true);
    bool const sequenced = type == "event" || type == "result";
    if (sequenced && !seq) seq = members.number("seq", 1, largest, true);
    if (!problem.empty()) return Refusal{std::nullopt, {}, "malformed", std::move(problem)};

    ReadFrame read{sequenced ? seq : std::nullopt, Other{}, std::move(raw)};
    std::string unread;
    auto const id = Members{object, "", unread}.text("id", longest_id);
    if (type == "event") {
        auto const kind = members.text("event", longest_id, true);
        if (problem.empty() && std::find(event_names.begin(), event_names.end(), kind) == event_names.end())
            return Refusal{seq, id, "unsupported_event", "version 1 has no such event"};
        read.frame = read_event(members);
    } else if (type == "result") {
        read.frame = read_result(members);
    } else if (type == "hello") {
        read.frame = read_hello(members);
    } else if (type == "ping") {
        read.frame = Ping{members.number("ts", 0, largest)};
    } else if (type == "typing") {
        // Not answered and not worth ending a connection for.
        std::string ignored;
        Members const lenient{object, "", ignored};
        read.frame = Typing{lenient.text("account", longest_id), lenient.text("conversation", longest_id), lenient.text("role", longest_id) != "agent",
                            lenient.text("state", longest_id) == "off"};
    } else {
        std::string ignored;
        read.frame = Other{type, Members{object, "", ignored}.text("code", 64)};
    }
    if (problem.empty()) return read;
    return Refusal{read.seq, id, sequenced ? "bad_frame" : "malformed", std::move(problem)};
}

Result<json::object> parse_object(std::string_view text) {
    json::error_code error;
    auto document = json::parse({text.data(), text.size()}, error);  // at most 32 levels deep
    if (error) return Error{Errc::bad_payload, "not JSON: " + error.message()};
    if (!document.is_object()) return Error{Errc::bad_payload, "not a JSON object"};
    return std::move(document.get_object());
}

Result<std::vector<Reading>> read_frames(json::object const& object) {
    std::string problem;
    auto const* frames = Members{object, "", problem}.find("frames", true);
    if (frames == nullptr || !frames->is_array()) return Error{Errc::bad_payload, "'frames' is not an array"};
    if (frames->get_array().size() > most_frames) return Error{Errc::bad_payload, "'frames' has more than 100 entries"};
    std::vector<Reading> all;
    for (auto const& frame : frames->get_array()) {
        auto const seq = static_cast<std::int64_t>(all.size() + 1);
        if (frame.is_object())
            all.push_back(read_object(frame.get_object(), seq, json::serialize(frame)));
        else
            all.push_back(Refusal{seq, {}, "bad_frame", "a frame is not an object"});
    }
    return all;
}

}  // namespace

Reading read_frame(std::string_view text) {
    auto const object = parse_object(text);
    if (!object) return Refusal{std::nullopt, {}, "malformed", object.error().message};
    return read_object(*object, std::nullopt, std::string{text});
}

Result<Batch> read_batch(std::string_view body) {
    auto const object = parse_object(body);
    if (!object) return object.error();
    std::string problem;
    Members const members{*object, "", problem};
    Batch batch;
    batch.protocol = members.number("protocol", 1, largest, true).value_or(0);
    batch.bridge = members.id("bridge", true);
    if (!problem.empty()) return Error{Errc::bad_payload, problem};
    auto frames = read_frames(*object);
    if (!frames) return frames.error();
    batch.frames = std::move(*frames);
    return batch;
}

Result<std::vector<Reading>> read_results(std::string_view body) {
    auto const object = parse_object(body);
    if (!object) return object.error();
    return read_frames(*object);
}

std::optional<Event> to_event(EventFrame const& frame) {
    if (frame.conversation.empty()) return std::nullopt;
    switch (frame.kind) {
        case EventKind::recall:
            return MessageUnsent{MessageId{frame.target}};
        case EventKind::read:
            return Noted{"read"};
        case EventKind::conversation:
            return Noted{"conversation " + frame.state};
        case EventKind::account_status:
            return std::nullopt;
        case EventKind::message:
            break;
    }
    if (frame.role == Role::system) return Noted{"platform notice"};
    if (frame.role == Role::bot) return Noted{"echo"};
    if (frame.role == Role::agent) {
        if (frame.history) return Noted{"history of an agent"};
        auto const& name = frame.sender_name.empty() ? frame.sender : frame.sender_name;
        return AgentActed{AgentAction::reply, name, frame.text, false, {}, true};
    }
    Message message;
    message.id = MessageId{frame.id};
    message.sender = frame.sender;
    if (frame.role == Role::customer) message.sender_name = frame.sender_name;
    message.text = frame.text;
    message.attachments = frame.attachments;
    message.sent_at = frame.time;
    message.addressed = !frame.group || frame.mentions_bot;
    message.only_context = frame.history || frame.role == Role::unknown;
    return MessageReceived{.message = std::move(message), .meaning = {}, .stale = false};
}

}  // namespace kefu::bridge
