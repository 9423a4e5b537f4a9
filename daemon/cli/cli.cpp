// SPDX-License-Identifier: Apache-2.0
#include "daemon/cli.hpp"

#include "config/schema.hpp"
#include "daemon/app.hpp"
#include "daemon/cli/commands.hpp"
#include "daemon/cli/help.hpp"
#include "daemon/console/report.hpp"
#include "daemon/console/report_span.hpp"
#include "daemon/snapshot.hpp"
#include "daemon/version.hpp"

#include <CLI/CLI.hpp>

#include <array>
#include <functional>
#include <iostream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace kefu {

namespace {

constexpr char const* footer =
    "\nExit codes: 0 ok, 1 findings, 2 usage, 3 environment.\n'kefud COMMAND --help' explains a command; 'kefud help' lists the pages of the manual.";

/// Adds --config. Its value, else /etc/kefud/kefud.yaml when readable, else what is built in.
void add_config(CLI::App& command, std::string& file) {
    command.add_option("--config,-c", file, "kefud.yaml; without it /etc/kefud/kefud.yaml if readable, else the demo policy built in")->type_name("FILE");
}

cli::ConfigFile config_or_default(std::string const& file) { return file.empty() ? default_config_file() : cli::ConfigFile{file}; }

/// CLI11 writes what a value must be behind its name: "TEXT:{json,markdown}", "INT:INT in [0 - 65535]".
cli::OptionHelp help_of(CLI::Option const& option) {
    cli::OptionHelp help;
    for (auto const& name : option.get_lnames()) help.names.push_back("--" + name);
    for (auto const& name : option.get_snames()) help.names.push_back("-" + name);
    help.meaning = option.get_description();
    help.required = option.get_required();
    if (option.get_expected_max() == 0) return help;  // a flag
    auto const type = option.get_type_name();
    help.argument = type.substr(0, type.find(':'));
    if (auto const open = type.find('{'); open != std::string::npos) {
        std::istringstream list{type.substr(open + 1, type.find('}') - open - 1)};
        for (std::string choice; std::getline(list, choice, ',');) help.choices.push_back(choice);
    }
    if (auto const standard = option.get_default_str(); !standard.empty()) help.meaning += " (" + standard + ")";
    return help;
}

cli::CommandHelp help_of(CLI::App const& command, std::string const& name) {
    cli::CommandHelp help{name, command.get_description(), {}, {}};
    for (auto const* option : command.get_options())
        if (name.empty() || option != command.get_help_ptr()) help.options.push_back(help_of(*option));  // said once, for all commands
    auto const all = [](CLI::App const*) { return true; };
    for (auto const* more : command.get_subcommands(all))
        help.commands.push_back(help_of(*more, name.empty() ? more->get_name() : name + ' ' + more->get_name()));
    return help;
}

int print_manual(CLI::App const& program, std::string const& what) {
    auto const help = help_of(program, "");
    if (what == "kefud.1")
        std::cout << cli::manual_page(help, program_version());
    else if (what == "kefud.yaml.5")
        std::cout << settings_manual(program_version());
    else if (what == "bash")
        std::cout << cli::bash_completion(help);
    else if (what == "zsh")
        std::cout << cli::zsh_completion(help);
    else
        std::cout << cli::fish_completion(help);
    return cli::ok;
}

}  // namespace

int run_command_line(int argc, char** argv) {
    CLI::App app{"kefud answers a shop's chat customers, and hands over to people what people must decide.", "kefud"};
    app.set_version_flag("--version", std::string{"kefud "} + program_version());
    app.require_subcommand(1);
    app.footer(footer);
    std::function<int()> command;
    std::string config, state, text, language, channel, format = "json";

    auto* run = app.add_subcommand("run", "The daemon. SIGHUP reloads, SIGTERM drains and stops.");
    run->add_option("--config,-c", config, "kefud.yaml")->type_name("FILE")->required();
    run->add_option("--state", state, "folder for the store and photos, instead of the one in the file")->type_name("FOLDER");
    run->callback([&] { command = [&] { return run_daemon({config, state}); }; });

    auto* check = app.add_subcommand("check", "Validates settings, packs, templates, policy and all examples; every error with its place.");
    add_config(*check, config);
    bool online = false;
    check->add_flag("--online", online,
                    "also ask LINE whether it would take the cards, images and stickers of templates, and try a PostgreSQL store; sends nothing");
    check->callback([&] { command = [&] { return cli::check(config_or_default(config), online); }; });

    auto* classify = app.add_subcommand("classify", "What messages mean: JSON lines {\"id\",\"text\",\"lang\"?} from standard input, or one TEXT, explained.");
    add_config(*classify, config);
    classify->add_option("--lang", language, "the conversation's language, as a hint")->type_name("TAG");
    auto* text_option = classify->add_option("text", text, "one message");
    classify->callback(
        [&] { command = [&] { return cli::classify(config_or_default(config), text_option->count() > 0 ? std::optional{text} : std::nullopt, language); }; });

    bool cross_validate = false;
    auto* train = app.add_subcommand("train", "Trains the learned layer from the packs' sentences and writes it into the state folder; takes seconds.");
    add_config(*train, config);
    train->add_option("--state", state, "the folder to write to, instead of the one in the file")->type_name("FOLDER");
    train->add_flag("--cv", cross_validate, "write nothing; measure on sentences that were not trained on, in five folds");
    train->callback([&] { command = [&] { return cli::train(config_or_default(config), state, cross_validate); }; });

    auto* simulate = app.add_subcommand("simulate", "Plays conversations (JSON lines) on a virtual clock: no network, no disk.");
    add_config(*simulate, config);
    simulate->callback([&] { command = [&] { return cli::simulate(config_or_default(config)); }; });

    cli::TestOptions test_options;
    auto* test = app.add_subcommand("test", "Plays the conversation tests of the catalog's tests/ folder, or of DIR: what is said, who is called.");
    add_config(*test, config);
    test->add_option("--only", test_options.only, "only the tests with this in their name")->type_name("TEXT");
    test->add_option("--junit", test_options.junit, "write the result as JUnit XML as well")->type_name("FILE");
    test->add_option("dir", test_options.folder, "a folder of *.yaml")->type_name("DIR");
    test->callback([&] { command = [&] { return cli::test(config_or_default(config), test_options); }; });

    auto* chat = app.add_subcommand("chat", "Talk to it in the terminal.");
    add_config(*chat, config);
    chat->add_option("--channel", channel, "whose settings apply")->type_name("ID")->default_str("chat");
    chat->callback([&] { command = [&] { return cli::chat(config_or_default(config), channel.empty() ? "chat" : channel); }; });

    for (bool const stop : {true, false}) {
        auto* control = app.add_subcommand(stop ? "pause" : "resume",
                                           stop ? "Emergency stop: nothing more is sent, at once. Messages go on being journaled and handed over."
                                                : "Ends a pause; what waited goes out if it is still fresh.");
        add_config(*control, config);
        control->add_option("--state", state, "the daemon's state folder, when it was started with --state")->type_name("FOLDER");
        control->add_option("channel", channel, "only this channel; without it all")->type_name("CHANNEL");
        control->callback([&, stop] { command = [&, stop] { return (stop ? cli::pause : cli::resume)(config_or_default(config), state, channel); }; });
    }

    cli::UserOptions user_options;
    auto* users = app.add_subcommand("user", "The people of the console: for the first one, and for who lost the way in.");
    add_config(*users, config);
    users->add_option("--state", state, "the daemon's state folder, when it was started with --state")->type_name("FOLDER");
    users->require_subcommand(1);
    constexpr std::array<std::pair<char const*, char const*>, 5> user_actions{{{"list", "who may sign in"},
                                                                               {"add", "lets somebody sign in: prints a link that works once"},
                                                                               {"disable", "lets somebody sign in no more, and signs them out"},
                                                                               {"enable", "takes that back"},
                                                                               {"reset", "takes the second factor away and prints a new link"}}};
    for (auto const& [name, meaning] : user_actions) {
        auto* action = users->add_subcommand(name, meaning)->fallthrough();
        if (action->get_name() != "list") action->add_option("name", user_options.name, "whom")->type_name("NAME")->required();
        if (action->get_name() == "add")
            action->add_option("--role", user_options.role, "what they may do")->check(CLI::IsMember({"agent", "operator", "owner", "admin"}))->required();
        action->callback([&user_options, action] { user_options.action = action->get_name(); });
    }
    users->callback([&] { command = [&] { return cli::manage_users(config_or_default(config), state, user_options); }; });

    cli::EvidenceOptions evidence_options;
    std::string dossier, final_hash;
    bool list = false;
    auto* evidence = app.add_subcommand("evidence", "Writes one conversation as a dossier that shows every later change; the daemon may be running.");
    add_config(*evidence, config);
    evidence->add_option("--state", evidence_options.state, "the daemon's state folder, when it was started with --state")->type_name("FOLDER");
    evidence->add_option("--out", evidence_options.out, "the folder to make; without it one named after the conversation, here")->type_name("FOLDER");
    auto* list_option = evidence->add_flag("--list", list, "show the conversations with an escalation for extortion or a threat, newest first");
    evidence->add_option("conversation", evidence_options.conversation, "its id, as in the API and in --list")
        ->type_name("CONVERSATION")
        ->excludes(list_option);
    auto* verify = evidence->add_subcommand("verify", "Checks a dossier against its chain of hashes: what was changed, is missing, was added or moved.");
    verify->add_option("dossier", dossier, "the folder, or its evidence.json alone")->type_name("FOLDER|FILE")->required();
    verify->add_option("--hash", final_hash, "the final hash, as it was written down when the dossier was made")->type_name("HASH");
    auto* empty = evidence->add_subcommand("erase", "Takes everything out of a dossier that says something of anybody; its chain still holds.");
    empty->add_option("dossier", dossier, "the folder")->type_name("FOLDER")->required();
    evidence->callback([&] {
        if (empty->parsed()) {
            command = [&] { return cli::erase_evidence(dossier); };
            return;
        }
        if (verify->parsed())
            command = [&] { return cli::verify_evidence(dossier, final_hash); };
        else if (list)
            command = [&] { return cli::list_evidence(config_or_default(config), evidence_options.state); };
        else if (evidence_options.conversation.empty())
            throw CLI::RequiredError("CONVERSATION, --list or verify");
        else
            command = [&] { return cli::evidence(config_or_default(config), evidence_options); };
    });

    std::string copy_from, copy_to;
    auto* store = app.add_subcommand("store", "The journal: every message, decision and send.");
    store->require_subcommand(1);
    auto* copy = store->add_subcommand("copy", "Moves to PostgreSQL: copies the SQLite database of a stopped daemon into an empty one, whole or not at all.");
    copy->add_option("--from", copy_from, "the SQLite database, kefud.sqlite3 in the state folder")->type_name("FILE")->required();
    copy->add_option("--to", copy_to, "a kefud.yaml whose store is of type postgresql")->type_name("FILE")->required();
    copy->callback([&] { command = [&] { return cli::copy_store(copy_from, copy_to); }; });

    cli::ReplayOptions replay_options;
    auto* replay = app.add_subcommand("replay", "What a draft catalog would have done with the last days' messages: label, reply, owner. Sends nothing.");
    add_config(*replay, config);
    replay->add_option("--state", replay_options.state, "the daemon's state folder, when it was started with --state")->type_name("FOLDER");
    replay->add_option("--catalog", replay_options.catalog, "the draft, a folder like the published catalog's")->type_name("FOLDER")->required();
    replay->add_option("--days", replay_options.days, "how far back")->type_name("N")->capture_default_str()->check(CLI::Range(1, 3650));
    replay->add_flag("--json", replay_options.json, "every change as a JSON line, instead of counts and samples");
    replay->callback([&] { command = [&] { return cli::replay(config_or_default(config), replay_options); }; });

    auto const add_state = [](CLI::App& of, std::string& folder) {
        of.add_option("--state", folder, "the daemon's state folder, when it was started with --state")->type_name("FOLDER");
    };

    cli::TraceOptions trace_options;
    auto* trace = app.add_subcommand("trace", "The way of one message: webhook, journal, how it was read, what was decided and why, sends and their ends.");
    add_config(*trace, config);
    add_state(*trace, trace_options.state);
    trace->add_flag("--plain", trace_options.plain, "also the words that were said, and nothing masked");
    trace->add_flag("--json", trace_options.json, "each step as a JSON line");
    trace->add_option("id", trace_options.id, "of an event or a message as the platform names it, of a send, a row of the journal, or a conversation")
        ->type_name("ID")
        ->required();
    trace->callback([&] { command = [&] { return cli::trace(config_or_default(config), trace_options); }; });

    cli::BackupOptions backup_options;
    auto* backup = app.add_subcommand("backup", "A checked copy of the store, the catalog and what else lies in the state folder, while the daemon runs.");
    add_config(*backup, config);
    add_state(*backup, backup_options.state);
    backup->add_flag("--media", backup_options.media, "customers' photos and files too");
    backup->add_option("--keep", backup_options.keep, "remove the oldest backups there until so many are left; 0: none")
        ->type_name("N")
        ->capture_default_str()
        ->check(CLI::Range(0, 100'000));
    backup->add_option("folder", backup_options.folder, "where backups are; each becomes a folder in it")->type_name("FOLDER")->required();
    backup->callback([&] { command = [&] { return cli::backup(config_or_default(config), backup_options); }; });

    cli::ReportOptions report_options;
    auto* reports = app.add_subcommand("report", "The mirror of yesterday, last week or last month as files for spreadsheets, while the daemon runs.");
    add_config(*reports, config);
    add_state(*reports, report_options.state);
    reports->add_option("--span", report_options.span, "yesterday | last-week | last-month, by the shop's clocks")
        ->capture_default_str()
        ->check(CLI::IsMember(std::vector<std::string>(span_names.begin(), span_names.end())));
    reports->add_option("--name", report_options.name, "one report instead of all")->capture_default_str()->check(CLI::IsMember([] {
        std::vector<std::string> names{"all"};
        names.insert(names.end(), report_names().begin(), report_names().end());
        return names;
    }()));
    reports->add_option("--format", report_options.format, "xlsx: a workbook with a sheet for each; csv: a file for each")
        ->capture_default_str()
        ->check(CLI::IsMember({"xlsx", "csv"}));
    reports->add_option("--channel", report_options.channel, "only this channel")->type_name("ID");
    reports->add_flag("--hourly", report_options.hourly, "rows by the hour instead of by the day");
    reports->add_option("--keep", report_options.keep, "remove the oldest files of the same kind there until so many are left; 0: none")
        ->type_name("N")
        ->capture_default_str()
        ->check(CLI::Range(0, 100'000));
    reports->add_option("folder", report_options.folder, "where the files go; without it one report as CSV to standard output")->type_name("FOLDER");
    reports->callback([&] { command = [&] { return cli::write_report(config_or_default(config), report_options); }; });

    cli::RestoreOptions restore_options;
    auto* restore = app.add_subcommand("restore", "Puts a backup in the place of what is there, which is kept beside it. Not while a daemon runs.");
    add_config(*restore, config);
    add_state(*restore, restore_options.state);
    restore->add_flag("--check", restore_options.only_check, "only look whether it is whole and could be restored");
    restore->add_option("backup", restore_options.backup, "a folder that kefud backup made")->type_name("FOLDER")->required();
    restore->callback([&] { command = [&] { return cli::restore(config_or_default(config), restore_options); }; });

    cli::DoctorOptions doctor_options;
    auto* doctor =
        app.add_subcommand("doctor", "Looks at store, disk, catalog, clock, permissions, certificate and process; says what to do. Changes nothing.");
    add_config(*doctor, config);
    add_state(*doctor, doctor_options.state);
    doctor->add_flag("--online", doctor_options.online, "also ask LINE for the webhook it knows, the token, this month's messages and the time");
    doctor->add_flag("--json", doctor_options.json, "each finding as a JSON line");
    doctor->callback([&] { command = [&] { return cli::doctor(config_or_default(config), doctor_options); }; });

    cli::PersonOptions person_options;
    for (bool const erase : {true, false}) {
        auto* person = app.add_subcommand(erase ? "forget" : "export", erase ? "Erases everything about one person, for good, and prints a receipt."
                                                                             : "Everything that is kept of one person, as JSON.");
        add_config(*person, config);
        add_state(*person, person_options.state);
        if (erase) person->add_flag("--dry-run", person_options.dry_run, "erase nothing, only count what there is");
        person->add_option("person", person_options.person, "a conversation, or a customer's id on the platform")->type_name("PERSON")->required();
        person->callback(
            [&, erase] { command = [&, erase] { return (erase ? cli::forget : cli::export_person)(config_or_default(config), person_options); }; });
    }

    auto* schema = app.add_subcommand("schema",
                                      "What kefud.yaml may hold: for editors (json), as a reference (markdown), as a commented file (example); and what each "
                                      "type of channel does (channels); what /metrics tells (metrics).");
    schema->add_option("format", format, "json | markdown | example | channels | metrics")
        ->check(CLI::IsMember({"json", "markdown", "example", "channels", "metrics"}));
    schema->callback([&] { command = [&] { return cli::print_schema(format); }; });

    std::string topic;
    auto* help =
        app.add_subcommand("help", "The pages of the manual: how to begin, connect a platform, run and understand it. Without a topic: which there are.");
    help->add_option("topic", topic, "which page")->check(CLI::IsMember(cli::help_topics()));
    help->callback([&] { command = [&] { return cli::print_topic(topic); }; });

    std::string page = "kefud.1";
    auto* manual = app.add_subcommand("manual", "Manual pages (man(7)) and shell completions, as packages install them.");
    manual->add_option("page", page, "which one")->check(CLI::IsMember({"kefud.1", "kefud.yaml.5", "bash", "zsh", "fish"}));
    manual->callback([&] { command = [&] { return print_manual(app, page); }; });

    cli::LoopbackOptions loopback_options;
    auto* loopback = app.add_subcommand("loopback", "Stands in for LINE and for webhook receivers on this machine and prints what a customer would see.");
    loopback->add_option("--address", loopback_options.address, "where to listen")->capture_default_str();
    loopback->add_option("--port", loopback_options.port, "0: a free one, printed")->capture_default_str()->check(CLI::Range(0, 65535));
    loopback->add_option("--record", loopback_options.record, "append what arrives as JSON lines")->type_name("FILE");
    loopback->add_flag("--quiet", loopback_options.quiet, "print only the address");
    loopback->callback([&] { command = [&] { return cli::loopback(loopback_options); }; });

    cli::BridgeTestOptions bridge_options;
    auto* bridge = app.add_subcommand("bridge-test", "Checks a bridge against the bridge protocol: plays kefud's side and prints a line per check.");
    bridge->add_option("url", bridge_options.url, "ws://ADDRESS:PORT/PATH to wait at for a bridge that dials; or the URL of a bridge's callback")
        ->type_name("URL")
        ->required();
    bridge->add_option("--account", bridge_options.account, "the account to send from; a bridge that dials names its own")->capture_default_str();
    bridge->add_option("--conversation", bridge_options.conversation, "where the bridge is told to type its test messages")->capture_default_str();
    bridge->add_option("--secret", bridge_options.secret, "whsec_..., the key that signs requests to a callback")->type_name("KEY");
    bridge->callback([&] { command = [&] { return cli::bridge_test(bridge_options); }; });

    try {
        app.parse(argc, argv);
    } catch (CLI::ParseError const& error) {
        int const code = app.exit(error);
        return code == 0 ? cli::ok : cli::usage;
    }
    return command();
}

}  // namespace kefu
