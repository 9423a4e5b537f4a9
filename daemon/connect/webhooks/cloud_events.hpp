// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "config/base/timestamp.hpp"
#include "daemon/http/message.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <string_view>

/// CloudEvents 1.0 over HTTP (cloudevents.io: HTTP Protocol Binding, HTTP 1.1 Web Hooks). They carry no signature: Standard Webhooks headers stand beside them.
namespace kefu::webhooks {

struct CloudEvent {
    std::string type;  ///< without a reverse-DNS prefix: "com.example.message.received" is "message.received"
    std::string id;    ///< what a repetition has in common with the first
    boost::json::object data;
    std::optional<Timestamp> time;
};

/// By the headers: structured mode (application/cloudevents+json) or binary mode (ce-*).
bool is_cloud_event(Headers const& headers);

/// Structured mode: told apart by source and id, which are signed with the body. Binary mode: its headers are not signed, so by `webhook_id`, which is.
/// bad_payload names the attribute; batches are not taken.
Result<CloudEvent> read_cloud_event(Headers const& headers, std::string_view webhook_id, std::string_view body);

/// Web Hooks, "Abuse protection": OPTIONS with WebHook-Request-Origin is answered with the same origin allowed; without, 405.
Response allow_cloud_events(Request const& request);

}  // namespace kefu::webhooks
