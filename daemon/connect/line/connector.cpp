// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/line/line.hpp"

#include "daemon/connect/fetch_content.hpp"
#include "daemon/connect/line/send.hpp"
#include "daemon/connect/payload.hpp"
#include "daemon/log.hpp"
#include "daemon/net/task_group.hpp"
#include "daemon/store/store.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace kefu::line {

namespace json = boost::json;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t content_most = 64u << 20;
constexpr std::chrono::milliseconds look_again = 10s;
constexpr char const* counts_mark = "paid_messages";

class LineConnector final : public Connector {
  public:
    explicit LineConnector(ChannelSetup setup)
        : Connector(std::move(setup.settings), std::move(setup.policy)), http_(setup.http), clock_(std::move(setup.clock)) {
        live_ = std::make_shared<Live>(settings(), http_, clock_);
        calls_ = std::make_shared<Calls>(settings(), http_, clock_, live_);
        account_.channel = channel();
        account_.destination = settings().line.destination;
        account_.notification_groups = settings().line.notification_groups;
        account_.answer_unmentioned = policy().answer_unaddressed;
    }

    Result<Parsed> parse(Request const& request, Timestamp now) const override {
        std::string_view const signature = request.headers.get("x-line-signature");
        if (!verify(request.body, signature, settings().line.channel_secrets)) return Error{Errc::unauthorized, "the x-line-signature does not match"};
        auto parsed = line::parse(account_, request.body, now);
        if (parsed && live_->unread.wanted)
            for (auto const& event : parsed->events)
                if (auto token = read_token(event.raw); !token.empty()) live_->unread.keep(event.sender, std::move(token));
        // A lone event keeps the signed bytes as evidence; in a batch they would hold other customers' words.
        if (parsed && parsed->events.size() == 1) parsed->events.front().raw = std::string{signature} + '\n' + request.body;
        return parsed;
    }

    void attach(Inlet const& inlet) override { inlet_.emplace(inlet); }

    bool succeed(Connector& before) override {
        auto* const line = dynamic_cast<LineConnector*>(&before);
        if (line == nullptr || !line->live_->token.fits(settings())) return false;
        live_ = line->live_;
        live_->ledger.change(settings().line.quota);
        calls_ = std::make_shared<Calls>(settings(), http_, clock_, live_);
        return true;
    }

    net::awaitable<Result<void>> prepare() override {
        auto const calls = calls_;
        auto& token = live_->token;
        if (token.is_issued() && !token.until()) {
            auto const issued = co_await token.renew();
            if (!issued && token.value().empty()) co_return issued;
        }
        auto introduced = co_await calls->introduce();
        co_return introduced;
    }

    AccountState state() const override {
        AccountState state;
        state.quota = live_->ledger.quota();
        state.token_until = live_->token.until();
        if (live_->token.value().empty()) state.obstacle = live_->token.trouble();
        return state;
    }

    net::awaitable<std::chrono::milliseconds> keep_up() override {
        auto const calls = calls_;
        auto& live = calls->live();
        if (live.quota_due == Timestamp{} && inlet_) {
            auto const kept = co_await inlet_->store.bookmark(channel(), counts_mark);
            if (kept) live.ledger.recall(*kept, clock_());
        }
        if (clock_() >= live.token.renewal_due()) co_await live.token.renew();
        if (clock_() >= live.quota_due) co_await calls->ask_quota();
        co_await calls->ask_group_sizes();
        if (live.ledger.warns()) warn_of_quota(*live.ledger.quota());
        co_await keep_counts(live);
        auto const left = std::chrono::duration_cast<std::chrono::milliseconds>(live.token.renewal_due() - clock_());
        co_return std::clamp(left, 100ms, look_again);
    }

    void show_typing(std::string const& to) override { show_waiting(to); }

    /// "Display a loading indicator": in one-to-one chats only.
    void show_waiting(std::string const& to) override {
        if (!inlet_ || inlet_->tasks == nullptr || !settings().line.loading || !to.starts_with('U')) return;
        net::post(inlet_->home, [tasks = inlet_->tasks, calls = calls_, to] { tasks->spawn("line loading", show_loading(calls, to)); });
    }

    net::awaitable<SendResult> send(std::string to, Send send, SendAttempt attempt) override {
        auto const calls = calls_;
        Sender sender{channel(), settings().send, clock_, calls};
        SendResult result = co_await sender.send(to, std::move(send), attempt);
        bool const tasks = inlet_ && inlet_->tasks != nullptr;
        if (auto token = result.kind == SendResult::Kind::delivered && tasks ? calls->live().unread.take(to) : std::string(); !token.empty())
            inlet_->tasks->spawn("line read", mark_as_read(calls, std::move(token)));
        co_return result;
    }

    net::awaitable<Result<ProfileLearned>> profile(std::string sender) override {
        if (!sender.starts_with('U')) co_return Error{Errc::not_found, "groups have no profile"};
        auto const calls = calls_;
        auto const response = co_await calls->fetch(calls->get("/v2/bot/profile/" + sender));
        if (!response) co_return response.error();
        if (response->status == 404) co_return Error{Errc::not_found, "LINE has no profile for this customer"};
        if (response->status != 200) co_return Error{Errc::unavailable, "LINE answered " + std::to_string(response->status)};
        auto const profile = payload::read_object(response->body);
        if (!profile) co_return Error{Errc::bad_payload, "the profile is not a JSON object"};
        ProfileLearned learned;
        learned.display_name = payload::text_of(*profile, "displayName");
        learned.language = payload::text_of(*profile, "language");
        co_return learned;
    }

    net::awaitable<Result<Content>> content(Attachment attachment) override {
        if (attachment.platform_id.empty()) co_return Error{Errc::not_found, "LINE does not host this file"};
        auto const calls = calls_;
        ClientRequest request = calls->content(attachment.platform_id);
        request.timeout = 60s;
        request.max_body = content_most;
        ContentHost const host{"LINE", {202, 401, 403}};  // 202: it is still being prepared; the others: the token may be mended
        auto response = co_await calls->fetch(std::move(request));
        co_return content_of(std::move(response), host);
    }

  private:
    void warn_of_quota(Quota const& quota) {
        std::string const limit = quota.limit ? std::to_string(*quota.limit) : std::string{"not known"};
        log_warn("line_quota_low",
                 {{"channel", channel().value}, {"limit", limit}, {"used", quota.used}, {"to_customers", quota.to_customers}, {"to_team", quota.to_team}});
    }

    net::awaitable<void> keep_counts(Live& live) {
        if (!inlet_ || !live.ledger.quota()) co_return;
        std::string counts = live.ledger.save();
        if (counts == live.kept) co_return;
        Bookmark mark{channel(), counts_mark, counts};
        auto const kept = co_await inlet_->store.keep(std::move(mark));
        if (kept) live.kept = std::move(counts);
    }

    /// Of an event as we write it.
    static std::string read_token(std::string_view event) {
        constexpr std::string_view key = "\"markAsReadToken\":\"";
        auto const at = event.find(key);
        if (at == std::string_view::npos) return {};
        auto const rest = event.substr(at + key.size());
        return std::string{rest.substr(0, rest.find('"'))};
    }

    HttpClient& http_;
    Clock clock_;
    Account account_;
    std::shared_ptr<Live> live_;
    std::shared_ptr<Calls> calls_;
    std::optional<Inlet> inlet_;
};

}  // namespace

std::unique_ptr<Connector> make_connector(ChannelSetup setup) { return std::make_unique<LineConnector>(std::move(setup)); }

}  // namespace kefu::line
