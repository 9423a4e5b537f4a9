// SPDX-License-Identifier: Apache-2.0
#include "replies/json.hpp"

#include "replies/json_codec.hpp"

namespace kefu {

namespace {

using json_codec::Reading;
using json_codec::Writing;

template <class Variant, std::size_t... I>
boost::json::value write_tagged(Variant const& value, std::string_view name, Writing how, std::index_sequence<I...>) {
    boost::json::object object;
    object.reserve(8);
    object.emplace("type", name);
    ((value.index() == I ? json_codec::write_members(std::get<I>(value), object, how) : void()), ...);
    return object;
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
        Reading reading;
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

boost::json::value to_json(Classification const& value) { return json_codec::write(value, Writing::everything); }
boost::json::value to_json(Conversation const& value) { return json_codec::write(value, Writing::changes); }
boost::json::value to_json(OutboundMessage const& value) { return json_codec::write(value, Writing::everything); }
boost::json::value to_json(Escalate const& value) { return json_codec::write(value, Writing::everything); }

boost::json::value to_json(Event const& value) {
    return write_tagged(value, event_name(value), Writing::changes, std::make_index_sequence<std::variant_size_v<Event>>{});
}

boost::json::value to_json(Effect const& value) {
    return write_tagged(value, effect_name(value), Writing::everything, std::make_index_sequence<std::variant_size_v<Effect>>{});
}

Result<Conversation> conversation_from_json(boost::json::value const& value) {
    Conversation conversation;
    Reading reading;
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
