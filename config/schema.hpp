// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

/// What is known about the settings, for people and their tools. All made from the `fields` of settings.hpp.
namespace kefu {

/// JSON Schema (Draft 2020-12) of kefud.yaml, for completion and checks in editors.
std::string settings_schema();

/// Markdown: a table per section with key, type, default and meaning.
std::string settings_reference();

/// kefud.yaml(5): the same as a manual page, in man(7) macros.
std::string settings_manual(std::string const& version);

/// config/kefud.yaml: every setting with its meaning, commented out, at its default or an example.
std::string settings_example();

}  // namespace kefu
