// SPDX-License-Identifier: Apache-2.0
#include "daemon/cli/help.hpp"

#include <functional>
#include <set>
#include <string_view>

namespace kefu::cli {

namespace {

/// In single quotes; the shells differ in how one stands inside.
std::string quoted(std::string_view text, std::string_view quote) {
    std::string out{"'"};
    for (char const c : text) {
        if (c == '\'')
            out += quote;
        else
            out += c;
    }
    return out + "'";
}

constexpr std::string_view posix_quote = "'\\''";

/// What may be typed after a command: its options, its own commands, the values of what is known by its place.
std::string words_after(CommandHelp const& command) {
    std::string words;
    auto const add = [&](std::string const& word) { words += (words.empty() ? "" : " ") + word; };
    for (auto const& option : command.options) {
        for (auto const& name : option.names) add(name);
        if (option.names.empty())
            for (auto const& choice : option.choices) add(choice);
    }
    for (auto const& more : command.commands) add(more.name.substr(more.name.rfind(' ') + 1));
    return words;
}

/// "--config|-c|--record": the options of all commands for which `wanted` holds.
std::string options_that(CommandHelp const& program, std::function<bool(OptionHelp const&)> const& wanted) {
    std::set<std::string> names;
    std::function<void(CommandHelp const&)> const look = [&](CommandHelp const& command) {
        for (auto const& option : command.options)
            if (wanted(option)) names.insert(option.names.begin(), option.names.end());
        for (auto const& more : command.commands) look(more);
    };
    look(program);
    std::string text;
    for (auto const& name : names) text += (text.empty() ? "" : "|") + name;
    return text;
}

/// zsh gives brackets and colons in a specification a meaning.
std::string zsh_text(std::string_view text) {
    std::string out;
    for (char const c : text) {
        if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
        out += c;
    }
    return out;
}

std::string zsh_action(OptionHelp const& option) {
    if (!option.choices.empty()) {
        std::string list;
        for (auto const& choice : option.choices) list += (list.empty() ? "" : " ") + choice;
        return "(" + list + ")";
    }
    return option.takes_file() ? "_files" : option.takes_folder() ? "_files -/" : " ";
}

std::string zsh_arguments(CommandHelp const& command) {
    std::string text;
    for (auto const& option : command.options) {
        auto const value = ":" + zsh_text(option.argument) + ":" + zsh_action(option);
        if (option.names.empty()) text += " " + quoted("::" + value.substr(1), posix_quote);
        for (auto const& name : option.names)
            text += " " + quoted(name + "[" + zsh_text(option.meaning) + "]" + (option.argument.empty() ? "" : value), posix_quote);
    }
    return text;
}

std::string fish_option(std::string const& condition, OptionHelp const& option) {
    std::string line = "complete -c kefud -n " + quoted(condition, "\\'");
    for (auto const& name : option.names) line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
    std::string choices;
    for (auto const& choice : option.choices) choices += (choices.empty() ? "" : " ") + choice;
    if (!choices.empty()) line += " -x -a " + quoted(choices, "\\'");
    if (choices.empty() && option.takes_file()) line += " -r -F";
    if (choices.empty() && option.takes_folder()) line += " -x -a '(__fish_complete_directories)'";
    if (choices.empty() && !option.takes_file() && !option.takes_folder() && !option.argument.empty()) line += " -x";
    return line + " -d " + quoted(option.meaning, "\\'") + "\n";
}

}  // namespace

std::string bash_completion(CommandHelp const& program) {
    std::string names;
    std::string cases;
    for (auto const& command : program.commands) {
        names += (names.empty() ? "" : "|") + command.name;
        cases += "        " + command.name + ") words=" + quoted(words_after(command), posix_quote) + " ;;\n";
    }
    return "# bash completion for kefud; made by kefud manual bash\n"
           "_kefud() {\n"
           "    local current=${COMP_WORDS[COMP_CWORD]} command='' word words\n"
           "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
           "        case $word in " +
           names +
           ") command=$word; break ;; esac\n"
           "    done\n"
           "    case ${COMP_WORDS[COMP_CWORD-1]} in\n"
           "        " +
           options_that(program, &OptionHelp::takes_file) +
           ") mapfile -t COMPREPLY < <(compgen -f -- \"$current\"); return ;;\n"
           "        " +
           options_that(program, &OptionHelp::takes_folder) +
           ") mapfile -t COMPREPLY < <(compgen -d -- \"$current\"); return ;;\n"
           "    esac\n"
           "    case $command in\n" +
           cases + "        *) words=" + quoted(words_after(program), posix_quote) +
           " ;;\n"
           "    esac\n"
           "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
           "}\n"
           "complete -o bashdefault -o default -F _kefud kefud\n";
}

std::string zsh_completion(CommandHelp const& program) {
    std::string commands;
    std::string cases;
    for (auto const& command : program.commands) {
        commands += "            " + quoted(zsh_text(command.name) + ":" + command.meaning, posix_quote) + "\n";
        cases += "            " + command.name + ") _arguments" + zsh_arguments(command) + " ;;\n";
    }
    return "#compdef kefud\n"
           "# made by kefud manual zsh\n"
           "_kefud() {\n"
           "    local curcontext=$curcontext state line\n"
           "    _arguments -C" +
           zsh_arguments(program) +
           " '1:command:->command' '*::argument:->argument'\n"
           "    case $state in\n"
           "    command)\n"
           "        local -a commands=(\n" +
           commands +
           "        )\n"
           "        _describe command commands ;;\n"
           "    argument)\n"
           "        case $words[1] in\n" +
           cases +
           "        esac ;;\n"
           "    esac\n"
           "}\n"
           "_kefud \"$@\"\n";
}

std::string fish_completion(CommandHelp const& program) {
    std::string text = "# fish completion for kefud; made by kefud manual fish\ncomplete -c kefud -f\n";
    for (auto const& option : program.options) text += fish_option("__fish_use_subcommand", option);
    for (auto const& command : program.commands) {
        text += "complete -c kefud -n __fish_use_subcommand -a " + command.name + " -d " + quoted(command.meaning, "\\'") + "\n";
        for (auto const& option : command.options) text += fish_option("__fish_seen_subcommand_from " + command.name, option);
        for (auto const& more : command.commands)
            text += "complete -c kefud -n '__fish_seen_subcommand_from " + command.name + "' -a " + more.name.substr(more.name.rfind(' ') + 1) + " -d " +
                    quoted(more.meaning, "\\'") + "\n";
    }
    return text;
}

}  // namespace kefu::cli
