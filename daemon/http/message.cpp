// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/message.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace kefu {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool same_name(std::string_view left, std::string_view right) {
    return left.size() == right.size() && std::equal(left.begin(), left.end(), right.begin(), [](char a, char b) { return lower(a) == lower(b); });
}

Response with_body(std::string body, int status, std::string type) {
    Response response;
    response.status = status;
    response.headers.add("Content-Type", std::move(type));
    response.body = std::move(body);
    return response;
}

}  // namespace

void Headers::add(std::string name, std::string value) {
    if (fields_.capacity() == 0) fields_.reserve(8);
    fields_.emplace_back(std::move(name), std::move(value));
}

void Headers::set(std::string name, std::string value) {
    std::erase_if(fields_, [&](auto const& field) { return same_name(field.first, name); });
    add(std::move(name), std::move(value));
}

std::string_view Headers::get(std::string_view name) const {
    auto const found = std::find_if(fields_.begin(), fields_.end(), [&](auto const& field) { return same_name(field.first, name); });
    return found == fields_.end() ? std::string_view{} : std::string_view{found->second};
}

std::string_view Headers::last(std::string_view name) const {
    auto const found = std::find_if(fields_.rbegin(), fields_.rend(), [&](auto const& field) { return same_name(field.first, name); });
    return found == fields_.rend() ? std::string_view{} : std::string_view{found->second};
}

bool Headers::has(std::string_view name) const {
    return std::any_of(fields_.begin(), fields_.end(), [&](auto const& field) { return same_name(field.first, name); });
}

Response problem(int status, std::string_view title, std::string_view detail) {
    boost::json::object body;
    body["type"] = "about:blank";
    body["title"] = title;
    body["status"] = status;
    if (!detail.empty()) body["detail"] = detail;
    return with_body(boost::json::serialize(body), status, "application/problem+json");
}

Response json_response(std::string body, int status) { return with_body(std::move(body), status, "application/json"); }
Response text_response(std::string body, int status) { return with_body(std::move(body), status, "text/plain; charset=utf-8"); }

std::string address_of(Request const& request, bool behind_proxy) {
    if (!behind_proxy) return request.remote;
    auto const chain = request.headers.last("x-forwarded-for");  // a proxy appends to the field, or a field of its own
    auto const comma = chain.rfind(',');
    auto last = comma == std::string_view::npos ? chain : chain.substr(comma + 1);
    while (!last.empty() && last.front() == ' ') last.remove_prefix(1);
    return last.empty() ? request.remote : std::string{last};
}

std::string_view bearer_token(Request const& request) {
    constexpr std::string_view scheme = "Bearer ";
    auto const header = request.headers.get("authorization");
    return header.starts_with(scheme) ? header.substr(scheme.size()) : std::string_view{};
}

net::awaitable<Response> at_once(Response response) { co_return response; }

net::awaitable<Response> on_home(net::any_io_executor home, net::awaitable<Response> work) {
    Response response = co_await net::co_spawn(home, std::move(work), net::use_awaitable);
    co_return response;
}

}  // namespace kefu
