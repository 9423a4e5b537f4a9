// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/payload.hpp"
#include "daemon/crypto.hpp"
#include "daemon/http/target.hpp"
#include "daemon/notify/text_notifier.hpp"

#include <boost/json/serialize.hpp>

/// A group robot of DingTalk (open.dingtalk.com, "自定义机器人接入"). HTTP 200 even when it failed. More than 20 a minute block it for ten.
namespace kefu {

namespace json = boost::json;
using namespace std::chrono_literals;

namespace {

ClientRequest dingtalk_request(NotifierSettings const& settings, std::string const& text, Timestamp now) {
    ClientRequest out;
    out.url = settings.dingtalk.url.reveal();
    if (!settings.dingtalk.secret.empty()) {
        std::string const stamp = std::to_string(to_millis(now));
        out.url += "&timestamp=" + stamp + "&sign=" + percent_encoded(dingtalk_sign(settings.dingtalk.secret, stamp));
    }
    out.body = json::serialize(json::object{{"msgtype", "text"}, {"text", json::object{{"content", text}}}, {"at", json::object{{"isAtAll", false}}}});
    return out;
}

SendResult read_dingtalk(Response const& response) {
    SendResult result = result_of_status("DingTalk", response);
    if (result.kind != SendResult::Kind::delivered) return result;
    auto const body = payload::read_object(response.body);
    auto const code = body ? payload::integer_of(*body, "errcode") : std::nullopt;
    if (code == 0) return result;
    result.kind = SendResult::Kind::retry;
    result.detail = code ? "DingTalk answered " + std::to_string(*code) + ": " + payload::text_of(*body, "errmsg") : "DingTalk's answer cannot be read";
    if (code == 130101) result.after = 10min;                     // too fast: blocked for ten minutes
    if (code == 310000) result.kind = SendResult::Kind::refused;  // sign, keyword or address: the text says which
    return result;
}

}  // namespace

std::string dingtalk_sign(Secret const& secret, std::string_view stamp) {
    return base64(hmac_sha256(secret.reveal(), std::string{stamp} + '\n' + secret.reveal()));
}

TextPlatform const& dingtalk_platform() {
    static constexpr TextPlatform platform{"DingTalk", 18'000, TextPlatform::Unit::bytes, 18, as_it_is, dingtalk_request, read_dingtalk};
    return platform;
}

}  // namespace kefu
