// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/webhooks/cloud_events.hpp"

#include "daemon/connect/payload.hpp"
#include "daemon/crypto.hpp"

#include <algorithm>
#include <utility>

namespace kefu::webhooks {

namespace {

std::string lower(std::string_view text) {
    std::string out{text};
    std::transform(out.begin(), out.end(), out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return out;
}

/// Our names have two words; whatever stands before them is the sender's.
std::string own_name(std::string const& type) {
    auto const last = type.rfind('.');
    if (last == std::string::npos || last == 0) return type;
    auto const before = type.rfind('.', last - 1);
    return before == std::string::npos ? type : type.substr(before + 1);
}

int nibble(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// HTTP Protocol Binding, 3.1.3.2: what is not printable ASCII stands percent-encoded.
std::string decoded(std::string_view value) {
    std::string out;
    for (std::size_t i = 0; i < value.size(); ++i) {
        bool const escape = value[i] == '%' && i + 2 < value.size() && nibble(value[i + 1]) >= 0 && nibble(value[i + 2]) >= 0;
        out += escape ? static_cast<char>(nibble(value[i + 1]) * 16 + nibble(value[i + 2])) : value[i];
        if (escape) i += 2;
    }
    return out;
}

/// The attributes of either mode, as text.
struct Attributes {
    std::string specversion, id, source, type, time;
};

Result<CloudEvent> checked(Attributes const& attributes, boost::json::object data) {
    if (attributes.specversion != "1.0") return payload::bad("'specversion' is not 1.0");
    for (auto const& [name, value] : {std::pair{"id", &attributes.id}, {"source", &attributes.source}, {"type", &attributes.type}})
        if (value->empty()) return payload::bad('\'' + std::string{name} + "' is missing or not a string");
    CloudEvent event;
    event.type = own_name(attributes.type);
    event.id = attributes.source + ' ' + attributes.id;  // a URI has no space
    event.data = std::move(data);
    if (attributes.time.empty()) return event;
    event.time = from_rfc3339(attributes.time);
    if (!event.time) return payload::bad("'time' is not an RFC 3339 time");
    return event;
}

Result<CloudEvent> read_structured(std::string_view body) {
    auto root = payload::read_object(body);
    if (!root) return root.error();
    Attributes attributes;
    for (auto const& [name, into] : {std::pair{"specversion", &attributes.specversion},
                                     {"id", &attributes.id},
                                     {"source", &attributes.source},
                                     {"type", &attributes.type},
                                     {"time", &attributes.time}}) {
        auto value = payload::checked_text(*root, name, "");
        if (!value) return value.error();
        *into = std::move(*value);
    }
    if (auto const wrong = checked(attributes, {}); !wrong) return wrong.error();
    if (auto* data = root->if_contains("data"); data != nullptr && data->is_object()) return checked(attributes, std::move(data->get_object()));
    auto const bytes = from_base64(payload::text_of(*root, "data_base64"));
    if (!root->contains("data_base64") || !bytes) return payload::bad("'data' is missing or not an object");
    auto data = payload::read_object(*bytes);
    if (!data) return payload::bad("'data_base64' is not a JSON object");
    return checked(attributes, std::move(*data));
}

Result<CloudEvent> read_binary(Headers const& headers, std::string_view webhook_id, std::string_view body) {
    Attributes attributes;
    for (auto const& [name, into] : {std::pair{"ce-specversion", &attributes.specversion},
                                     {"ce-id", &attributes.id},
                                     {"ce-source", &attributes.source},
                                     {"ce-type", &attributes.type},
                                     {"ce-time", &attributes.time}})
        *into = decoded(headers.get(name));
    auto data = payload::read_object(body);
    if (!data) return data.error();
    auto event = checked(attributes, std::move(*data));
    if (event) event->id = std::string{webhook_id};
    return event;
}

}  // namespace

bool is_cloud_event(Headers const& headers) {
    return lower(headers.get("content-type")).starts_with("application/cloudevents") || headers.has("ce-specversion");
}

Result<CloudEvent> read_cloud_event(Headers const& headers, std::string_view webhook_id, std::string_view body) {
    std::string const type = lower(headers.get("content-type"));
    if (type.starts_with("application/cloudevents-batch")) return payload::bad("batches of CloudEvents are not taken; send them one by one");
    if (type.starts_with("application/cloudevents")) return read_structured(body);
    return read_binary(headers, webhook_id, body);
}

Response allow_cloud_events(Request const& request) {
    auto const origin = request.headers.get("WebHook-Request-Origin");
    Response response = origin.empty() ? problem(405, "Method not allowed", "This path takes POST.") : text_response("");
    response.headers.set("Allow", "POST, OPTIONS");
    if (origin.empty()) return response;
    response.headers.set("WebHook-Allowed-Origin", std::string{origin});
    if (!request.headers.get("WebHook-Request-Rate").empty()) response.headers.set("WebHook-Allowed-Rate", "*");
    return response;
}

}  // namespace kefu::webhooks
