// SPDX-License-Identifier: Apache-2.0
#include "config/settings_checks.hpp"

#include <boost/url/ipv4_address.hpp>
#include <boost/url/ipv6_address.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <charconv>

namespace kefu {

namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// 1 to 64 letters, digits and characters of `more`.
bool consists_of(std::string_view text, std::string_view more, std::size_t longest = 64) {
    return !text.empty() && text.size() <= longest &&
           std::all_of(text.begin(), text.end(), [&](char c) { return is_letter(c) || is_digit(c) || more.find(c) != std::string_view::npos; });
}

/// BCP 47 in outline: a language of 2 or 3 letters, then subtags of 1 to 8 letters and digits. Whether texts exist in it is the catalog's matter.
bool is_locale(std::string_view text) {
    if (!consists_of(text, "-")) return false;
    std::size_t start = 0;
    for (bool first = true; start <= text.size(); first = false) {
        std::size_t const end = std::min(text.find('-', start), text.size());
        auto const part = text.substr(start, end - start);
        if (part.empty() || part.size() > 8) return false;
        if (first && (part.size() > 3 || part.size() < 2 || !std::all_of(part.begin(), part.end(), is_letter))) return false;
        start = end + 1;
    }
    return true;
}

bool is_ip(std::string const& text) { return boost::urls::parse_ipv4_address(text).has_value() || boost::urls::parse_ipv6_address(text).has_value(); }

bool is_port(std::string_view text) {
    unsigned number = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() && number >= 1 && number <= 65535;
}

/// The message does not repeat the URL: those of webhooks are as good as a password. `scheme`: http or ws.
std::optional<std::string> wrong_url(std::string const& text, std::string const& scheme = "http") {
    auto const url = boost::urls::parse_uri(text);
    if (!url || (url->scheme() != scheme && url->scheme() != scheme + 's') || url->encoded_host().empty())
        return "expected a URL such as " + scheme + "s://example.com/path (" + scheme + " or " + scheme + "s)";
    if (url->has_userinfo()) return "a user or password in a URL is not supported";
    if (url->has_fragment()) return "a URL with '#' is not supported";
    if (url->has_port() && !is_port(std::string_view{url->port().data(), url->port().size()})) return "expected a port from 1 to 65535 in the URL";
    return std::nullopt;
}

bool is_url_path(std::string_view text) { return text.starts_with('/') && consists_of(text, "-._~/", 512) && text.find("//") == std::string_view::npos; }

/// RFC 6901: '~' only as "~0" or "~1".
bool is_json_pointer(std::string_view text) {
    for (auto at = text.find('~'); at != std::string_view::npos; at = text.find('~', at + 1))
        if (at + 1 == text.size() || (text[at + 1] != '0' && text[at + 1] != '1')) return false;
    return text.starts_with('/');
}

/// RFC 6454: scheme, host, perhaps a port; browsers write it in lower case and without a slash.
bool is_origin(std::string_view text) {
    bool const web = text.starts_with("https://") || text.starts_with("http://");
    auto const host = web ? text.substr(text.find("://") + 3) : std::string_view{};
    auto const fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || std::string_view{"-._:[]"}.find(c) != std::string_view::npos; };
    return !host.empty() && std::all_of(host.begin(), host.end(), fits);
}

bool is_in(std::string const& path, std::string const& folder) { return path == folder || path.starts_with(folder.ends_with('/') ? folder : folder + '/'); }

std::string item(char const* list, std::size_t index) { return std::string{list} + '[' + std::to_string(index) + ']'; }

class Checks {
  public:
    Checks(Settings const& settings, SettingPlaces const& places, Errors& errors) : settings_(settings), places_(places), errors_(errors) {}

    void run() {
        auto const& listen = settings_.listen;
        if (listen.tls.certificate.empty() != listen.tls.key.empty())
            wrong("listen.tls", std::string{"certificate and key belong together; "} + (listen.tls.key.empty() ? "key" : "certificate") + " is missing");

        only_once("channels", settings_.channels, "id", "channel", [](auto const& channel) { return channel.id.value; });
        only_once("channels", settings_.channels, "path", "path", [this](auto const& channel) { return is_shared(channel) ? std::string{} : channel.path; });
        only_once("notifiers", settings_.notifiers, "id", "notifier", [](auto const& notifier) { return notifier.id; });
        only_once("agents", settings_.agents, "name", "agent", [](auto const& agent) { return agent.name; });
        only_once("agents", settings_.agents, "token", "", [](auto const& agent) { return agent.token.reveal(); });

        for (std::size_t i = 0; i < settings_.channels.size(); ++i) check(settings_.channels[i], item("channels", i));
        for (std::size_t i = 0; i < settings_.notifiers.size(); ++i) check(settings_.notifiers[i], item("notifiers", i));
        check(settings_.orders);
        check(settings_.store);
        check(settings_.metrics);
    }

  private:
    void wrong(std::string setting, std::string message) { errors_.push_back({Errc::bad_config, std::move(message), places_.of(std::move(setting))}); }

    /// Two entries of a list must not agree in `key`. An empty `what` says that the value is a secret.
    template <class Entry, class Get>
    void only_once(char const* list, std::vector<Entry> const& entries, char const* key, std::string_view what, Get get) {
        for (std::size_t i = 0; i < entries.size(); ++i) {
            std::string const value = get(entries[i]);
            if (value.empty()) continue;
            for (std::size_t j = 0; j < i; ++j) {
                if (get(entries[j]) != value) continue;
                auto const first = "line " + std::to_string(places_.of(item(list, j) + '.' + key).line);
                std::string message{what.empty() ? "the same " : "the "};
                message += what.empty() ? std::string{key} + " as in " : std::string{what}.append(" '").append(value).append("' is already in ");
                wrong(item(list, i) + '.' + key, message + first);
                break;
            }
        }
    }

    /// Whoever else has this path may have it too.
    bool is_shared(ChannelSettings const& channel) const {
        return std::all_of(settings_.channels.begin(), settings_.channels.end(),
                           [&](auto const& other) { return other.path != channel.path || may_share_path(channel.type, other.type); });
    }

    void check(ChannelSettings const& channel, std::string const& at) {
        constexpr std::size_t unguessable = 16;
        bool const unsigned_desk = channel.type == ChannelType::chatwoot && channel.chatwoot.secrets.empty();
        if (unsigned_desk && channel.path.size() - channel.path.rfind('/') <= unguessable)
            wrong(at + ".path", "without chatwoot.secrets anybody who knows the path can write: end it with at least 16 random characters");
        if (settings_.api.enabled && is_in(channel.path, settings_.api.path))
            wrong(at + ".path", "'" + channel.path + "' belongs to the API (api.path: " + settings_.api.path + ")");
        for (std::size_t i = 0; i < channel.bridge.accounts.size(); ++i)
            if (!consists_of(channel.bridge.accounts[i], "-_.@:", 128))
                wrong(item((at + ".bridge.accounts").c_str(), i), "expected 1 to 128 letters, digits, '-', '_', '.', '@' or ':'");
        if (channel.type == ChannelType::bridge && channel.bridge.tokens.empty() && channel.bridge.secrets.empty())
            wrong(at + ".bridge", "a bridge proves itself with one of `tokens`, or without a WebSocket with one of `secrets`");
        if (channel.type == ChannelType::line) check(channel.line, at + ".line");
        if (channel.type == ChannelType::onebot) check(channel.onebot, at + ".onebot");
        if (channel.type == ChannelType::web_chat) check(channel.web_chat, at + ".web_chat");
        if (channel.send.connect > channel.send.timeout) wrong(at + ".send.connect", "connect must not be longer than timeout");
        if (channel.send.first_retry > channel.send.longest_retry) wrong(at + ".send.first_retry", "first_retry must not be longer than longest_retry");
    }

    void check(LineSettings const& line, std::string const& at) {
        auto const& issue = line.issue;
        bool const there = !line.channel_secrets.empty();  // else that is said already
        if (there && line.access_token.empty() && issue.channel_id.empty())
            wrong(at, "access_token or issue.channel_id is needed: a token that stays, or tokens that are renewed");
        if (issue.private_key.empty() != issue.key_id.empty()) wrong(at + ".issue", "private_key and key_id belong together");
        if (issue.kind == LineTokenKind::v2_1 && issue.private_key.empty()) wrong(at + ".issue.kind", "v2_1 needs private_key and key_id");
    }

    void check(OneBotSettings const& onebot, std::string const& at) {
        bool const v11 = onebot.version == OneBotVersion::v11;
        if (v11 && !std::all_of(onebot.account.begin(), onebot.account.end(), is_digit)) wrong(at + ".account", "expected the account's number");
        if (!v11 && !consists_of(onebot.account, "-_.@:", 128)) wrong(at + ".account", "expected 1 to 128 letters, digits, '-', '_', '.', '@' or ':'");
        if (onebot.tokens.empty() && onebot.secrets.empty() && onebot.connect.empty())
            wrong(at, "an implementation proves itself with one of `tokens`, or over HTTP POST with one of `secrets`, or is connected to (`connect`)");
        if (!v11 && !onebot.secrets.empty()) wrong(at + ".secrets", "OneBot 12 signs nothing; its webhooks prove themselves with one of `tokens`");
        if (onebot.connect.empty() && !onebot.connect_events.empty()) wrong(at + ".connect_events", "needs `connect` for the actions");
    }

    void check(WebChatSettings const& chat, std::string const& at) {
        for (std::size_t i = 0; i < chat.origins.size(); ++i)
            if (!is_origin(chat.origins[i])) wrong(item((at + ".origins").c_str(), i), "expected an origin such as https://shop.example.com, without a path");
        if (chat.origins.empty() && !chat.page) wrong(at, "without `origins` or `page` nobody can open this chat");
        if (chat.max_file > settings_.listen.limits.max_body) wrong(at + ".max_file", "max_file must not be more than listen.limits.max_body");
    }

    void check(NotifierSettings const& notifier, std::string const& at) {
        bool const this_machine = notifier.email.server == "localhost" || notifier.email.server == "127.0.0.1" || notifier.email.server == "::1";
        if (notifier.type == NotifierType::email && notifier.email.tls == MailTls::none && !this_machine)
            wrong(at + ".email.tls", "none is only for a mail server on this machine");
        if (notifier.type != NotifierType::line_group || notifier.channel.empty()) return;
        auto const found = std::find_if(settings_.channels.begin(), settings_.channels.end(), [&](auto const& c) { return c.id == notifier.channel; });
        if (found == settings_.channels.end()) {
            wrong(at + ".channel", "no channel has the id '" + notifier.channel.value + "'" + known_channels());
        } else if (found->type != ChannelType::line) {
            wrong(at + ".channel", "the channel '" + notifier.channel.value + "' is not of type line");
        }
    }

    /// A proxy in front of the main port forwards what it is told to; nobody should have to think of /metrics there.
    void check(MetricsSettings const& metrics) {
        if (!metrics.token.empty() || metrics.allow_without_token) return;
        if (metrics.serve == MetricsServer::main)
            wrong("metrics.token", "serve: main needs a token, as whoever reaches the webhooks could read the metrics; or use serve: own");
        if (metrics.serve == MetricsServer::own && !metrics.address.starts_with("127.") && metrics.address != "::1")
            wrong("metrics.token", "other machines reach " + metrics.address + ": a token is needed, or an address such as 127.0.0.1");
    }

    void check(OrderSettings const& orders) {
        if (orders.type == OrderSystem::http) check(orders.http, orders);
        if (orders.type == OrderSystem::file) {
            if (orders.file.path.empty()) wrong("orders.file.path", "type file needs the path of the file");
            if (orders.file.table.empty() && orders.file.path.extension() != ".csv")
                wrong("orders.file.path", "expected a file whose name ends in .csv, or the `table` of an SQLite database");
        }
    }

    void check(OrderHttpSettings const& http, OrderSettings const& orders) {
        if (http.url.empty()) wrong("orders.http.url", "type http needs the URL of one order, with {order} where its number goes");
        check_template("orders.http.url", http.url, "{order}");
        check_template("orders.http.customer_url", http.customer_url, "{customer}");
        if (!http.customer_url.empty() && orders.pointers.customer.empty())
            wrong("orders.http.customer_url", "needs fields.customer too: a shop system that passes over the question would show other people's orders");
        if (http.mapping != OrderMappingName::custom) return;
        for (auto const& [key, value] : {std::pair{"number", &orders.pointers.number}, {"status", &orders.pointers.status}})
            if (value->empty()) wrong("orders.fields." + std::string{key}, "mapping custom needs '" + std::string{key} + "'");
        if (orders.statuses.empty()) wrong("orders.statuses", "mapping custom needs the shop's words for where an order is");
    }

    /// The password has a setting of its own, which nothing prints.
    void check(StoreSettings const& store) {
        if (store.type != StoreType::postgresql) return;
        bool const is_uri = store.url.starts_with("postgresql://") || store.url.starts_with("postgres://");
        if (!is_uri) return wrong("store.url", "expected a URL such as postgresql://kefud@db.example.com/kefud");
        auto const authority = std::string_view{store.url}.substr(store.url.find("://") + 3);
        auto const user = authority.substr(0, authority.substr(0, authority.find('/')).rfind('@') + 1);
        if (user.find(':') != std::string_view::npos || store.url.find("password=") != std::string::npos)
            wrong("store.url", "a password in a URL is not supported; name it in store.password");
        if (store.lease < store.longest_send + 5s) wrong("store.lease", "expected at least 5s more than the longest send.timeout of a channel");
    }

    /// The placeholder stands in the path or the query, never in the host: where we ask is for the operator to say.
    void check_template(std::string const& setting, std::string const& url, std::string_view placeholder) {
        if (url.empty()) return;
        auto const at = url.find(placeholder);
        auto const host = url.find("://");
        if (at == std::string::npos || host == std::string::npos || url.find('/', host + 3) > at)
            return wrong(setting, "expected a URL such as https://shop.example.com/orders/" + std::string{placeholder});
        auto filled = url;
        for (auto next = at; next != std::string::npos; next = filled.find(placeholder)) filled.replace(next, placeholder.size(), "0");
        if (auto problem = wrong_url(filled)) wrong(setting, *std::move(problem));
    }

    std::string known_channels() const {
        std::string names;
        for (auto const& channel : settings_.channels)
            if (!channel.id.empty()) names += (names.empty() ? "" : ", ") + channel.id.value;
        return names.empty() ? "; there are no channels" : "; there are: " + names;
    }

    Settings const& settings_;
    SettingPlaces const& places_;
    Errors& errors_;
};

}  // namespace

std::optional<std::string> wrong_shape(Shape shape, std::string const& text) {
    auto const unless = [&](bool right, std::string_view expected) -> std::optional<std::string> {
        if (right) return std::nullopt;
        return "expected " + std::string{expected} + ", found '" + text + "'";
    };
    switch (shape) {
        case Shape::any:
            return std::nullopt;
        case Shape::ip:
            return unless(is_ip(text), "an IP address such as 127.0.0.1 or ::1");
        case Shape::name:
            return unless(consists_of(text, "-_."), "1 to 64 letters, digits, '-', '_' or '.'");
        case Shape::locale:
            return unless(is_locale(text), "a language tag such as zh-Hant or cs");
        case Shape::time_zone:
            return unless(consists_of(text, "/_+-"), "a time zone such as Asia/Taipei");
        case Shape::url:
            return wrong_url(text);
        case Shape::ws_url:
            return wrong_url(text, "ws");
        case Shape::url_path:
            return unless(is_url_path(text), "a path that begins with '/', such as /webhook/shop");
        case Shape::json_pointer:
            return unless(is_json_pointer(text), "a JSON pointer such as /shipment/carrier");
    }
    return std::nullopt;
}

SourceLocation SettingPlaces::of(std::string setting) const {
    while (true) {
        if (auto const found = places_.find(setting); found != places_.end()) return found->second;
        if (setting.empty()) return {};
        auto const parent = setting.find_last_of(".[");
        setting.resize(parent == std::string::npos ? 0 : parent);
    }
}

void check_together(Settings const& settings, SettingPlaces const& places, Errors& errors) { Checks{settings, places, errors}.run(); }

}  // namespace kefu
