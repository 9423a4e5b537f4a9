// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/meta/meta.hpp"

#include "daemon/connect/send_parts.hpp"
#include "daemon/crypto.hpp"
#include "daemon/http/router.hpp"
#include "daemon/services.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>

namespace kefu::meta {

using namespace std::chrono_literals;
using payload::integer_of;
using payload::object_of;
using payload::text_of;

namespace {

std::string query(Request const& request, std::string const& name) {
    auto const found = request.query.find(name);
    return found == request.query.end() ? std::string{} : found->second;
}

std::vector<Secret> tokens_on(Services const& services, std::string const& path) {
    std::vector<Secret> tokens;
    for (auto const& channel : services.snapshot->settings.channels)
        if (is_meta(channel.type) && channel.path == path)
            tokens.push_back(channel.type == ChannelType::messenger ? channel.messenger.verify_token : channel.whatsapp.verify_token);
    return tokens;
}

enum class Fault { token, rate, pair_rate, window, unreachable, temporary, other };

Fault fault_of(std::int64_t code, std::int64_t subcode) {
    if (code == 131056) return Fault::pair_rate;  // WhatsApp: too many messages to this customer
    static constexpr std::int64_t rates[] = {4, 32, 613, 80006, 80007, 130429, 131048};
    if (std::find(std::begin(rates), std::end(rates), code) != std::end(rates)) return Fault::rate;
    if (code == 190) return Fault::token;
    if (code == 131047 || (code == 10 && subcode == 2018278)) return Fault::window;
    if (code == 551 || code == 131026) return Fault::unreachable;
    // The platform's own word that nothing was done; 131000 and 131016 are WhatsApp's.
    if (code == 1 || code == 2 || code == 131000 || code == 131016) return Fault::temporary;
    // The account, not this message: a permission, a restriction of the page, a policy block, a number that is not registered.
    if (code == 10 || code == 200 || code == 368 || code == 133010) return Fault::token;
    return Fault::other;
}

}  // namespace

Result<void> verify(Request const& request, std::vector<Secret> const& secrets) {
    constexpr std::string_view scheme = "sha256=";
    auto const given = request.headers.get("X-Hub-Signature-256");
    bool matches = false;
    for (auto const& secret : secrets) matches |= same_secret(given, std::string{scheme} + hex(hmac_sha256(secret.reveal(), request.body)));
    if (!matches) return Error{Errc::unauthorized, "X-Hub-Signature-256 does not match"};
    return {};
}

Response handshake(Request const& request, std::vector<Secret> const& verify_tokens) {
    bool known = false;
    for (auto const& token : verify_tokens) known |= same_secret(query(request, "hub.verify_token"), token.reveal());
    if (!known || query(request, "hub.mode") != "subscribe") return text_response("", 403);
    Response response = text_response(query(request, "hub.challenge"));
    response.headers.set("Content-Type", "text/plain; charset=utf-8");
    response.headers.set("X-Content-Type-Options", "nosniff");
    return response;
}

bool add_handshake(Router& router, std::string const& path, std::function<std::shared_ptr<Services const>()> services) {
    router.add("GET", path, [path, services = std::move(services)](Request request) { return at_once(handshake(request, tokens_on(*services(), path))); });
    return false;
}

ClientRequest Graph::post(std::string_view path, json::object const& body) const {
    ClientRequest request = get(path);
    request.method = "POST";
    request.headers.set("Content-Type", "application/json");
    request.body = json::serialize(body);
    return request;
}

ClientRequest Graph::get(std::string_view path) const {
    ClientRequest request;
    request.method = "GET";
    request.url = base + '/' + std::string{path};
    request.headers.set("Authorization", "Bearer " + token.reveal());
    request.connect_timeout = limits.connect;
    request.timeout = limits.timeout;
    return request;
}

GraphAnswer read_answer(std::string_view platform, Result<Response> const& response) {
    using Kind = SendResult::Kind;
    GraphAnswer answer;
    SendResult& result = answer.result;
    if (!response) {
        result = without_answer(response.error());
        return answer;
    }
    auto body = payload::read_object(response->body);
    bool const fine = response->status >= 200 && response->status < 300;
    auto const* error = body ? object_of(*body, "error") : nullptr;
    if (error == nullptr && !(fine && body)) {
        result = answer_unreadable(platform, response->status);
        if (response->status == 429) result.kind = Kind::retry, result.after = 5s;
        return answer;
    }
    if (error == nullptr) {
        answer.body = std::move(*body);
        return answer;
    }
    auto const code = integer_of(*error, "code").value_or(0);
    result.detail = std::string{platform} + " answered error " + std::to_string(code) + ": " + text_of(*error, "message");
    if (auto const trace = text_of(*error, "fbtrace_id"); !trace.empty()) result.detail += " (trace " + trace + ")";
    switch (fault_of(code, integer_of(*error, "error_subcode").value_or(0))) {
        case Fault::token:
            result.kind = Kind::hold;
            result.after = 60s;
            result.detail += "; check the access token and the app's permissions";
            break;
        case Fault::pair_rate:
            result.kind = Kind::retry;
            result.after = 6s;  // "Throughput": one message each 6 s to the same customer
            break;
        case Fault::rate:
            result.kind = Kind::retry;
            result.after = 30s;
            break;
        case Fault::temporary:
            result.kind = Kind::retry;
            break;
        case Fault::window:
            result.kind = Kind::refused;
            result.detail += "; the customer's last message is more than 24 hours ago";
            break;
        case Fault::unreachable:
            result.kind = Kind::refused;
            result.unreachable = true;
            break;
        case Fault::other:
            result.kind = Kind::refused;
            break;
    }
    return answer;
}

void keep_signed_body(Parsed& parsed, Request const& request) {
    if (parsed.events.size() != 1 || parsed.for_others_too) return;
    parsed.events.front().raw = std::string{request.headers.get("X-Hub-Signature-256")} + '\n' + request.body;
}

}  // namespace kefu::meta
