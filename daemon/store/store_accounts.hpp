// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/store/accounts.hpp"
#include "daemon/store/call_queue.hpp"

namespace kefu {

class StoreReader;
class StoreWriter;

/// The SQLite store's Accounts: changes go to its own thread, into the transaction of the moment, questions to the reading thread.
class StoreAccounts final : public Accounts {
  public:
    /// `questions` is null when there is no reading thread; then the store's thread answers.
    StoreAccounts(CallQueue<StoreWriter>& changes, CallQueue<StoreReader>* questions) : changes_(changes), questions_(questions) {}

    net::awaitable<Result<std::vector<Person>>> people() override;
    net::awaitable<Result<std::optional<Person>>> person(std::string name) override;
    net::awaitable<Result<void>> add(Person person, AuditEntry entry) override;
    net::awaitable<Result<Person>> change(std::string name, PersonEdit edit, AuditEntry entry) override;
    net::awaitable<Result<void>> invite(Invitation invitation, AuditEntry entry) override;
    net::awaitable<Result<std::optional<Invitation>>> invitation(std::string hash, Timestamp now) override;
    net::awaitable<Result<std::vector<Invitation>>> invitations(Timestamp now) override;
    net::awaitable<Result<Person>> accept(std::string hash, std::string name, std::string password, Timestamp now) override;
    net::awaitable<Result<void>> start(Session session, AuditEntry entry) override;
    net::awaitable<Result<std::optional<SignedIn>>> signed_in(std::string hash) override;
    net::awaitable<Result<void>> seen(std::string hash, Timestamp now) override;
    net::awaitable<Result<void>> end(std::string hash, AuditEntry entry) override;
    net::awaitable<Result<void>> end_all(std::string person, std::string except) override;
    net::awaitable<Result<void>> record(AuditEntry entry) override;
    net::awaitable<Result<std::vector<AuditEntry>>> audit(AuditFilter filter) override;

  private:
    CallQueue<StoreWriter>& changes_;
    CallQueue<StoreReader>* questions_;
};

}  // namespace kefu
