// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/line/calls.hpp"
#include "daemon/connect/line/line.hpp"

#include <utility>

namespace kefu::line {

namespace json = boost::json;

Validator::Validator(ChannelSettings const& settings, HttpClient& http, Clock clock)
    : calls_(std::make_shared<Calls>(settings, http, clock, std::make_shared<Live>(settings, http, clock))) {}
Validator::~Validator() = default;

net::awaitable<Result<void>> Validator::check(std::vector<OutboundMessage> messages) {
    auto& token = calls_->live().token;
    if (token.is_issued() && token.value().empty()) {
        auto const issued = co_await token.renew();
        if (!issued) co_return issued;
    }
    auto const wire = to_wire(messages);
    for (std::string const how : {"reply", "push"}) {
        json::object body{{"messages", wire.messages}};
        auto const answer = co_await calls_->post("/v2/bot/message/validate/" + how, std::move(body), std::string());
        if (answer.kind == Answer::Kind::accepted) continue;
        bool const refused = answer.kind == Answer::Kind::bad_request || answer.kind == Answer::Kind::invalid_token;
        co_return Error{refused ? Errc::bad_payload : Errc::unavailable, how + ": " + answer.detail};
    }
    co_return Result<void>{};
}

}  // namespace kefu::line
