// SPDX-License-Identifier: Apache-2.0
#include "daemon/intake.hpp"

#include "daemon/connect/line/line.hpp"
#include "daemon/connect/webhooks/signature.hpp"
#include "daemon/connect/webhooks/webhooks.hpp"
#include "daemon/crypto.hpp"
#include "tests/support/store_backends.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kefu {
namespace {

using testing::IsEmpty;

constexpr char const* first_account = "U0123456789abcdef0123456789abcdef";
constexpr char const* second_account = "Ufedcba9876543210fedcba9876543210";
constexpr char const* customer = "U4af4980629d1c5b7e3f2a1908c7d6e5f";
Secret const webhook_secret{"whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"};

std::string event(std::string const& id, std::string const& text) {
    return R"({"type":"message","mode":"active","timestamp":1790000000000,"source":{"type":"user","userId":")" + std::string{customer} +
           R"("},"webhookEventId":")" + id + R"(","deliveryContext":{"isRedelivery":false},"replyToken":"token","message":{"id":"m)" + id +
           R"(","type":"text","text":")" + text + "\"}}";
}
std::string body(std::string const& destination, std::string const& events) { return R"({"destination":")" + destination + R"(","events":[)" + events + "]}"; }

Request request(std::string body, std::string const& secret) {
    Request request;
    request.method = "POST";
    request.path = request.target = "/line";
    request.headers.set("X-Line-Signature", base64(hmac_sha256(secret, body)));
    request.body = std::move(body);
    return request;
}

/// Two accounts of LINE on one path, with secrets of their own, and a generic channel on another.
class Intake : public testing::Test {
  protected:
    Intake() {
        auto services = std::make_shared<Services>();
        Clock const clock = [] { return noon; };
        for (auto const& [id, destination, secret] : {std::tuple{"line-one", first_account, "secret-one"}, {"line-two", second_account, "secret-two"}}) {
            ChannelSettings settings;
            settings.id = ChannelId{id};
            settings.line.destination = destination;
            settings.line.channel_secrets = {Secret{secret}};
            add(*services, "/line", line::make_connector({settings, ChannelPolicy{}, http_, clock}));
        }
        ChannelSettings web;
        web.id = ChannelId{"web"};
        web.webhooks.secrets = {webhook_secret};
        add(*services, "/web", webhooks::make_connector({web, ChannelPolicy{}, http_, clock}));
        services_ = services;
    }

    static void add(Services& services, std::string const& path, std::unique_ptr<Connector> connector) {
        services.by_path[path].push_back(connector.get());
        services.connectors.emplace(connector->channel().value, std::move(connector));
    }

    Response take(Request request, std::string path = "/line") { return take_with(*shop.store, std::move(request), std::move(path)); }
    Response take_with(Store& store, Request request, std::string path = "/line") {
        return run(take_webhook(services_, std::move(path), std::move(request), store, clock_, counts));
    }
    /// What the customer wrote, as the store has it.
    std::vector<std::string> stored(std::string const& channel) {
        auto const view = run(shop.store->view(ConversationId{channel + "/" + customer}, 50)).value();
        std::vector<std::string> texts;
        if (!view) return texts;
        for (auto const& line : view->history)
            if (line.who == HistoryLine::Who::customer) texts.push_back(line.text);
        return texts;
    }

    StoreHarness shop{sqlite_backend()};
    IntakeCounts counts;

  private:
    net::io_context io_;
    HttpClient http_{io_.get_executor()};
    ServicesPtr services_;
    Clock clock_ = [] { return noon; };
};

TEST_F(Intake, answers_200_once_the_message_is_stored) {
    auto const response = take(request(body(first_account, event("01", "hello")), "secret-one"));
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "");
    EXPECT_THAT(stored("line-one"), testing::ElementsAre("hello"));
    EXPECT_EQ(shop.claim_texts(), std::vector<std::string>{"re: hello"});
    EXPECT_EQ(counts.events, 1u);
}

TEST_F(Intake, stores_every_event_of_a_batch_in_order) {
    EXPECT_EQ(take(request(body(first_account, event("01", "one") + "," + event("02", "two") + "," + event("03", "three")), "secret-one")).status, 200);
    EXPECT_THAT(stored("line-one"), testing::ElementsAre("one", "two", "three"));
    EXPECT_EQ(counts.events, 3u);
}

TEST_F(Intake, recognises_what_comes_twice) {
    for (int i = 0; i < 3; ++i) EXPECT_EQ(take(request(body(first_account, event("01", "hello")), "secret-one")).status, 200);
    EXPECT_THAT(stored("line-one"), testing::ElementsAre("hello"));
    EXPECT_EQ(counts.events, 3u);
    EXPECT_EQ(counts.duplicates, 2u);
    EXPECT_EQ(shop.counts().outbox_pending, 1u);
}

TEST_F(Intake, routes_accounts_on_one_path_by_their_secret) {
    EXPECT_EQ(take(request(body(second_account, event("01", "hello")), "secret-two")).status, 200);
    EXPECT_THAT(stored("line-one"), IsEmpty());
    EXPECT_THAT(stored("line-two"), testing::ElementsAre("hello"));
}

TEST_F(Intake, does_not_let_one_account_speak_for_another) {
    // Signed with the first account's secret, addressed to the second.
    EXPECT_EQ(take(request(body(second_account, event("01", "hello")), "secret-one")).status, 200);
    EXPECT_THAT(stored("line-one"), IsEmpty());
    EXPECT_THAT(stored("line-two"), IsEmpty());
    EXPECT_EQ(counts.ignored, 1u);
}

TEST_F(Intake, takes_the_same_event_id_of_two_accounts_for_two_events) {
    take(request(body(first_account, event("01", "to one")), "secret-one"));
    take(request(body(second_account, event("01", "to two")), "secret-two"));
    EXPECT_THAT(stored("line-one"), testing::ElementsAre("to one"));
    EXPECT_THAT(stored("line-two"), testing::ElementsAre("to two"));
    EXPECT_EQ(counts.duplicates, 0u);
}

TEST_F(Intake, lets_line_verify_the_address) {
    EXPECT_EQ(take(request(body(first_account, ""), "secret-one")).status, 200);
    EXPECT_EQ(shop.counts().journaled, 0u);
}

TEST_F(Intake, refuses_an_unsigned_or_wrongly_signed_request_without_a_word) {
    Request const good = request(body(first_account, event("01", "hello")), "secret-one");
    Request changed = good;
    changed.body += ' ';
    Request without = good;
    without.headers = {};
    for (auto const& forged : {request(good.body, "wrong"), changed, without}) {
        auto const response = take(forged);
        EXPECT_EQ(response.status, 401);
        EXPECT_EQ(response.body, "");
    }
    EXPECT_EQ(shop.counts().journaled, 0u);
    EXPECT_EQ(counts.refused, 3u);
}

TEST_F(Intake, refuses_a_signed_body_that_cannot_be_read_and_says_why) {
    for (std::string const broken : {"{", "[]", R"({"destination":"U0123456789abcdef0123456789abcdef"})"}) {
        auto const response = take(request(broken, "secret-one"));
        EXPECT_EQ(response.status, 400) << broken;
        EXPECT_EQ(response.headers.get("Content-Type"), "application/problem+json");
    }
    EXPECT_EQ(counts.refused, 3u);
}

TEST_F(Intake, counts_event_kinds_it_does_not_know_and_answers_200) {
    EXPECT_EQ(
        take(request(body(first_account, R"({"type":"hologram","mode":"active","timestamp":1,"webhookEventId":"01","source":{"type":"user","userId":"U1"}})"),
                     "secret-one"))
            .status,
        200);
    EXPECT_EQ(counts.ignored, 1u);
    EXPECT_EQ(shop.counts().journaled, 0u);
}

TEST_F(Intake, takes_a_signed_webhook_and_knows_it_again_by_its_id) {
    std::string const payload = R"({"type":"message.received","data":{"conversation":")" + std::string{customer} + R"(","id":"m1","text":"Ahoj"}})";
    Request request;
    request.method = "POST";
    request.path = "/web";
    request.body = payload;
    webhooks::sign(request.headers, "msg_1", payload, webhook_secret, noon);
    for (int i = 0; i < 2; ++i) EXPECT_EQ(take(request, "/web").status, 200);
    EXPECT_THAT(stored("web"), testing::ElementsAre("Ahoj"));
    EXPECT_EQ(counts.duplicates, 1u);
    webhooks::sign(request.headers, "msg_2", payload, webhook_secret, noon - std::chrono::minutes{6});
    EXPECT_EQ(take(request, "/web").status, 401);
}

/// Takes nothing.
class FullStore final : public Store {
  public:
    net::awaitable<Result<std::vector<Applied>>> apply(std::vector<Arrival>) override { co_return full(); }
    net::awaitable<Result<std::size_t>> fire_timers(Timestamp, std::size_t) override { co_return full(); }
    net::awaitable<Result<std::vector<OutboxItem>>> claim(Timestamp, std::size_t, std::map<ChannelId, std::size_t>) override { co_return full(); }
    bool may_send() const override { return true; }
    net::awaitable<Result<void>> finish(EffectId, OutboxResult, Timestamp) override { co_return full(); }
    net::awaitable<Result<std::optional<Timestamp>>> next_due() override { co_return full(); }
    net::awaitable<Result<void>> make_due(Timestamp) override { co_return full(); }
    net::awaitable<Result<std::optional<ConversationView>>> view(ConversationId, std::size_t) override { co_return full(); }
    net::awaitable<Result<std::vector<ConversationView>>> list(ConversationFilter) override { co_return full(); }
    net::awaitable<Result<StoreCounts>> counts() override { co_return full(); }
    net::awaitable<Result<AgentLoads>> loads() override { co_return full(); }
    net::awaitable<Result<QueueCounts>> queues(std::string) override { co_return full(); }
    net::awaitable<Result<SearchResult>> search(std::string, std::size_t) override { co_return full(); }
    net::awaitable<Result<std::vector<DeadLetter>>> dead_letters(std::size_t) override { co_return full(); }
    net::awaitable<Result<void>> repeat(std::uint64_t, std::string, Timestamp) override { co_return full(); }
    net::awaitable<Result<void>> drop(std::uint64_t, std::string, Timestamp) override { co_return full(); }
    net::awaitable<Result<void>> set_pause(Pause) override { co_return full(); }
    net::awaitable<Result<void>> clear_pause(std::string) override { co_return full(); }
    net::awaitable<Result<std::vector<Pause>>> pauses() override { co_return full(); }
    net::awaitable<Result<void>> keep(Bookmark) override { co_return full(); }
    net::awaitable<Result<std::string>> bookmark(ChannelId, std::string) override { co_return full(); }
    net::awaitable<Result<std::uint64_t>> keep(CatalogVersion, std::map<std::string, std::string>) override { co_return full(); }
    net::awaitable<Result<std::vector<CatalogVersion>>> versions(std::size_t) override { co_return full(); }
    net::awaitable<Result<std::map<std::string, std::string>>> texts(std::vector<std::string>) override { co_return full(); }
    net::awaitable<Result<WatchPage>> watch(WatchQuery) override { co_return full(); }
    net::awaitable<Result<Expired>> expire(Expiry, std::size_t) override { co_return full(); }
    net::awaitable<Result<Erased>> forget(ConversationId, std::string, Timestamp, bool) override { co_return full(); }
    Accounts& accounts() override { std::abort(); }
    void on_work(std::function<void()>) override {}
    void on_change(std::function<void(std::vector<Changed>)>) override {}
    void on_commit(std::function<void(std::size_t, std::chrono::nanoseconds)>) override {}
    void close() override {}

  private:
    static Error full() { return {Errc::unavailable, "the disk is full", std::nullopt}; }
};

TEST_F(Intake, answers_503_when_the_store_takes_nothing_so_that_the_platform_repeats) {
    FullStore full;
    auto const response = take_with(full, request(body(first_account, event("01", "hello")), "secret-one"));
    EXPECT_EQ(response.status, 503);
    EXPECT_EQ(response.headers.get("Retry-After"), "5");
    EXPECT_EQ(counts.unavailable, 1u);
    EXPECT_EQ(counts.events, 0u);
    // The repetition is not a duplicate.
    EXPECT_EQ(take(request(body(first_account, event("01", "hello")), "secret-one")).status, 200);
    EXPECT_THAT(stored("line-one"), testing::ElementsAre("hello"));
}

TEST_F(Intake, answers_503_once_the_store_is_closed) {
    shop.store->close();
    EXPECT_EQ(take(request(body(first_account, event("01", "hello")), "secret-one")).status, 503);
    shop.open();
    EXPECT_THAT(stored("line-one"), IsEmpty());
}

}  // namespace
}  // namespace kefu
