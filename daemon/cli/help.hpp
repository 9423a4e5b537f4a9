// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

/// The command line as plain data, and what is made from it for people and their shells. What `--help` says is the only source.
namespace kefu::cli {

struct OptionHelp {
    std::vector<std::string> names;    ///< "--config", "-c"; empty for what is known by its place
    std::string argument;              ///< what it is followed by, "FILE"; empty: nothing
    std::string meaning;               ///< and its default, where it has one
    std::vector<std::string> choices;  ///< the only values; empty: any
    bool required = false;

    /// What a shell may offer in its place.
    bool takes_file() const { return argument.find("FILE") != std::string::npos; }
    bool takes_folder() const { return !takes_file() && (argument == "FOLDER" || argument == "DIR"); }
};

struct CommandHelp {
    std::string name;  ///< "evidence verify" for a command of a command
    std::string meaning;
    std::vector<OptionHelp> options;
    std::vector<CommandHelp> commands;
};

/// kefud(1), in man(7) macros.
std::string manual_page(CommandHelp const& program, std::string const& version);

std::string bash_completion(CommandHelp const& program);
std::string zsh_completion(CommandHelp const& program);
std::string fish_completion(CommandHelp const& program);

}  // namespace kefu::cli
