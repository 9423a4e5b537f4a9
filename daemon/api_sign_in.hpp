// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/api_parts.hpp"
#include "daemon/console/password.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>

/// What the files of signing in share: api_identify.cpp, api_sign_in.cpp, api_account.cpp. Nobody else includes this.
namespace kefu::api {

/// Of the moment; a reload may replace them at any co_await.
std::shared_ptr<Settings const> settings_of(ContextPtr const& context);

// api_identify.cpp

/// Who is signed in by cookie; nothing: nobody, or no longer.
net::awaitable<Result<std::optional<SignedIn>>> by_cookie(ContextPtr context, std::string token);
Response signed_out();

// api_sign_in.cpp

Response too_often(std::chrono::milliseconds wait);
Response busy();

/// For the pool for passwords.
struct HashPassword {
    std::string password;
    std::string operator()() const { return hash_password(password); }
};

struct ComparePassword {
    std::string password, hash;
    bool operator()() const { return is_password(password, hash); }
};

bool is_password_length(std::string const& password);
Response wrong_length();

/// On the pool for passwords; nothing when too many wait there.
net::awaitable<std::optional<std::string>> hashed(ContextPtr context, HashPassword work);
net::awaitable<std::optional<bool>> compared(ContextPtr context, ComparePassword work);

// api_account.cpp

/// What people do with their own session: sign out, choose another password, a second factor.
void add_account(Router& router, std::string const& base, ContextPtr context);

}  // namespace kefu::api
