// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/settings.hpp"

namespace kefu {

/// Reads kefud.yaml; reports everything that is wrong with it, with its place. `file` is what errors name; relative paths in it start at
/// its folder, those of `store` at `state`. A given `state` replaces that key. Files other than secrets are not looked at. `${}` stays as it is.
Checked<Settings> load_settings(std::string_view text, std::string file, SecretResolver const& resolve_secret, std::filesystem::path const& state = {});

}  // namespace kefu
