// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/payload.hpp"
#include "daemon/notify/text_notifier.hpp"

#include <boost/json/serialize.hpp>

/// A group robot of WeCom (developer.work.weixin.qq.com, "群机器人配置说明"). HTTP 200 even when it failed. Plain text: nobody is mentioned from its content.
namespace kefu {

namespace json = boost::json;
using namespace std::chrono_literals;

namespace {

ClientRequest wecom_request(NotifierSettings const& settings, std::string const& text, Timestamp) {
    ClientRequest out;
    out.url = settings.wecom.url.reveal();
    out.body = json::serialize(json::object{{"msgtype", "text"}, {"text", json::object{{"content", text}}}});
    return out;
}

SendResult read_wecom(Response const& response) {
    SendResult result = result_of_status("WeCom", response);
    if (result.kind != SendResult::Kind::delivered) return result;
    auto const body = payload::read_object(response.body);
    auto const code = body ? payload::integer_of(*body, "errcode") : std::nullopt;
    if (code == 0) return result;
    result.kind = SendResult::Kind::retry;
    result.detail = code ? "WeCom answered " + std::to_string(*code) + ": " + payload::text_of(*body, "errmsg") : "WeCom's answer cannot be read";
    if (code == 45009) result.after = 60s;                                        // too fast
    if (code == 93000 || code == 40058) result.kind = SendResult::Kind::refused;  // the robot is gone; a parameter is wrong
    return result;
}

}  // namespace

TextPlatform const& wecom_platform() {
    static constexpr TextPlatform platform{"WeCom", 2048, TextPlatform::Unit::bytes, 18, as_it_is, wecom_request, read_wecom};  // 20 a minute
    return platform;
}

}  // namespace kefu
