// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"

#include <filesystem>
#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>
#include <utility>

namespace kefu {

/// A password, key or token. Never printed: not by streams, not in logs, not in JSON. Search for `reveal()` to see who uses one.
class Secret {
  public:
    Secret() = default;
    explicit Secret(std::string value) : value_(std::move(value)) {}

    std::string const& reveal() const { return value_; }
    bool empty() const { return value_.empty(); }

    friend bool operator==(Secret const&, Secret const&) = default;
    friend std::ostream& operator<<(std::ostream& out, Secret const& secret);  ///< "(secret)" or "(no secret)"

  private:
    std::string value_;
};

/// Fetches what `file:/path`, `env:NAME` or `credential:NAME` stands for. The error says what to do; its place is added by the caller.
using SecretResolver = std::function<Result<std::string>(std::string_view reference)>;

/// True for text that is a reference, not the secret itself.
bool is_secret_reference(std::string_view text);

/// Reads from this machine: a file (one trailing line end is cut), an environment variable, or what systemd's LoadCredential= passed: the file NAME in
/// $CREDENTIALS_DIRECTORY, or secrets_NAME, as systemd calls the files of a folder it passes as "secrets" (systemd/kefud.service does). Outside of systemd,
/// as for `kefud check` in a shell, `folder` is where the unit has them from. At most 64 KiB; empty is an error.
Result<std::string> read_secret(std::string_view reference, std::filesystem::path const& folder = {});

}  // namespace kefu
