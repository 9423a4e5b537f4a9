// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/account_tables.hpp"

#include <algorithm>
#include <limits>
#include <sstream>
#include <utility>

namespace kefu {

namespace {

constexpr char const* person_columns = "name, role, password, totp, totp_pending, totp_step, recovery, disabled, created_at, seen_at";

/// As read by person_columns, from `first` on.
Person person_in(Rows const& rows, int first = 0) {
    Person person;
    person.name = rows.text(first);
    person.role = static_cast<Role>(rows.integer(first + 1));
    person.password = rows.text(first + 2);
    person.totp = rows.text(first + 3);
    person.totp_pending = rows.text(first + 4);
    person.totp_step = rows.integer(first + 5);
    std::istringstream codes{std::string{rows.text(first + 6)}};
    for (std::string code; codes >> code;) person.recovery.push_back(std::move(code));
    person.disabled = rows.boolean(first + 7);
    person.created_at = rows.time(first + 8);
    person.seen_at = rows.time(first + 9);
    return person;
}

Invitation invitation_in(Rows const& rows) { return {std::string{rows.text(0)}, std::string{rows.text(1)}, static_cast<Role>(rows.integer(2)), rows.time(3)}; }

std::string joined(std::vector<std::string> const& codes) {
    std::string text;
    for (auto const& code : codes) text += (text.empty() ? "" : " ") + code;
    return text;
}

bool can_mend(Person const& person) { return person.role == Role::admin && !person.disabled && !person.password.empty(); }

}  // namespace

std::string_view to_string(Role role) { return role_names[static_cast<std::size_t>(role)]; }

std::optional<Role> role_from_string(std::string_view name) {
    auto const found = std::find(role_names.begin(), role_names.end(), name);
    if (found == role_names.end()) return std::nullopt;
    return static_cast<Role>(found - role_names.begin());
}

bool is_person_name(std::string_view name) {
    auto const fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-'; };
    return !name.empty() && name.size() <= 40 && std::all_of(name.begin(), name.end(), fits);
}

Result<void> forget_second_factor(Person& person) {
    person.totp.clear();
    person.totp_pending.clear();
    person.recovery.clear();
    return {};
}

Result<void> forget_secrets(Person& person) {
    person.password.clear();
    return forget_second_factor(person);
}

std::vector<Person> AccountTables::people() { return read_people({}); }

std::vector<Person> AccountTables::read_people(std::string const& how) {
    Statement statement{database_, std::string{"SELECT "} + person_columns + " FROM people ORDER BY name " + how};
    std::vector<Person> all;
    auto rows = statement.query();
    while (rows.next()) all.push_back(person_in(rows));
    return all;
}

std::optional<Person> AccountTables::person(std::string const& name) {
    Statement statement{database_, std::string{"SELECT "} + person_columns + " FROM people WHERE name = ?"};
    auto rows = statement.query(name);
    if (!rows.next()) return std::nullopt;
    return person_in(rows);
}

void AccountTables::write(Person const& person) {
    Statement statement{database_, std::string{"INSERT INTO people ("} + person_columns +
                                       ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET role = excluded.role, "
                                       "password = excluded.password, totp = excluded.totp, totp_pending = excluded.totp_pending, "
                                       "totp_step = excluded.totp_step, recovery = excluded.recovery, disabled = excluded.disabled, "
                                       "created_at = excluded.created_at, seen_at = excluded.seen_at"};
    statement.run(person.name, static_cast<int>(person.role), person.password, Blob{person.totp}, Blob{person.totp_pending}, person.totp_step,
                  joined(person.recovery), person.disabled, person.created_at, person.seen_at);
}

Result<void> AccountTables::add(Person const& made, AuditEntry const& entry) {
    if (person(made.name)) return Error{Errc::conflict, "somebody has that name already", std::nullopt};
    write(made);
    record(entry);
    return {};
}

Result<Person> AccountTables::change(std::string const& name, PersonEdit const& edit, AuditEntry const& entry) {
    auto const all = read_people("[FOR UPDATE]");  // nobody else may take the other admin away meanwhile
    auto const was = std::find_if(all.begin(), all.end(), [&](auto const& one) { return one.name == name; });
    if (was == all.end()) return Error{Errc::not_found, "there is nobody of that name", std::nullopt};
    Person changed = *was;
    if (auto const edited = edit(changed); !edited) return edited.error();
    if (can_mend(*was) && !can_mend(changed) && std::count_if(all.begin(), all.end(), can_mend) == 1)
        return Error{Errc::conflict, name + " is the last admin who can sign in", std::nullopt};
    write(changed);
    record(entry);
    return changed;
}

void AccountTables::invite(Invitation const& invitation, AuditEntry const& entry) {
    Statement{database_, "DELETE FROM invitations WHERE name = ?"}.run(invitation.name);
    Statement{database_, "INSERT INTO invitations (hash, name, role, expires_at) VALUES (?, ?, ?, ?)"}.run(
        invitation.hash, invitation.name, static_cast<int>(invitation.role), invitation.expires_at);
    record(entry);
}

std::optional<Invitation> AccountTables::invitation(std::string const& hash, Timestamp now) {
    Statement statement{database_, "SELECT hash, name, role, expires_at FROM invitations WHERE hash = ? AND expires_at > ?"};
    auto rows = statement.query(hash, now);
    if (!rows.next()) return std::nullopt;
    return invitation_in(rows);
}

std::vector<Invitation> AccountTables::invitations(Timestamp now) {
    Statement statement{database_, "SELECT hash, name, role, expires_at FROM invitations WHERE expires_at > ?"};
    std::vector<Invitation> all;
    auto rows = statement.query(now);
    while (rows.next()) all.push_back(invitation_in(rows));
    return all;
}

Result<Person> AccountTables::accept(std::string const& hash, std::string const& name, std::string const& password, Timestamp now) {
    auto const found = invitation(hash, now);
    if (!found) return Error{Errc::not_found, "this link was used, or is too old", std::nullopt};
    auto known = person(found->name.empty() ? name : found->name);
    if (known && found->name.empty()) return Error{Errc::conflict, "somebody has that name already", std::nullopt};
    if (known && known->disabled) return Error{Errc::conflict, "this account is disabled", std::nullopt};
    Person made = known.value_or(Person{});
    if (!known) {
        made.name = name;
        made.role = found->role;
        made.created_at = now;
    }
    made.password = password;
    (void)forget_second_factor(made);
    Statement{database_, "DELETE FROM invitations WHERE hash = ?"}.run(hash);
    write(made);
    end_all(made.name, {});
    record({0, now, made.name, "password_chosen", "by a one-time link", {}});
    return made;
}

void AccountTables::start(Session const& session, AuditEntry const& entry) {
    // Whoever has not been seen for so long is signed out by any setting that makes sense.
    Statement{database_, "DELETE FROM sessions WHERE seen_at < ?"}.run(session.seen_at - std::chrono::hours{24 * 90});
    Statement{database_, "INSERT INTO sessions (hash, person, started_at, seen_at) VALUES (?, ?, ?, ?)"}.run(session.hash, session.person, session.started_at,
                                                                                                             session.seen_at);
    Statement{database_, "UPDATE people SET seen_at = ? WHERE name = ?"}.run(session.seen_at, session.person);
    record(entry);
}

std::optional<SignedIn> AccountTables::signed_in(std::string const& hash) {
    Statement statement{database_,
                        "SELECT s.hash, s.person, s.started_at, s.seen_at, p.name, p.role, p.password, p.totp, p.totp_pending, p.totp_step, "
                        "p.recovery, p.disabled, p.created_at, p.seen_at FROM sessions s JOIN people p ON p.name = s.person WHERE s.hash = ?"};
    auto rows = statement.query(hash);
    if (!rows.next()) return std::nullopt;
    return SignedIn{{std::string{rows.text(0)}, std::string{rows.text(1)}, rows.time(2), rows.time(3)}, person_in(rows, 4)};
}

void AccountTables::seen(std::string const& hash, Timestamp now) {
    Statement{database_, "UPDATE sessions SET seen_at = ? WHERE hash = ?"}.run(now, hash);
    Statement{database_, "UPDATE people SET seen_at = ? WHERE name = (SELECT person FROM sessions WHERE hash = ?)"}.run(now, hash);
}

void AccountTables::end(std::string const& hash, AuditEntry const& entry) {
    if (Statement{database_, "DELETE FROM sessions WHERE hash = ?"}.run(hash) > 0) record(entry);
}

void AccountTables::end_all(std::string const& person_name, std::string const& except) {
    Statement{database_, "DELETE FROM sessions WHERE person = ? AND hash <> ?"}.run(person_name, except);
}

void AccountTables::record(AuditEntry const& entry) {
    Statement{database_, "INSERT INTO audit (at, conversation, action, who, detail) VALUES (?, ?, ?, ?, ?)"}.run(entry.at, entry.conversation, entry.action,
                                                                                                                 entry.who, entry.detail);
}

std::vector<AuditEntry> AccountTables::audit(AuditFilter const& filter) {
    Statement statement{database_,
                        "SELECT number, at, who, action, detail, conversation FROM audit WHERE number < ?1 AND (?2 = '' OR who = ?2) AND "
                        "(?3 = '' OR action = ?3) AND (?4 = '' OR conversation = ?4) ORDER BY number DESC LIMIT ?5"};
    std::int64_t const before = filter.before == 0 ? std::numeric_limits<std::int64_t>::max() : static_cast<std::int64_t>(filter.before);
    std::vector<AuditEntry> all;
    auto rows = statement.query(before, filter.who, filter.action, filter.conversation, static_cast<std::int64_t>(filter.limit));
    while (rows.next())
        all.push_back({static_cast<std::uint64_t>(rows.integer(0)), rows.time(1), std::string{rows.text(2)}, std::string{rows.text(3)},
                       std::string{rows.text(4)}, std::string{rows.text(5)}});
    return all;
}

}  // namespace kefu
