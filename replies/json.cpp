// SPDX-License-Identifier: Apache-2.0
#include "replies/json.hpp"

#include "replies/json_codec.hpp"

#include <boost/json/parse.hpp>

namespace kefu {

namespace {

using json_codec::Writing;

template <class T>
std::string text_of(T const& value, Writing how) {
    std::string text;
    text.reserve(1024);
    json_codec::write(text, value, how);
    return text;
}

template <class Variant>
std::string tagged_text_of(Variant const& value, std::string_view name, Writing how) {
    std::string text;
    text.reserve(1024);
    text += '{';
    json_codec::write_member(text, "type", name, how);
    std::visit([&](auto const& alternative) { json_codec::write_members(text, alternative, how); }, value);
    text += '}';
    return text;
}

boost::json::value tree_of(std::string const& text) {
    boost::json::parse_options options;
    options.allow_invalid_utf8 = true;  // whatever a string holds comes through
    return boost::json::parse(text, {}, options);
}

/// The alternative whose name is `type`. Names come from a default value of each, so they are written down once.
template <class Variant, class NameOf, std::size_t... I>
Result<Variant> read_tagged(boost::json::value const& value, NameOf name_of, std::index_sequence<I...>) {
    auto const* object = value.if_object();
    if (!object) return Error{Errc::bad_payload, "expected an object"};
    auto const* type = object->if_contains("type");
    if (!type || !type->is_string()) return Error{Errc::bad_payload, "type: expected a string"};
    std::string_view const wanted{type->get_string().data(), type->get_string().size()};
    std::optional<Result<Variant>> result;
    auto const attempt = [&](auto alternative) {
        if (result || name_of(Variant{alternative}) != wanted) return;
        json_codec::Reading reading;
        if (json_codec::read(value, alternative, reading))
            result.emplace(Variant{std::move(alternative)});
        else
            result.emplace(reading.error());
    };
    (attempt(std::variant_alternative_t<I, Variant>{}), ...);
    if (!result) return Error{Errc::bad_payload, "type: there is no such kind"};
    return *std::move(result);
}

}  // namespace

std::string to_json_text(Classification const& value) { return text_of(value, Writing::everything); }
std::string to_json_text(Conversation const& value) { return text_of(value, Writing::changes); }
std::string to_json_text(OutboundMessage const& value) { return text_of(value, Writing::everything); }
std::string to_json_text(Escalate const& value) { return text_of(value, Writing::everything); }
std::string to_json_text(Event const& value) { return tagged_text_of(value, event_name(value), Writing::changes); }
std::string to_json_text(Effect const& value) { return tagged_text_of(value, effect_name(value), Writing::everything); }

boost::json::value to_json(Classification const& value) { return tree_of(to_json_text(value)); }
boost::json::value to_json(Conversation const& value) { return tree_of(to_json_text(value)); }
boost::json::value to_json(Event const& value) { return tree_of(to_json_text(value)); }
boost::json::value to_json(Effect const& value) { return tree_of(to_json_text(value)); }
boost::json::value to_json(OutboundMessage const& value) { return tree_of(to_json_text(value)); }
boost::json::value to_json(Escalate const& value) { return tree_of(to_json_text(value)); }

Result<Conversation> conversation_from_json(boost::json::value const& value) {
    Conversation conversation;
    json_codec::Reading reading;
    if (!json_codec::read(value, conversation, reading)) return reading.error();
    return conversation;
}

Result<Event> event_from_json(boost::json::value const& value) {
    return read_tagged<Event>(value, event_name, std::make_index_sequence<std::variant_size_v<Event>>{});
}

Result<Effect> effect_from_json(boost::json::value const& value) {
    return read_tagged<Effect>(value, effect_name, std::make_index_sequence<std::variant_size_v<Effect>>{});
}

}  // namespace kefu
