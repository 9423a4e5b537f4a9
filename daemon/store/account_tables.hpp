// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/store/accounts.hpp"
#include "daemon/store/database.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kefu {

/// The tables of people. On the store's connection inside its transaction, on the reading one without; `kefud user` has one of its own. Throws DatabaseError.
class AccountTables {
  public:
    explicit AccountTables(Database& database) : database_(database) {}

    std::vector<Person> people();
    std::optional<Person> person(std::string const& name);
    Result<void> add(Person const& person, AuditEntry const& entry);
    Result<Person> change(std::string const& name, PersonEdit const& edit, AuditEntry const& entry);
    void invite(Invitation const& invitation, AuditEntry const& entry);
    std::optional<Invitation> invitation(std::string const& hash, Timestamp now);
    std::vector<Invitation> invitations(Timestamp now);
    Result<Person> accept(std::string const& hash, std::string const& name, std::string const& password, Timestamp now);
    void start(Session const& session, AuditEntry const& entry);
    std::optional<SignedIn> signed_in(std::string const& hash);
    void seen(std::string const& hash, Timestamp now);
    void end(std::string const& hash, AuditEntry const& entry);
    void end_all(std::string const& person, std::string const& except);
    void record(AuditEntry const& entry);
    std::vector<AuditEntry> audit(AuditFilter const& filter);

  private:
    std::vector<Person> read_people(std::string const& how);
    void write(Person const& person);

    Database& database_;
};

}  // namespace kefu
