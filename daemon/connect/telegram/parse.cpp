// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/payload.hpp"
#include "daemon/connect/send_parts.hpp"
#include "daemon/connect/telegram/telegram.hpp"
#include "daemon/connect/text_split.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <utility>

namespace kefu::telegram {

namespace json = boost::json;
using payload::array_of;
using payload::id_of;
using payload::integer_of;
using payload::is_true;
using payload::object_of;
using payload::text_of;

namespace {

struct Chat {
    std::string id;
    bool group = false;
    bool agents = false;  ///< the shop's own people
};

Chat read_chat(Account const& account, json::object const& holder) {
    Chat chat;
    auto const* object = object_of(holder, "chat");
    if (object == nullptr) return chat;
    chat.id = id_of(*object, "id");
    chat.group = text_of(*object, "type") != "private";
    chat.agents = std::find(account.notification_chats.begin(), account.notification_chats.end(), chat.id) != account.notification_chats.end();
    return chat;
}

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return text;
}

std::size_t offset_of(json::object const& entity, std::string_view key) {
    return static_cast<std::size_t>(std::clamp<std::int64_t>(integer_of(entity, key).value_or(0), 0, 1 << 20));
}

/// "MessageEntity": offsets are UTF-16 units. True when the bot is called by name; its name is an address and cut out of the text.
bool cut_own_mention(Account const& account, json::object const& message, std::string_view list, std::string& text) {
    auto const* entities = array_of(message, list);
    if (entities == nullptr) return false;
    std::string const own_name = lower('@' + account.user_name);
    std::vector<std::pair<std::size_t, std::size_t>> ours;
    for (auto const& entry : *entities) {
        auto const* entity = entry.if_object();
        if (entity == nullptr) continue;
        std::string const type = text_of(*entity, "type");
        std::size_t const from = byte_of_utf16(text, offset_of(*entity, "offset"));
        std::size_t const to = byte_of_utf16(text, offset_of(*entity, "offset") + offset_of(*entity, "length"));
        std::string const words = lower(text.substr(from, to - from));
        auto const* user = object_of(*entity, "user");
        bool const named = !account.user_name.empty() && (type == "mention" ? words == own_name : type == "bot_command" && words.ends_with(own_name));
        if (named && type == "bot_command")
            ours.emplace_back(to - own_name.size(), to);  // "/help@shop_bot" says "/help"
        else if (named || (type == "text_mention" && user != nullptr && id_of(*user, "id") == account.bot_id))
            ours.emplace_back(from, to);
    }
    std::sort(ours.rbegin(), ours.rend());
    for (auto const& [from, to] : ours)
        if (to <= text.size()) text.erase(from, to - from);
    auto const first = text.find_first_not_of(" \t\n,:");
    if (!ours.empty() && first != std::string::npos) text.erase(0, first);
    return !ours.empty();
}

void add_attachment(Message& into, ContentKind kind, json::object const& file) {
    Attachment attachment;
    attachment.kind = kind;
    attachment.platform_id = text_of(file, "file_id");
    attachment.file_name = text_of(file, "file_name");
    into.attachments.push_back(std::move(attachment));
}

void read_attachments(json::object const& message, Message& into) {
    if (auto const* sizes = array_of(message, "photo"); sizes != nullptr && !sizes->empty() && sizes->back().is_object())
        add_attachment(into, ContentKind::image, sizes->back().get_object());  // PhotoSize: the last is the largest
    // An animation comes as a document too.
    bool const animation = object_of(message, "animation") != nullptr;
    static constexpr std::pair<std::string_view, ContentKind> kinds[] = {
        {"animation", ContentKind::video}, {"video", ContentKind::video},   {"video_note", ContentKind::video}, {"voice", ContentKind::audio},
        {"audio", ContentKind::audio},     {"document", ContentKind::file}, {"sticker", ContentKind::sticker},  {"location", ContentKind::location},
        {"contact", ContentKind::other},   {"poll", ContentKind::other},    {"dice", ContentKind::other}};
    for (auto const& [name, kind] : kinds) {
        auto const* file = object_of(message, name);
        if (file != nullptr && !(animation && name == "document")) add_attachment(into, kind, *file);
    }
}

/// Who wrote it and when; the rest of a message is not looked at.
Message envelope(json::object const& message, json::object const* from, Chat const& chat, std::int64_t update, Timestamp now) {
    Message into;
    into.id = MessageId{id_of(message, "message_id")};
    into.sequence = update;
    auto const seconds = integer_of(message, "date");
    into.sent_at = seconds && *seconds > 0 && *seconds < 10'000'000'000 ? from_millis(*seconds * 1000) : now;
    into.addressed = !chat.agents;
    if (from == nullptr) return into;
    into.sender = id_of(*from, "id");
    if (chat.group) return into;  // the conversation is the group's, not theirs
    into.sender_name = text_of(*from, "first_name");
    if (auto const last = text_of(*from, "last_name"); !last.empty()) into.sender_name += (into.sender_name.empty() ? "" : " ") + last;
    into.sender_language = text_of(*from, "language_code");
    return into;
}

std::optional<Event> read_message(Account const& account, json::object const& message, Chat const& chat, std::int64_t update, Timestamp now) {
    auto const* from = object_of(message, "from");
    if (from != nullptr && is_true(*from, "is_bot")) return std::nullopt;  // two bots would talk for ever
    Message into = envelope(message, from, chat, update, now);
    bool const caption = message.contains("caption");
    into.text = text_of(message, caption ? "caption" : "text");
    bool const mentioned = cut_own_mention(account, message, caption ? "caption_entities" : "entities", into.text);
    auto const* replied = object_of(message, "reply_to_message");
    auto const* author = replied == nullptr ? nullptr : object_of(*replied, "from");
    bool const answers_us = author != nullptr && id_of(*author, "id") == account.bot_id;
    if (chat.group && !account.answer_unmentioned) into.addressed = !chat.agents && (mentioned || answers_us);
    if (chat.group) {
        into.reply_handle = into.id.value;
        into.handle_at = now;
    }
    into.of_album = message.contains("media_group_id");
    read_attachments(message, into);
    if (into.text.empty() && into.attachments.empty() && !mentioned) return Noted{"service_message"};
    bool const start = !chat.group && (into.text == "/start" || into.text.starts_with("/start "));
    if (start) return Followed{.again = false, .message = std::move(into)};
    return MessageReceived{.message = std::move(into), .meaning = {}, .stale = false};
}

/// The words on the button that was pressed.
std::string label_of(json::object const& message, std::string_view data) {
    auto const* markup = object_of(message, "reply_markup");
    auto const* rows = markup == nullptr ? nullptr : array_of(*markup, "inline_keyboard");
    if (rows == nullptr) return {};
    for (auto const& row : *rows) {
        if (!row.is_array()) continue;
        for (auto const& button : row.get_array())
            if (button.is_object() && text_of(button.get_object(), "callback_data") == data) return text_of(button.get_object(), "text");
    }
    return {};
}

std::optional<Event> read_membership(json::object const& change, Chat const& chat, Message message) {
    auto const* now_member = object_of(change, "new_chat_member");
    auto const* before = object_of(change, "old_chat_member");
    std::string const status = now_member == nullptr ? std::string{} : text_of(*now_member, "status");
    std::string const was = before == nullptr ? std::string{} : text_of(*before, "status");
    if (status == "kicked" || status == "left") return Unreachable{chat.group ? "the bot was removed from the group" : "the customer blocked the bot"};
    if (!chat.group && status == "member" && was == "kicked") return Followed{.again = true, .message = std::move(message)};
    return Noted{"membership"};
}

std::string kind_of(json::object const& update) {
    for (auto const& member : update)
        if (member.key() != "update_id") return std::string{member.key()};
    return "empty";
}

}  // namespace

Result<Parsed> parse(Account const& account, std::string_view body, Timestamp now) {
    auto const update = payload::read_object(body);
    if (!update) return update.error();
    auto const number = integer_of(*update, "update_id");
    if (!number) return Error{Errc::bad_payload, "'update_id' is missing or not a number"};

    Parsed parsed;
    std::optional<Event> event;
    Chat chat;
    Timestamp at = now;
    if (auto const* message = object_of(*update, "message")) {
        chat = read_chat(account, *message);
        event = read_message(account, *message, chat, *number, now);
    } else if (auto const* edited = object_of(*update, "edited_message")) {
        chat = read_chat(account, *edited);
        event = Noted{"message_edited/" + id_of(*edited, "message_id")};
    } else if (auto const* query = object_of(*update, "callback_query")) {
        parsed.answer = json::serialize(json::object{{"method", "answerCallbackQuery"}, {"callback_query_id", text_of(*query, "id")}});
        if (auto const* under = object_of(*query, "message")) {
            chat = read_chat(account, *under);
            ButtonPressed pressed;
            pressed.data = text_of(*query, "data");
            pressed.message = envelope(*under, object_of(*query, "from"), chat, *number, now);
            pressed.message.id = MessageId{"callback/" + text_of(*query, "id")};
            pressed.message.sent_at = now;  // `date` is that of the message with the button
            pressed.message.text = words_of_button(pressed.data).value_or(label_of(*under, pressed.data));
            event = std::move(pressed);
        }
    } else if (auto const* change = object_of(*update, "my_chat_member")) {
        chat = read_chat(account, *change);
        event = read_membership(*change, chat, envelope(*change, object_of(*change, "from"), chat, *number, now));
    }
    if (!event || chat.id.empty()) {
        parsed.ignored.push_back(kind_of(*update));
        return parsed;
    }
    if (auto const* received = std::get_if<MessageReceived>(&*event)) at = received->message.sent_at;
    InboundEvent inbound;
    inbound.conversation = ConversationId{account.channel.value + '/' + chat.id};
    inbound.sender = chat.id;
    inbound.event_id = std::to_string(*number);
    inbound.event = std::move(*event);
    inbound.occurred_at = at;
    inbound.raw = std::string{body};
    parsed.events.push_back(std::move(inbound));
    return parsed;
}

}  // namespace kefu::telegram
