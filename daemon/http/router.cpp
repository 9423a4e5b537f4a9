// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/router.hpp"

#include "daemon/http/target.hpp"

#include <algorithm>
#include <cassert>
#include <string_view>
#include <utility>

namespace kefu {

namespace {

bool is_parameter(std::string_view segment) { return segment.size() > 2 && segment.front() == '{' && segment.back() == '}'; }

bool matches(std::vector<std::string> const& pattern, std::vector<std::string> const& path) {
    if (pattern.size() != path.size()) return false;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        bool const fits = is_parameter(pattern[i]) ? !path[i].empty() : pattern[i] == path[i];
        if (!fits) return false;
    }
    return true;
}

/// Of two patterns for one path, the one that is literal where they first differ: /users/me before /users/{id}.
bool more_literal(std::vector<std::string> const& left, std::vector<std::string> const& right) {
    for (std::size_t i = 0; i < left.size(); ++i) {
        if (is_parameter(left[i]) != is_parameter(right[i])) return is_parameter(right[i]);
    }
    return false;
}

}  // namespace

void Router::add(std::string method, std::string_view pattern, Handler handler) {
    assert(pattern.starts_with('/'));
    routes_.push_back({std::move(method), path_segments(pattern), std::move(handler)});
}

net::awaitable<Response> Router::handle(Request request) const {
    auto const path = path_segments(request.target.empty() ? request.path : request.target);
    Route const* best = nullptr;
    std::vector<std::string> allowed;
    for (auto const& route : routes_) {
        if (!matches(route.segments, path)) continue;
        bool const suits = route.method == request.method || (route.method == "GET" && request.method == "HEAD");
        if (!suits) {
            allowed.push_back(route.method);
        } else if (best == nullptr || more_literal(route.segments, best->segments)) {
            best = &route;
        }
    }
    if (best != nullptr) {
        for (std::size_t i = 0; i < path.size(); ++i) {
            auto const& name = best->segments[i];
            if (is_parameter(name)) request.query[name.substr(1, name.size() - 2)] = path[i];
        }
        return best->handler(std::move(request));
    }
    if (allowed.empty()) return at_once(problem(404, "Not found", "Nothing is served under this path."));

    if (std::find(allowed.begin(), allowed.end(), "GET") != allowed.end()) allowed.push_back("HEAD");
    std::sort(allowed.begin(), allowed.end());
    allowed.erase(std::unique(allowed.begin(), allowed.end()), allowed.end());
    std::string list;
    for (auto const& method : allowed) list += (list.empty() ? "" : ", ") + method;
    auto refused = problem(405, "Method not allowed", "This path takes " + list + ".");
    refused.headers.add("Allow", std::move(list));
    return at_once(std::move(refused));
}

}  // namespace kefu
