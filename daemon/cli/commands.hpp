// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/settings.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kefu {
struct Snapshot;
}

/// One function per command; each prints to standard output, errors to standard error, and returns the exit code:
/// 0 ok, 1 findings, 2 usage, 3 environment.
namespace kefu::cli {

inline constexpr int ok = 0, findings = 1, usage = 2, environment = 3;

using ConfigFile = std::optional<std::string>;

/// `online`: also asks LINE whether it would take what templates have for it.
int check(ConfigFile const& config, bool online = false);
int check_online(Snapshot const& snapshot);

/// With `text`: one message, explained for people. Without: JSON lines in, JSON lines out.
int classify(ConfigFile const& config, std::optional<std::string> const& text, std::string const& language);

/// Trains the learned layer and writes it into the state folder, or only measures it in five folds.
int train(ConfigFile const& config, std::string const& state, bool cross_validate);

int simulate(ConfigFile const& config);

struct TestOptions {
    std::string folder;  ///< with *.yaml; empty: the catalog's tests/, or those built in
    std::string only;    ///< part of the names of the tests to play; empty: all
    std::string junit;   ///< write the result there as well; empty: do not
};
/// Plays the operators' conversation tests.
int test(ConfigFile const& config, TestOptions const& options);

int chat(ConfigFile const& config, std::string const& channel);

/// Writes the pause into the store itself: it works at once, also while the daemon does not run, and survives its restart.
int pause(ConfigFile const& config, std::string const& state, std::string const& channel);
int resume(ConfigFile const& config, std::string const& state, std::string const& channel);

struct EvidenceOptions {
    std::string state;         ///< the daemon's state folder, when it was started with --state
    std::string conversation;  ///< as in the API
    std::string out;           ///< the folder to make; empty: named after the conversation, in the working folder
};
/// Writes the dossier of one conversation; the daemon may be running.
int evidence(ConfigFile const& config, EvidenceOptions const& options);
/// The conversations with an escalation for extortion or a threat, newest first.
int list_evidence(ConfigFile const& config, std::string const& state);
/// Needs neither settings nor a daemon. `hash`: the final hash as it was written down; empty: unknown.
int verify_evidence(std::string const& folder_or_file, std::string const& hash);
/// Takes out of a dossier what says something of anybody.
int erase_evidence(std::string const& folder);

struct ReplayOptions {
    std::string state;    ///< the daemon's state folder, when it was started with --state
    std::string catalog;  ///< the draft's folder
    int days = 7;
    bool json = false;  ///< every change as a JSON line, instead of samples
};
/// What another catalog would have done with the journal's last days; sends nothing.
int replay(ConfigFile const& config, ReplayOptions const& options);

/// What kefud.yaml may hold: "json" for the editors' schema, "markdown" for the reference, "example" for the commented file; "channels" for what each type
/// of channel does.
int print_schema(std::string const& format);

/// The pages of docs/ that are built in: "running", "zh-Hant/getting-started".
std::vector<std::string> help_topics();
/// Prints a page as it is, Markdown; without a topic, all topics with their titles.
int print_topic(std::string const& topic);

struct LoopbackOptions {
    std::string address = "127.0.0.1";
    int port = 8099;
    std::string record;  ///< append what arrives to this file as JSON lines; empty: only print
    bool quiet = false;  ///< print nothing per message
};
/// A stand-in for LINE's API and for webhook receivers, for trying things out on one machine: prints what a customer would see.
int loopback(LoopbackOptions const& options);

struct BridgeTestOptions {
    std::string url;  ///< ws://ADDRESS:PORT/PATH to listen at for a bridge that dials; http(s)://... of a callback
    std::string account = "tb-flagship";
    std::string conversation = "bridge-test";
    std::string secret;  ///< whsec_..., for a callback
};
/// Plays kefud's side of the bridge protocol and says check by check whether a bridge keeps it (docs/bridge.md).
int bridge_test(BridgeTestOptions const& options);

struct UserOptions {
    std::string action;  ///< list, add, disable, enable, reset
    std::string name;
    std::string role;  ///< of who is added
};
/// The people of the console; the daemon may be running, or may have run at least once.
int manage_users(ConfigFile const& config, std::string const& state, UserOptions const& options);

/// Copies a stopped daemon's SQLite database into the empty PostgreSQL one that `to` names, says how far it is, and compares the counts.
int copy_store(std::string const& from, std::string const& to);

struct TraceOptions {
    std::string state;
    std::string id;
    bool plain = false;
    bool json = false;
};
/// The way of one message from the webhook to the answer; the daemon may be running.
int trace(ConfigFile const& config, TraceOptions const& options);

struct BackupOptions {
    std::string state;
    std::string folder;
    bool media = false;
    int keep = 0;  ///< 0: all
};
/// A checked copy of what the daemon keeps, while it runs.
int backup(ConfigFile const& config, BackupOptions const& options);

struct ReportOptions {
    std::string state;
    std::string folder;  ///< empty: standard output
    std::string span = "yesterday";
    std::string name = "all";
    std::string format = "xlsx";
    std::string channel;  ///< empty: all
    bool hourly = false;
    int keep = 0;  ///< 0: all
};
/// The owner's mirror of a span that is over, as files for spreadsheets; the daemon may be running.
int write_report(ConfigFile const& config, ReportOptions const& options);

struct RestoreOptions {
    std::string state;
    std::string backup;
    bool only_check = false;
};
/// Puts a backup in place; no daemon may be running.
int restore(ConfigFile const& config, RestoreOptions const& options);

struct DoctorOptions {
    std::string state;
    bool online = false;
    bool json = false;
};
/// Looks whether what the daemon stands on is sound, and says what to do where it is not.
int doctor(ConfigFile const& config, DoctorOptions const& options);

struct PersonOptions {
    std::string state;
    std::string person;  ///< a conversation, or a customer's id on the platform
    bool dry_run = false;
};
/// Erases everything about one person, through the daemon when it is running, and prints a receipt.
int forget(ConfigFile const& config, PersonOptions const& options);
/// Everything that is kept of one person, as JSON.
int export_person(ConfigFile const& config, PersonOptions const& options);

/// Where the daemon keeps its store, for commands that read it beside the daemon: when the settings can be read and it exists; else nothing, said why, and
/// the exit code is in `code`. The catalog does not matter here, be it broken or not.
std::optional<StoreSettings> find_store(std::string const& command, ConfigFile const& config, std::string const& state, int& code);

/// Who runs the command, for what is recorded.
std::string user();

/// Prints every error; the exit code.
int report(std::string const& what, std::string const& message);

}  // namespace kefu::cli
