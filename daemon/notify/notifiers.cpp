// SPDX-License-Identifier: Apache-2.0
#include "daemon/notify/notifiers.hpp"

#include "daemon/connect/webhooks/webhooks.hpp"

#include <boost/json/serialize.hpp>

#include <array>
#include <utility>

namespace kefu {

using namespace std::chrono_literals;

namespace {

boost::json::object alarm_json(Notice const& notice) {
    boost::json::object data{{"what", notice.what}};
    if (!notice.link.empty()) data["link"] = notice.link;
    return data;
}

/// What the Standard Webhooks specification suggests; after its end the desk is taken for gone.
constexpr std::array<std::chrono::milliseconds, 9> schedule{5s, 5min, 30min, 2h, 5h, 10h, 14h, 20h, 24h};

std::string_view type_of(Notice::Kind kind) {
    switch (kind) {
        case Notice::Kind::escalated:
            return "case.escalated";
        case Notice::Kind::told:
            return "case.updated";
        case Notice::Kind::resolved:
            return "case.resolved";
        case Notice::Kind::alarm:
            return "daemon.alarm";
    }
    return "case.updated";
}

class WebhookNotifier final : public Notifier {
  public:
    WebhookNotifier(NotifierSettings const& settings, HttpClient& http, Clock clock) : settings_(settings), http_(http), clock_(std::move(clock)) {}
    std::string const& id() const override { return settings_.id; }

    net::awaitable<SendResult> notify(Notice notice, SendAttempt attempt) override {
        Timestamp const now = clock_();
        auto data = notice.kind == Notice::Kind::alarm ? alarm_json(notice) : notice_json(notice);
        boost::json::object body{{"type", type_of(notice.kind)}, {"timestamp", to_rfc3339(now)}, {"data", std::move(data)}};
        ClientRequest request;
        request.url = settings_.url;
        request.body = boost::json::serialize(body);
        request.public_addresses_only = !settings_.allow_private_addresses;
        std::string id = notice.id.value;
        SendResult result = co_await webhooks::post(http_, std::move(request), std::move(id), settings_.secret, now);
        if (result.kind != SendResult::Kind::retry) co_return result;
        if (attempt.number > static_cast<int>(schedule.size())) {
            result.kind = SendResult::Kind::refused;
            result.detail += "; given up after " + std::to_string(attempt.number) + " tries";
        } else if (result.after == 0ms) {
            result.after = schedule[static_cast<std::size_t>(attempt.number - 1)];
        }
        co_return result;
    }

  private:
    NotifierSettings settings_;
    HttpClient& http_;
    Clock clock_;
};

class LineGroupNotifier final : public Notifier {
  public:
    LineGroupNotifier(NotifierSettings const& settings, Connector& line) : settings_(settings), line_(line) {}
    std::string const& id() const override { return settings_.id; }

    net::awaitable<SendResult> notify(Notice notice, SendAttempt attempt) override {
        SendResult result;
        if (notice.kind != Notice::Kind::escalated) co_return result;  // each push costs one message per member of the group
        OutboundMessage message;
        message.text = notice_text(notice, settings_.locale);
        Send send;
        send.id = notice.id;
        send.purpose = SendPurpose::agent;
        send.by = "kefud";
        send.messages.push_back(std::move(message));
        std::string group = settings_.group;
        result = co_await line_.send(std::move(group), std::move(send), attempt);
        co_return result;
    }

  private:
    NotifierSettings settings_;
    Connector& line_;
};

}  // namespace

std::unique_ptr<Notifier> make_webhook_notifier(NotifierSettings const& settings, HttpClient& http, Clock clock) {
    return std::make_unique<WebhookNotifier>(settings, http, std::move(clock));
}

std::unique_ptr<Notifier> make_line_group_notifier(NotifierSettings const& settings, Connector& line) {
    return std::make_unique<LineGroupNotifier>(settings, line);
}

}  // namespace kefu
