// SPDX-License-Identifier: Apache-2.0
#include "daemon/evidence/entry.hpp"

#include "daemon/crypto.hpp"
#include "intents/utf8.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace kefu {

namespace json = boost::json;

namespace {

/// Fixed, so that no byte can wander from the salt to the value.
constexpr std::size_t salt_size = 26;

json::object chained(SealedEntry const& entry) {
    json::object commitments;
    for (auto const& field : entry.fields) commitments[field.name] = field.commitment;
    json::object object;
    object["number"] = entry.number;
    object["time"] = entry.time;
    object["kind"] = entry.kind;
    object["commitments"] = std::move(commitments);
    object["previous"] = entry.previous;
    return object;
}

json::object opened(SealedField const& field) {
    json::object object;
    object["salt"] = field.salt;
    if (is_utf8(*field.value))
        object["value"] = *field.value;
    else
        object["base64"] = base64(*field.value);
    return object;
}

std::string text(json::object const& object, std::string_view name) {
    auto const* const value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string{value->get_string()} : std::string{};
}

json::object const* part(json::object const& object, std::string_view name) {
    auto const* const value = object.if_contains(name);
    return value == nullptr ? nullptr : value->if_object();
}

/// Takes what is there; verify compares the spelling of the whole line.
SealedField read_field(std::string_view name, std::string commitment, json::object const* values) {
    SealedField field{std::string{name}, std::move(commitment), {}, std::nullopt};
    auto const* const open = values == nullptr ? nullptr : part(*values, name);
    if (open == nullptr) return field;
    field.salt = text(*open, "salt");
    field.value = open->contains("base64") ? from_base64(text(*open, "base64")) : text(*open, "value");
    return field;
}

}  // namespace

std::string_view SealedEntry::value(std::string_view name) const {
    auto const found = std::find_if(fields.begin(), fields.end(), [&](auto const& field) { return field.name == name; });
    return found == fields.end() || !found->value ? std::string_view{} : std::string_view{*found->value};
}

std::string chain_start() { return hex(sha256("kefud-evidence-1")); }

SealedEntry seal(EvidenceEntry entry, std::uint64_t number, std::string previous) {
    SealedEntry sealed;
    sealed.number = number;
    sealed.time = to_rfc3339(entry.time);
    sealed.kind = std::move(entry.kind);
    sealed.previous = std::move(previous);
    for (auto& [name, value] : entry.fields) {
        SealedField field{std::move(name), {}, random_id(), std::move(value)};
        field.commitment = commitment_of(field);
        sealed.fields.push_back(std::move(field));
    }
    sealed.hash = hash_of(sealed);
    return sealed;
}

std::string commitment_of(SealedField const& field) {
    if (field.salt.size() != salt_size) return "none";
    return hex(sha256(field.salt + field.value.value_or("")));
}

std::string hash_of(SealedEntry const& entry) { return hex(sha256(json::serialize(chained(entry)))); }

std::string to_line(SealedEntry const& entry) {
    json::object fields;
    for (auto const& field : entry.fields)
        if (field.value) fields[field.name] = opened(field);
    auto object = chained(entry);
    object["hash"] = entry.hash;
    object["fields"] = std::move(fields);
    return json::serialize(object);
}

Result<SealedEntry> from_line(std::string_view line) {
    boost::system::error_code broken;
    auto const value = json::parse(json::string_view{line.data(), line.size()}, broken);
    auto const* const object = broken ? nullptr : value.if_object();
    auto const* const number = object == nullptr ? nullptr : object->if_contains("number");
    auto const* const commitments = object == nullptr ? nullptr : part(*object, "commitments");
    if (number == nullptr || commitments == nullptr) return Error{Errc::bad_payload, "this is no entry"};
    SealedEntry entry;
    entry.number = number->is_int64() && number->get_int64() > 0 ? static_cast<std::uint64_t>(number->get_int64()) : 0;
    entry.time = text(*object, "time");
    entry.kind = text(*object, "kind");
    entry.previous = text(*object, "previous");
    entry.hash = text(*object, "hash");
    auto const* const values = part(*object, "fields");
    for (auto const& member : *commitments) entry.fields.push_back(read_field(member.key(), text(*commitments, member.key()), values));
    return entry;
}

std::string evidence_end(std::string const& final_hash) { return R"(],"final":")" + final_hash + "\"}"; }

}  // namespace kefu
