// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/settings.hpp"

#include <map>

/// Parts of load_settings().
namespace kefu {

/// What is wrong with the text, "expected ... "; nothing when it has the shape.
std::optional<std::string> wrong_shape(Shape shape, std::string const& text);

/// Where each setting stands in the file: "channels[0].path" → place.
class SettingPlaces {
  public:
    void add(std::string setting, SourceLocation where) { places_[std::move(setting)] = std::move(where); }
    bool has(std::string const& setting) const { return places_.contains(setting); }

    /// Of a setting that is not in the file: the place of what it would be in.
    SourceLocation of(std::string setting) const;

  private:
    std::map<std::string, SourceLocation> places_;
};

/// What one setting says about another: double ids and paths, unknown channels, half a TLS key pair.
void check_together(Settings const& settings, SettingPlaces const& places, Errors& errors);

}  // namespace kefu
