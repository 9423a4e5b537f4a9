// SPDX-License-Identifier: Apache-2.0
#include "daemon/cli/commands.hpp"
#include "daemon/clock.hpp"
#include "daemon/console/sessions.hpp"
#include "daemon/snapshot.hpp"
#include "daemon/store/account_tables.hpp"
#include "daemon/store/open_store.hpp"

#include <filesystem>
#include <iomanip>
#include <iostream>

/// `kefud user`: people of the console, from the machine itself. For the first one, and for who lost the way in. The daemon may be running.
namespace kefu::cli {

namespace {

AuditEntry entry_of(std::string action, std::string detail) { return {0, system_now(), user(), std::move(action), std::move(detail), {}}; }

int done(Result<void> const& result) {
    if (result) return ok;
    std::cerr << "kefud user: " << result.error().message << '\n';
    return findings;
}

void print_link(AccountTables& accounts, Settings const& settings, std::string const& name, Role role) {
    NewLink const link = new_link(name, role, system_now());
    accounts.invite(link.invitation, entry_of("link_made", name));
    std::string const base = settings.public_url.empty() ? local_address(settings.listen, settings.listen.port) : settings.public_url;
    std::cout << "Works once, until " << to_rfc3339(link.invitation.expires_at) << ":\n" << link_address(base, link.token) << '\n';
}

int list(AccountTables& accounts) {
    for (auto const& person : accounts.people())
        std::cout << std::left << std::setw(24) << person.name << std::setw(10) << to_string(person.role) << (person.disabled ? "disabled  " : "")
                  << (person.password.empty() ? "no password yet  " : "") << (person.totp.empty() ? "" : "second factor  ")
                  << (person.seen_at == Timestamp{} ? "never signed in" : "seen " + to_rfc3339(person.seen_at)) << '\n';
    return ok;
}

int add(AccountTables& accounts, Settings const& settings, UserOptions const& options) {
    auto const role = role_from_string(options.role);
    if (!role || !is_person_name(options.name)) {
        std::cerr << "kefud user: a name is 1 to 40 letters, digits, '.', '_' and '-'; a role is agent, operator, owner or admin\n";
        return usage;
    }
    Person person;
    person.name = options.name;
    person.role = *role;
    person.created_at = system_now();
    if (auto const added = accounts.add(person, entry_of("person_added", options.name + " as " + options.role)); !added) return done(added);
    print_link(accounts, settings, options.name, *role);
    return ok;
}

int change(AccountTables& accounts, std::string const& name, std::string action, PersonEdit const& edit) {
    auto const changed = accounts.change(name, edit, entry_of(std::move(action), name));
    if (!changed) return done(changed.error());
    accounts.end_all(name, {});
    return ok;
}

int run(AccountTables& accounts, Settings const& settings, UserOptions const& options) {
    if (options.action == "list") return list(accounts);
    if (options.action == "add") return add(accounts, settings, options);
    if (options.action == "disable" || options.action == "enable") {
        bool const off = options.action == "disable";
        return change(accounts, options.name, "person_changed", [off](Person& person) -> Result<void> {
            person.disabled = off;
            return {};
        });
    }
    // Whoever may write the store is trusted with it: also the last admin can get a new link.
    auto const known = accounts.person(options.name);
    if (!known) return done(Error{Errc::not_found, "there is nobody called " + options.name});
    if (int const reset = change(accounts, options.name, "person_reset", forget_second_factor); reset != ok) return reset;
    print_link(accounts, settings, options.name, known->role);
    return ok;
}

}  // namespace

int manage_users(ConfigFile const& config, std::string const& state, UserOptions const& options) {
    int code = ok;
    auto const store = find_store("user", config, state, code);
    if (!store) return code;
    auto const settings = read_settings(config, state);
    try {
        auto const database = open_beside(*store, Access::write);
        if (!database) return report("user", database.error().message);
        AccountTables accounts{**database};
        (*database)->begin(Access::write);
        int const result = run(accounts, *settings, options);
        if (result == ok)
            (*database)->commit();
        else
            (*database)->roll_back();
        return result;
    } catch (DatabaseError const& error) {
        return report("user", error.to_error(name_of(*store)).message);
    }
}

}  // namespace kefu::cli
