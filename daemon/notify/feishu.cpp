// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/payload.hpp"
#include "daemon/crypto.hpp"
#include "daemon/notify/text_notifier.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>

/// A group robot of Feishu or Lark (open.feishu.cn, "自定义机器人使用指南"). HTTP 200 even when it failed.
namespace kefu {

namespace json = boost::json;
using namespace std::chrono_literals;

namespace {

/// "<at user_id=...>" in a text mentions people, and there is no escape: it gets the full-width sign.
std::string escape_feishu(std::string_view grapheme) { return grapheme == "<" ? "＜" : std::string{grapheme}; }

ClientRequest feishu_request(NotifierSettings const& settings, std::string const& text, Timestamp now) {
    ClientRequest out;
    out.url = settings.feishu.url.reveal();
    json::object body{{"msg_type", "text"}, {"content", json::object{{"text", text}}}};
    if (!settings.feishu.secret.empty()) {
        std::string const seconds = std::to_string(to_millis(now) / 1000);
        body["timestamp"] = seconds;
        body["sign"] = feishu_sign(settings.feishu.secret, seconds);
    }
    out.body = json::serialize(body);
    return out;
}

SendResult read_feishu(Response const& response) {
    SendResult result = result_of_status("Feishu", response);
    auto const body = payload::read_object(response.body);
    auto const code = body ? payload::integer_of(*body, body->contains("code") ? "code" : "StatusCode") : std::nullopt;
    if (code == 0 && result.kind == SendResult::Kind::delivered) return result;
    if (!code && result.kind != SendResult::Kind::delivered) return result;
    result.kind = SendResult::Kind::retry;
    result.detail = code ? "Feishu answered " + std::to_string(*code) + ": " + payload::text_of(*body, "msg") : "Feishu's answer cannot be read";
    if (code == 11232) result.after = 30s;  // full and half hours are crowded
    // A bad request, a robot that is gone, the sign or our clock, the address, a keyword that is missing.
    static constexpr std::int64_t final_codes[] = {9499, 19001, 19021, 19022, 19024};
    if (code && std::find(std::begin(final_codes), std::end(final_codes), *code) != std::end(final_codes)) result.kind = SendResult::Kind::refused;
    return result;
}

}  // namespace

std::string feishu_sign(Secret const& secret, std::string_view seconds) { return base64(hmac_sha256(std::string{seconds} + '\n' + secret.reveal(), "")); }

TextPlatform const& feishu_platform() {
    static constexpr TextPlatform platform{"Feishu", 16'000, TextPlatform::Unit::bytes, 90, escape_feishu, feishu_request, read_feishu};  // 20 KB, 100 a minute
    return platform;
}

}  // namespace kefu
