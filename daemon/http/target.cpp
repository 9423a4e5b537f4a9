// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/target.hpp"

#include <boost/url/encode.hpp>
#include <boost/url/encoding_opts.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/pct_string_view.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <boost/url/scheme.hpp>
#include <boost/url/url.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

namespace kefu {

namespace {

namespace urls = boost::urls;

/// Nothing when an escape is broken, or when it hides a control character (a NUL would end the text early for C libraries).
std::optional<std::string> decoded(std::string_view text, bool plus_is_space) {
    auto const checked = urls::make_pct_string_view(text);
    if (!checked) return std::nullopt;
    urls::encoding_opts how;
    how.space_as_plus = plus_is_space;
    std::string plain = checked->decode(how);
    auto const control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    bool const line_breaks_are_fine = plus_is_space;  // a query may carry a text field
    for (char c : plain) {
        if (control(c) && !(line_breaks_are_fine && (c == '\n' || c == '\r' || c == '\t'))) return std::nullopt;
    }
    return plain;
}

bool is_web(urls::url_view const& url) { return url.scheme_id() == urls::scheme::http || url.scheme_id() == urls::scheme::https; }

bool is_port(std::string_view text) {
    std::uint16_t port = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    return error == std::errc{} && end == text.data() + text.size() && port != 0;
}

std::string_view before_query(std::string_view target) { return target.substr(0, target.find_first_of("?#")); }

/// Of what may be no URL at all; without a user's name and password.
std::string scheme_and_host(std::string_view text) {
    auto const colon = text.find("://");
    auto const start = colon == std::string_view::npos ? 0 : colon + 3;
    auto const authority = text.substr(start, text.find_first_of("/?#", start) - start);
    return std::string{text.substr(0, start)}.append(authority.substr(authority.rfind('@') + 1));
}

bool read_query(std::string_view text, std::map<std::string, std::string>& query) {
    while (!text.empty()) {
        auto const end = text.find('&');
        auto const pair = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (pair.empty()) continue;
        auto const equals = pair.find('=');
        auto name = decoded(pair.substr(0, equals), true);
        auto value = decoded(equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1), true);
        if (!name || !value) return false;
        query.emplace(std::move(*name), std::move(*value));
    }
    return true;
}

}  // namespace

Result<void> read_target(Request& request) {
    std::string& target = request.target;
    if (!target.starts_with('/')) {
        auto const absolute = urls::parse_uri(target);
        if (!absolute || !is_web(*absolute)) return Error{Errc::bad_payload, "the request target is not a path"};
        std::string rest{absolute->encoded_resource()};
        if (!rest.starts_with('/')) rest.insert(0, 1, '/');
        target = std::move(rest);
    }
    if (target.find_first_of("%?#") == std::string::npos) {
        request.path = target;
        return {};
    }
    auto const path = before_query(target);
    auto plain = decoded(path, false);
    if (!plain) return Error{Errc::bad_payload, "the path holds a broken escape"};
    request.path = std::move(*plain);
    auto const rest = std::string_view{target}.substr(path.size());
    if (rest.starts_with('?') && !read_query(rest.substr(1, rest.find('#') - 1), request.query)) {
        return Error{Errc::bad_payload, "the query holds a broken escape"};
    }
    return {};
}

std::vector<std::string> path_segments(std::string_view target) {
    auto path = before_query(target);
    std::vector<std::string> segments;
    if (path.starts_with('/')) path.remove_prefix(1);
    if (path.empty()) return segments;
    while (true) {
        auto const end = path.find('/');
        auto const segment = path.substr(0, end);
        if (segment.find('%') == std::string_view::npos) {
            segments.emplace_back(segment);
        } else {
            segments.push_back(decoded(segment, false).value_or(std::string{segment}));
        }
        if (end == std::string_view::npos) return segments;
        path.remove_prefix(end + 1);
    }
}

Result<Url> read_url(std::string const& text) {
    auto const parsed = urls::parse_uri(text);
    auto const shown = scheme_and_host(text);
    if (!parsed || !is_web(*parsed)) return Error{Errc::bad_config, "'" + shown + "' is not an http or https address"};
    if (parsed->has_userinfo()) return Error{Errc::bad_config, "the address holds a user name: give credentials in a header"};
    Url url;
    url.tls = parsed->scheme_id() == urls::scheme::https;
    std::string_view const default_port = url.tls ? "443" : "80";
    url.host = parsed->host_address();
    if (url.host.empty()) return Error{Errc::bad_config, "'" + shown + "' has no host"};
    auto const control_or_space = [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; };
    if (std::any_of(url.host.begin(), url.host.end(), control_or_space)) return Error{Errc::bad_config, "the host of the address holds a space"};
    url.port = std::string{parsed->port()};
    if (url.port.empty()) url.port = std::string{default_port};
    if (!is_port(url.port)) return Error{Errc::bad_config, "'" + shown + "' has an impossible port"};
    url.authority = std::string{parsed->encoded_host()};
    if (url.port != default_port) url.authority += ':' + url.port;
    url.target = std::string{parsed->encoded_resource()};
    url.target.resize(std::min(url.target.size(), url.target.find('#')));
    if (!url.target.starts_with('/')) url.target.insert(0, 1, '/');
    return url;
}

Result<std::string> resolve_url(std::string const& base, std::string_view reference) {
    auto const from = urls::parse_uri(base);
    auto const to = urls::parse_uri_reference(reference);
    urls::url resolved;
    if (from) resolved = *from;
    if (!from || !to || !resolved.resolve(*to)) return Error{Errc::bad_payload, "the answer points to what is no address"};
    return std::string{resolved.buffer()};
}

std::string percent_encoded(std::string_view text) { return urls::encode(text, urls::unreserved_chars); }

}  // namespace kefu
