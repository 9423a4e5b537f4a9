// SPDX-License-Identifier: Apache-2.0
#include "config/roff.hpp"
#include "daemon/cli/help.hpp"

#include <string_view>

namespace kefu::cli {

namespace {

std::string argument_of(OptionHelp const& option) { return "\\fI" + roff_text(option.argument) + "\\fR"; }

/// "[--state FOLDER]", "[CHANNEL]"
std::string usage_of(OptionHelp const& option) {
    std::string text = option.names.empty() ? argument_of(option) : roff_bold(option.names.front());
    if (!option.names.empty() && !option.argument.empty()) text += " " + argument_of(option);
    return option.required ? text : "[" + text + "]";
}

std::string tag_of(OptionHelp const& option) {
    std::string tag;
    for (auto const& name : option.names) tag += (tag.empty() ? "" : ", ") + roff_bold(name);
    if (option.argument.empty()) return tag;
    return tag.empty() ? argument_of(option) : tag + " " + argument_of(option);
}

std::string meaning_of(OptionHelp const& option) {
    std::string list;
    for (auto const& choice : option.choices) list += (list.empty() ? "" : ", ") + choice;
    if (list.empty()) return option.meaning;
    return option.meaning.empty() ? list : option.meaning + " (" + list + ")";
}

std::string section_of(CommandHelp const& command) {
    std::string text = ".SS kefud " + roff_text(command.name) + "\n" + roff_bold("kefud " + command.name);
    for (auto const& option : command.options) text += " " + usage_of(option);
    text += "\n.PP\n" + roff_text(command.meaning) + "\n";
    for (auto const& option : command.options) text += roff_item(tag_of(option), meaning_of(option));
    for (auto const& more : command.commands) text += section_of(more);
    return text;
}

constexpr std::string_view ending = R"(.SH SIGNALS
.TP
.B SIGHUP
Settings and catalog are read anew and swapped whole. With any error in them everything stays as it was and the log says why.
.TP
.BR SIGUSR1 ", " SIGUSR2
The log tells everything (level debug); as kefud.yaml says again.
.TP
.BR SIGTERM ", " SIGINT
Stops: busy connections get their answer, sends that have begun end, within
.B shutdown_grace
of kefud.yaml.
.SH EXIT STATUS
.TP
.B 0
All is well.
.TP
.B 1
Findings: errors in what was checked, or in the configuration.
.TP
.B 2
The command line is wrong.
.TP
.B 3
The environment is: a port that is taken, a file that cannot be read.
.SH ENVIRONMENT
.TP
.B CREDENTIALS_DIRECTORY
Where
.B credential:
secrets are; set by systemd.
.TP
.BR LISTEN_FDS ", " LISTEN_PID
The sockets systemd passes; all of them are served, instead of listen.address and listen.port.
.TP
.BR NOTIFY_SOCKET ", " WATCHDOG_USEC
Where systemd is told that the daemon is ready, reloading, alive or stopping.
.SH FILES
.TP
.I /etc/kefud/kefud.yaml
The settings, see
.BR kefud.yaml (5).
.TP
.I /etc/kefud/secrets/
Secrets, a file each, for root's eyes only.
.TP
.I /var/lib/kefud/
The journal (kefud.sqlite3), photos, and a catalog of the shop's own.
.TP
.I /usr/share/kefud/catalog/
The catalog as it is built in, to copy from; see
.BR kefud\-catalog (7).
.TP
.I /var/backups/kefud/
Backups of the last 14 nights, when kefud-backup.timer is enabled.
.TP
.I /var/lib/kefud\-reports/
A report of each day, when kefud-report.timer is enabled.
.TP
.I /etc/kefud/SHOP/kefud.yaml
The settings of one of several shops; its unit is kefud@SHOP.service, its socket /run/kefud/SHOP.sock, its folder /var/lib/kefud@SHOP.
.SH SEE ALSO
.BR kefud.yaml (5),
.BR kefud\-catalog (7),
.BR systemctl (1)
)";

}  // namespace

std::string manual_page(CommandHelp const& program, std::string const& version) {
    std::string page{".\\\" Made by kefud manual.\n.TH KEFUD 1 \"\" \"kefud "};
    page += roff_text(version) + "\"\n.SH NAME\nkefud \\- answer the customers of a shop's chat\n.SH SYNOPSIS\n.B kefud\n.I COMMAND\n";
    page += "[\\fIOPTION\\fR]...\n.SH DESCRIPTION\n" + roff_text(program.meaning) + "\n.SH OPTIONS\n";
    for (auto const& option : program.options) page += roff_item(tag_of(option), meaning_of(option));
    page += ".SH COMMANDS\n";
    for (auto const& command : program.commands) page += section_of(command);
    page += ending;
    return page;
}

}  // namespace kefu::cli
