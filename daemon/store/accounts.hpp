// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "config/base/timestamp.hpp"
#include "daemon/net/net.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Who may sign in, who has, and who did what.
namespace kefu {

/// Each may do what the ones before may.
enum class Role { agent, operator_, owner, admin };
inline constexpr std::array<std::string_view, 4> role_names{"agent", "operator", "owner", "admin"};
std::string_view to_string(Role role);
std::optional<Role> role_from_string(std::string_view name);

/// May `role` do what takes at least `least`?
constexpr bool reaches(Role role, Role least) { return static_cast<int>(role) >= static_cast<int>(least); }

/// 1 to 40 letters, digits, '.', '_' and '-': goes into links and files.
bool is_person_name(std::string_view name);

struct Person {
    std::string name;  ///< an agent of that name in kefud.yaml is the same person
    Role role = Role::agent;
    std::string password;               ///< argon2id in its own text form; empty: not chosen yet
    std::string totp;                   ///< the second factor's secret, raw bytes; empty: none
    std::string totp_pending;           ///< one that no code has confirmed yet
    std::int64_t totp_step = 0;         ///< the newest time step a code was taken for: none counts twice
    std::vector<std::string> recovery;  ///< SHA-256 of the codes that are left, hexadecimal
    bool disabled = false;
    Timestamp created_at{};
    Timestamp seen_at{};  ///< the epoch: never
    friend bool operator==(Person const&, Person const&) = default;
};

/// A one-time link. Only its hash is kept.
struct Invitation {
    std::string hash;  ///< SHA-256 of the token, hexadecimal
    std::string name;  ///< empty: the person chooses it
    Role role = Role::agent;
    Timestamp expires_at{};
};

/// Somebody who is signed in. Only the token's hash is kept.
struct Session {
    std::string hash;  ///< SHA-256 of the token, hexadecimal
    std::string person;
    Timestamp started_at{};
    Timestamp seen_at{};
};

struct SignedIn {
    Session session;
    Person person;
};

/// One line of the audit. No customer text.
struct AuditEntry {
    std::uint64_t number = 0;
    Timestamp at{};
    std::string who;
    std::string action;
    std::string detail;
    std::string conversation;  ///< empty: not about one
};

struct AuditFilter {
    std::uint64_t before = 0;  ///< older than that one; 0: from the newest
    std::size_t limit = 100;
    std::string who, action, conversation;  ///< empty: any
};

using PersonEdit = std::function<Result<void>(Person&)>;

/// Takes the second factor away, and what recovers it. The password stays until a link is used.
Result<void> forget_second_factor(Person& person);
/// The password too.
Result<void> forget_secrets(Person& person);

/// The store's part for people. Threads and errors as in store.hpp.
class Accounts {
  public:
    virtual ~Accounts() = default;

    virtual net::awaitable<Result<std::vector<Person>>> people() = 0;  ///< by name
    virtual net::awaitable<Result<std::optional<Person>>> person(std::string name) = 0;
    virtual net::awaitable<Result<void>> add(Person person, AuditEntry entry) = 0;  ///< conflict: that name is taken
    /// Lets `edit` change somebody, in the transaction; it may be called more than once, and what it objects to is the answer. The value: as it is then.
    /// not_found. conflict: nobody would be left who is admin, enabled and has a password.
    virtual net::awaitable<Result<Person>> change(std::string name, PersonEdit edit, AuditEntry entry) = 0;

    /// In place of earlier ones for the same name.
    virtual net::awaitable<Result<void>> invite(Invitation invitation, AuditEntry entry) = 0;
    virtual net::awaitable<Result<std::optional<Invitation>>> invitation(std::string hash, Timestamp now) = 0;
    virtual net::awaitable<Result<std::vector<Invitation>>> invitations(Timestamp now) = 0;
    /// Uses it up: whom it is for has that password then, and no second factor. `name` is whom an invitation for nobody in particular makes.
    /// not_found: used, or too old. conflict: somebody has that name, or is disabled.
    virtual net::awaitable<Result<Person>> accept(std::string hash, std::string name, std::string password, Timestamp now) = 0;

    virtual net::awaitable<Result<void>> start(Session session, AuditEntry entry) = 0;
    virtual net::awaitable<Result<std::optional<SignedIn>>> signed_in(std::string hash) = 0;
    virtual net::awaitable<Result<void>> seen(std::string hash, Timestamp now) = 0;
    virtual net::awaitable<Result<void>> end(std::string hash, AuditEntry entry) = 0;
    /// All sessions of a person, but for `except`.
    virtual net::awaitable<Result<void>> end_all(std::string person, std::string except) = 0;

    virtual net::awaitable<Result<void>> record(AuditEntry entry) = 0;
    virtual net::awaitable<Result<std::vector<AuditEntry>>> audit(AuditFilter filter) = 0;  ///< newest first
};

}  // namespace kefu
