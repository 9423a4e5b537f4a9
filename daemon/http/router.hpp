// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/http/message.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace kefu {

/// Finds the handler for a request. Patterns are literal segments and `{name}` for one segment; the values are given in Request::query
/// under that name. 404 and 405 (with Allow) are problem JSON. Filled before the listener starts; replaced whole on reload.
class Router {
  public:
    void add(std::string method, std::string_view pattern, Handler handler);
    net::awaitable<Response> handle(Request request) const;

  private:
    struct Route {
        std::string method;
        std::vector<std::string> segments;
        Handler handler;
    };
    std::vector<Route> routes_;
};

}  // namespace kefu
