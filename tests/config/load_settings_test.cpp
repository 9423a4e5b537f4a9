// SPDX-License-Identifier: Apache-2.0
#include "config/load_settings.hpp"
#include "tests/support/source_dir.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace kefu {
namespace {

Result<std::string> pretend(std::string_view reference) {
    if (reference == "env:EMPTY") return Error{Errc::bad_config, "the environment variable EMPTY is not set"};
    return "<" + std::string{reference} + ">";
}

Checked<Settings> load(std::string_view text) { return load_settings(text, "shop/kefud.yaml", pretend); }

Settings loaded(std::string_view text) { return load(text).value(); }

std::string errors_of(std::string_view text) {
    auto const settings = load(text);
    std::string out;
    if (settings.has_error())
        for (auto const& error : settings.error()) out += error.to_string() + '\n';
    return out;
}

std::string read_source(std::string const& path) {
    std::ifstream in{source_dir() / path};
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

constexpr char const* line_channel = R"(channels:
  - id: line-main
    type: line
    line:
      channel_secrets: [env:SECRET]
      access_token: credential:token
)";

TEST(LoadSettings, an_empty_file_is_all_defaults) {
    EXPECT_EQ(loaded("").listen, ListenSettings{});
    EXPECT_EQ(loaded("# nothing\n").log, LogSettings{});
    EXPECT_EQ(loaded("listen:\nchannels:\n").listen, ListenSettings{});
}

TEST(LoadSettings, reads_every_kind_of_value) {
    Settings const settings = loaded(R"(
listen: {address: '::', port: 0, threads: 4, activation: false, limits: {max_body: 64KiB, idle: 2m}}
shop: {name: 小店, locale: cs, time_zone: Europe/Prague, order_numbers: ['\bTW\d{8}\b', 'x']}
retention: {texts: 30}
store: {commit_window: 2ms, cache_conversations: 100}
log: {level: debug, format: json, mask: false}
public_url: https://kefud.example.com
)");
    EXPECT_EQ(settings.listen.address, "::");
    EXPECT_EQ(settings.listen.port, 0);
    EXPECT_EQ(settings.listen.threads, 4);
    EXPECT_FALSE(settings.listen.activation);
    EXPECT_EQ(settings.listen.limits.max_body, ByteSize{65536});
    EXPECT_EQ(settings.listen.limits.idle, 2min);
    EXPECT_EQ(settings.listen.limits.read, 15s);
    EXPECT_EQ(settings.shop.name, "小店");
    EXPECT_EQ(settings.shop.order_numbers, (std::vector<std::string>{"\\bTW\\d{8}\\b", "x"}));
    EXPECT_EQ(settings.retention.texts, std::chrono::days{30});
    EXPECT_EQ(settings.store.commit_window, 2ms);
    EXPECT_EQ(settings.log, (LogSettings{LogLevel::debug, LogFormat::json, false}));
    EXPECT_EQ(settings.public_url, "https://kefud.example.com");
}

TEST(LoadSettings, fills_in_what_other_settings_say) {
    Settings const settings = loaded(std::string{line_channel} + R"(
  - id: web
    type: webhooks
    locale: en
    quiet_window: 0
    webhooks: {secrets: [env:A, env:B], send_to: 'https://example.com/in'}
shop: {locale: cs}
notifiers:
  - {id: desk, type: line_group, channel: line-main, group: C1}
)");
    auto const& line = settings.channels.at(0);
    EXPECT_EQ(line.path, "/webhook/line-main");
    EXPECT_EQ(line.locale, "cs");
    EXPECT_EQ(line.quiet_window, std::nullopt);
    EXPECT_EQ(line.line.notification_groups, std::vector<std::string>{"C1"});
    EXPECT_EQ(line.line.channel_secrets, std::vector<Secret>{Secret{"<env:SECRET>"}});
    EXPECT_EQ(line.line.access_token.reveal(), "<credential:token>");
    auto const& web = settings.channels.at(1);
    EXPECT_EQ(web.type, ChannelType::webhooks);
    EXPECT_EQ(web.locale, "en");
    EXPECT_EQ(web.quiet_window, 0ms);
    EXPECT_EQ(web.webhooks.send_secret.reveal(), "<env:A>");
    EXPECT_EQ(settings.notifiers.at(0).locale, "cs");
}

TEST(LoadSettings, relative_paths_start_at_the_file_and_those_of_the_store_at_the_state_folder) {
    auto const text =
        "state: data\ncatalog: {path: ../catalog}\nstore: {path: a.sqlite3, media: /srv/media}\nlisten: {tls: {certificate: tls/c.pem, key: k.pem}}\n";
    Settings const settings = loaded(text);
    EXPECT_EQ(settings.state, "shop/data");
    EXPECT_EQ(settings.store.path, "shop/data/a.sqlite3");
    EXPECT_EQ(settings.store.media, "/srv/media");
    EXPECT_EQ(settings.catalog.path, "catalog");
    EXPECT_EQ(settings.listen.tls.certificate, "shop/tls/c.pem");

    auto const elsewhere = load_settings(text, "shop/kefud.yaml", pretend, "/tmp/other").value();
    EXPECT_EQ(elsewhere.store.path, "/tmp/other/a.sqlite3");
    EXPECT_EQ(loaded("").store.path, "/var/lib/kefud/kefud.sqlite3");
    EXPECT_EQ(loaded("").catalog.path, "");
}

TEST(LoadSettings, leaves_dollar_signs_alone) { EXPECT_EQ(loaded("shop: {name: '${HOME} $5'}").shop.name, "${HOME} $5"); }

TEST(LoadSettings, reports_everything_in_the_order_of_the_file) {
    EXPECT_EQ(errors_of("listen: {port: 70000, adress: 1.2.3.4}\nlog: {level: warn}\nshop: {locale: zh_Hant}\n"),
              "shop/kefud.yaml:1:16: expected a whole number from 0 to 65535, found '70000'\n"
              "shop/kefud.yaml:1:23: unknown key 'adress' (did you mean 'address'?)\n"
              "shop/kefud.yaml:2:14: expected debug, info, warning or error, found 'warn'\n"
              "shop/kefud.yaml:3:16: expected a language tag such as zh-Hant or cs, found 'zh_Hant'\n");
}

struct Wrong {
    char const* name;
    std::string text;
    std::string error;  // without the file
};

class WrongSettings : public testing::TestWithParam<Wrong> {};

TEST_P(WrongSettings, refuses) { EXPECT_EQ(errors_of(GetParam().text), "shop/kefud.yaml:" + GetParam().error + "\n"); }

INSTANTIATE_TEST_SUITE_P(
    OneSetting, WrongSettings,
    testing::Values(Wrong{"not_a_map", "[a]", "1:1: expected a map (key: value), found a list"},
                    Wrong{"host_name", "listen: {address: localhost}", "1:19: expected an IP address such as 127.0.0.1 or ::1, found 'localhost'"},
                    Wrong{"too_long_a_duration", "shutdown_grace: 6m", "1:17: expected at most 5m, found 6m"},
                    Wrong{"too_short_a_duration", "listen: {limits: {idle: 10ms}}", "1:25: expected at least 1s, found 10ms"},
                    Wrong{"size_out_of_range", "listen: {limits: {max_body: 1GiB}}", "1:29: expected 1KiB to 256MiB, found 1GiB"},
                    Wrong{"negative_days", "retention: {texts: -1}", "1:20: expected a whole number from 0 to 36500, found '-1'"},
                    Wrong{"time_zone", "shop: {time_zone: Taipei time}", "1:19: expected a time zone such as Asia/Taipei, found 'Taipei time'"},
                    Wrong{"id", "agents: [{name: 'a/b', token: env:T}]", "1:17: expected 1 to 64 letters, digits, '-', '_' or '.', found 'a/b'"},
                    Wrong{"empty_required_text", "agents: [{name: '', token: env:T}]", "1:17: must not be empty"},
                    Wrong{"missing_key", "agents: [{name: a}]", "1:10: missing key 'token'"},
                    Wrong{"list_of_languages", "agents: [{name: a, token: env:T, languages: [en, e]}]",
                          "1:50: expected a language tag such as zh-Hant or cs, found 'e'"},
                    Wrong{"url_path", "api: {path: api}", "1:13: expected a path that begins with '/', such as /webhook/shop, found 'api'"},
                    // URLs of webhooks are as good as a password: they are not repeated.
                    Wrong{"url_scheme", "public_url: ftp://example.com/hush", "1:13: expected a URL such as https://example.com/path (http or https)"},
                    Wrong{"url_without_host", "public_url: 'https:///hush'", "1:13: expected a URL such as https://example.com/path (http or https)"},
                    Wrong{"url_with_password", "public_url: 'https://me:hush@example.com'", "1:13: a user or password in a URL is not supported"},
                    Wrong{"url_with_fragment", "public_url: 'https://example.com/#hush'", "1:13: a URL with '#' is not supported"},
                    Wrong{"url_port", "public_url: 'https://example.com:0/'", "1:13: expected a port from 1 to 65535 in the URL"},
                    Wrong{"url_port_too_large", "public_url: 'https://example.com:99999/'", "1:13: expected a port from 1 to 65535 in the URL"}),
    [](auto const& test) { return std::string{test.param.name}; });

INSTANTIATE_TEST_SUITE_P(
    Secrets, WrongSettings,
    testing::Values(Wrong{"in_the_file", "agents: [{name: a, token: hush}]",
                          "1:27: a secret must not stand in this file; write file:/path, env:NAME or credential:NAME (for trying things out: "
                          "allow_plain_secrets: true)"},
                    Wrong{"not_resolved", "agents: [{name: a, token: env:EMPTY}]", "1:27: the environment variable EMPTY is not set"},
                    Wrong{"a_map", "agents: [{name: a, token: {hush: hush}}]", "1:27: expected a secret: file:/path, env:NAME or credential:NAME"},
                    Wrong{"empty", "allow_plain_secrets: true\nagents: [{name: a, token: ''}]",
                          "2:27: expected a secret: file:/path, env:NAME or credential:NAME"},
                    Wrong{"one_instead_of_a_list", "channels: [{id: a, type: line, line: {access_token: env:T, channel_secrets: hush}}]",
                          "1:77: expected a list, such as [file:/path]"},
                    Wrong{"none", "channels: [{id: a, type: line, line: {access_token: env:T, channel_secrets: []}}]", "1:77: expected a list of at least 1"}),
    [](auto const& test) { return std::string{test.param.name}; });

INSTANTIATE_TEST_SUITE_P(
    Together, WrongSettings,
    testing::Values(
        Wrong{"half_a_key_pair", "listen: {tls: {certificate: c.pem}}", "1:15: certificate and key belong together; key is missing"},
        Wrong{"channel_without_its_section", "channels:\n  - {id: a, type: line}\n", "2:5: missing key 'line'"},
        Wrong{"section_of_another_type", std::string{line_channel} + "    webhooks: {secrets: [env:A]}\n", "7:15: 'webhooks' is only for type webhooks"},
        Wrong{"bridge_without_proof", "channels: [{id: a, type: bridge, bridge: {accounts: [seat]}}]",
              "1:42: a bridge proves itself with one of `tokens`, or without a WebSocket with one of `secrets`"},
        Wrong{"unknown_type", "channels: [{id: a, type: lime, line: {}}]",
              "1:26: expected line, webhooks, bridge, telegram, messenger, whatsapp, chatwoot, onebot or web_chat, found 'lime'"},
        Wrong{"onebot_without_proof", "channels: [{id: a, type: onebot, onebot: {account: '1'}}]",
              "1:42: an implementation proves itself with one of `tokens`, or over HTTP POST with one of `secrets`, or is connected to (`connect`)"},
        Wrong{"onebot_account", "channels: [{id: a, type: onebot, onebot: {account: me, tokens: [env:A]}}]", "1:52: expected the account's number"},
        Wrong{"onebot_url", "channels: [{id: a, type: onebot, onebot: {account: '1', tokens: [env:A], connect: 'http://127.0.0.1:3001'}}]",
              "1:83: expected a URL such as wss://example.com/path (ws or wss)"},
        Wrong{"chat_for_nobody", "channels: [{id: a, type: web_chat, web_chat: {title: Hi}}]", "1:46: without `origins` or `page` nobody can open this chat"},
        Wrong{"origin_with_a_path", "channels: [{id: a, type: web_chat, web_chat: {origins: ['https://shop.example/']}}]",
              "1:57: expected an origin such as https://shop.example.com, without a path"},
        Wrong{"photos_larger_than_bodies", "channels: [{id: a, type: web_chat, web_chat: {page: true, max_file: 2MiB}}]",
              "1:69: max_file must not be more than listen.limits.max_body"},
        Wrong{"double_id", std::string{line_channel} + "  - {id: line-main, path: /b, type: line, line: {channel_secrets: [env:A], access_token: env:B}}\n",
              "7:10: the channel 'line-main' is already in line 2"},
        Wrong{"double_path",
              std::string{line_channel} + "  - {id: b, path: /webhook/line-main, type: line, line: {channel_secrets: [env:A], access_token: env:B}}\n",
              "7:19: the path '/webhook/line-main' is already in line 2"},
        Wrong{"guessable_desk",
              "channels: [{id: a, path: /webhook/desk, type: chatwoot, chatwoot: {url: 'https://c.example', account: '1', access_token: env:B}}]",
              "1:26: without chatwoot.secrets anybody who knows the path can write: end it with at least 16 random characters"},
        Wrong{"metas_path_with_another",
              std::string{line_channel} + "  - {id: b, path: /webhook/line-main, type: whatsapp, whatsapp: {phone_number_id: '1', app_secrets: [env:A], "
                                          "verify_token: env:B, access_token: "
                                          "env:C}}\n",
              "7:19: the path '/webhook/line-main' is already in line 2"},
        Wrong{"bridges_path_with_another",
              std::string{line_channel} + "  - {id: b, path: /webhook/line-main, type: bridge, bridge: {accounts: [seat], tokens: [env:A]}}\n",
              "7:19: the path '/webhook/line-main' is already in line 2"},
        Wrong{"mail_in_the_open", "notifiers: [{id: n, type: email, email: {server: mail.example, tls: none, from: a@b, to: [c@d]}}]",
              "1:69: none is only for a mail server on this machine"},
        Wrong{"line_without_a_token", "channels: [{id: a, type: line, line: {channel_secrets: [env:A]}}]",
              "1:38: access_token or issue.channel_id is needed: a token that stays, or tokens that are renewed"},
        Wrong{"line_key_without_its_id", "channels: [{id: a, type: line, line: {channel_secrets: [env:A], issue: {channel_id: '1', private_key: env:K}}}]",
              "1:72: private_key and key_id belong together"},
        Wrong{"line_v2_1_without_a_key", "channels: [{id: a, type: line, line: {channel_secrets: [env:A], issue: {channel_id: '1', kind: v2_1}}}]",
              "1:96: v2_1 needs private_key and key_id"},
        Wrong{"path_of_the_api", "channels: [{id: a, path: /api/v1/x, type: line, line: {channel_secrets: [env:A], access_token: env:B}}]",
              "1:26: '/api/v1/x' belongs to the API (api.path: /api/v1)"},
        Wrong{"unknown_channel", std::string{line_channel} + "notifiers: [{id: n, type: line_group, channel: line, group: C1}]",
              "7:48: no channel has the id 'line'; there are: line-main"},
        Wrong{"channel_of_the_wrong_type",
              "channels: [{id: w, type: webhooks, webhooks: {secrets: [env:A], send_to: 'https://example.com'}}]\n"
              "notifiers: [{id: n, type: line_group, channel: w, group: C1}]",
              "2:48: the channel 'w' is not of type line"},
        Wrong{"notifier_without_url", "notifiers: [{id: n, type: webhook}]", "1:13: missing key 'url'"},
        Wrong{"double_notifier", "notifiers:\n  - {id: n, type: webhook, url: 'https://a.example'}\n  - {id: n, type: webhook, url: 'https://b.example'}\n",
              "3:10: the notifier 'n' is already in line 2"},
        Wrong{"double_token", "agents:\n  - {name: a, token: env:T}\n  - {name: b, token: env:T}\n", "3:22: the same token as in line 2"},
        Wrong{"orders_without_url", "orders: {type: http, http: {mapping: shopify}}\n",
              "1:28: type http needs the URL of one order, with {order} where its number goes"},
        Wrong{"order_url_without_place", "orders: {type: http, http: {mapping: shopify, url: 'https://a.example/orders'}}\n",
              "1:52: expected a URL such as https://shop.example.com/orders/{order}"},
        Wrong{"order_in_the_host", "orders: {type: http, http: {mapping: shopify, url: 'https://{order}.example/'}}\n",
              "1:52: expected a URL such as https://shop.example.com/orders/{order}"},
        Wrong{"order_url_with_password", "orders: {type: http, http: {mapping: shopify, url: 'https://a:b@c.example/{order}'}}\n",
              "1:52: a user or password in a URL is not supported"},
        Wrong{"orders_of_nobody_certain",
              "orders: {type: http, http: {mapping: shopify, url: 'https://a.example/{order}', customer_url: 'https://a.example/?c={customer}'}}\n",
              "1:95: needs fields.customer too: a shop system that passes over the question would show other people's orders"},
        Wrong{"mapping_without_status",
              "orders: {type: http, http: {url: 'https://a.example/{order}'}, fields: {number: /n}, statuses: [{theirs: a, ours: lost}]}\n",
              "1:72: mapping custom needs 'status'"},
        Wrong{"no_json_pointer", "orders: {fields: {number: n~1}}\n", "1:27: expected a JSON pointer such as /shipment/carrier, found 'n~1'"},
        Wrong{"store_without_its_url", "store: {type: postgresql}\n", "1:8: expected a URL such as postgresql://kefud@db.example.com/kefud"},
        Wrong{"store_url_with_password", "store: {type: postgresql, url: 'postgresql://kefud:secret@db/kefud'}\n",
              "1:32: a password in a URL is not supported; name it in store.password"},
        Wrong{"store_lease_shorter_than_a_send", "store: {type: postgresql, url: 'postgresql://db/kefud', lease: 10s}\n",
              "1:64: expected at least 5s more than the longest send.timeout of a channel"},
        Wrong{"order_file_of_what_kind", "orders: {type: file, file: {path: orders.xlsx}}\n",
              "1:35: expected a file whose name ends in .csv, or the `table` of an SQLite database"},
        Wrong{"metrics_for_everybody", "metrics: {serve: main}\n",
              "1:10: serve: main needs a token, as whoever reaches the webhooks could read the metrics; or use serve: own"},
        Wrong{"metrics_for_other_machines", "metrics: {serve: own, address: 0.0.0.0}\n",
              "1:10: other machines reach 0.0.0.0: a token is needed, or an address such as 127.0.0.1"},
        Wrong{"connect_longer_than_timeout", std::string{line_channel} + "    send: {timeout: 2s}\n", "7:11: connect must not be longer than timeout"}),
    [](auto const& test) { return std::string{test.param.name}; });

TEST(LoadSettings, serves_metrics_without_a_token_to_this_machine_or_when_told_so) {
    for (auto const* text : {"metrics: {serve: own}", "metrics: {serve: own, address: '::1'}", "metrics: {serve: main, token: env:T}",
                             "metrics: {serve: main, allow_without_token: true}"})
        EXPECT_NE(loaded(text).metrics.serve, MetricsServer::off) << text;
    EXPECT_EQ(loaded("").metrics.serve, MetricsServer::off);
}

TEST(LoadSettings, reads_where_orders_are_looked_up) {
    auto const orders = loaded(R"(
orders:
  type: http
  http: {url: 'https://shop.example/orders/{order}', token: env:TOKEN, timeout: 2s}
  fields: {number: /nr, status: /a~1b/0}
  statuses:
    - {theirs: 已出貨, ours: shipped}
)")
                            .orders;
    EXPECT_EQ(orders.http.url, "https://shop.example/orders/{order}");
    EXPECT_EQ(orders.http.token.reveal(), "<env:TOKEN>");
    EXPECT_EQ(orders.http.timeout, 2s);
    EXPECT_EQ(orders.pointers.status, "/a~1b/0");
    EXPECT_EQ(orders.statuses, (std::vector{OrderStatusWord{"已出貨", OrderStatus::shipped}}));
    EXPECT_TRUE(orders.second_fact);
    EXPECT_EQ(loaded("orders: {type: file, file: {path: ../orders.csv}}").orders.file.path, "orders.csv");
}

TEST(LoadSettings, accounts_of_meta_may_share_a_path) {
    auto const settings = loaded(R"(
channels:
  - {id: a, path: /meta, type: messenger, messenger: {page_id: '1', app_id: '2', app_secrets: [env:A], verify_token: env:B, access_token: env:C}}
  - {id: b, path: /meta, type: whatsapp, whatsapp: {phone_number_id: '1', app_secrets: [env:A], verify_token: env:B, access_token: env:C}}
)");
    EXPECT_EQ(settings.channels.size(), 2u);
}

TEST(LoadSettings, web_chats_may_share_a_path) {
    auto const settings = loaded(R"(
channels:
  - {id: a, type: web_chat, web_chat: {page: true}}
  - {id: b, type: web_chat, web_chat: {origins: ['https://shop.example', 'http://localhost:8080']}}
)");
    EXPECT_EQ(settings.channels.at(0).path, "/chat");
    EXPECT_EQ(settings.channels.at(1).path, "/chat");
}

TEST(LoadSettings, bridges_may_share_a_path) {
    auto const settings = loaded(R"(
channels:
  - {id: a, type: bridge, bridge: {accounts: [one], tokens: [env:A]}}
  - {id: b, type: bridge, bridge: {accounts: [two], tokens: [env:B]}}
)");
    EXPECT_EQ(settings.channels.at(0).path, "/bridge/v1");
    EXPECT_EQ(settings.channels.at(1).path, "/bridge/v1");
}

TEST(LoadSettings, a_group_that_hears_of_cases_is_never_answered_in) {
    auto const settings = loaded(R"(
channels:
  - {id: a, type: telegram, telegram: {token: env:T, webhook_secret: env:S}}
notifiers:
  - {id: n, type: telegram, telegram: {token: env:T, chat: '-100'}}
)");
    EXPECT_EQ(settings.channels.at(0).telegram.notification_chats, std::vector<std::string>{"-100"});
}

TEST(LoadSettings, errors_never_show_a_secret) {
    std::string const said = errors_of(
        "agents: [{name: a, token: hush}, {name: b, token: [hush]}]\n"
        "channels:\n  - {id: c, type: webhooks, webhooks: {secrets: hush, send_to: 'http:hush', send_secret: {a: hush}}}\n");
    EXPECT_NE(said, "");
    EXPECT_EQ(said.find("hush"), std::string::npos) << said;
}

TEST(Demo, loads) {
    Settings const settings = load_settings(read_source("config/demo.yaml"), "config/demo.yaml", pretend).value();
    EXPECT_EQ(settings.store.path, "build/demo/kefud.sqlite3");
    EXPECT_EQ(settings.listen.port, 8080);
    ASSERT_EQ(settings.channels.size(), 3u);
    EXPECT_EQ(settings.channels[0].path, "/webhook/line/demo");
    EXPECT_EQ(settings.channels[0].line.channel_secrets.at(0).reveal(), "7f3a9c1e5b2d4f608a7c9e1b3d5f7081");
    EXPECT_EQ(settings.channels[0].quiet_window, 0ms);
    EXPECT_EQ(settings.channels[1].path, "/webhook/web-demo");
    EXPECT_EQ(settings.notifiers.at(0).url, "http://127.0.0.1:8099/notify");
    EXPECT_EQ(settings.agents.at(0).token.reveal(), "demo-agent-token");
}

}  // namespace
}  // namespace kefu
