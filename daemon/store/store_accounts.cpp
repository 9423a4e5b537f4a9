// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/store_accounts.hpp"

#include "daemon/store/reader.hpp"
#include "daemon/store/writer.hpp"

#include <utility>

namespace kefu {

namespace {

/// `work`: AccountTables& -> T or Result<T>.
template <class T, class Work>
net::awaitable<Result<T>> change_on(CallQueue<StoreWriter>& queue, Work work) {
    return ask<T>(queue, [work = std::move(work)](StoreWriter& writer) -> Result<T> {
        if constexpr (std::is_same_v<decltype(work(writer.accounts())), void>) {
            work(writer.accounts());
            return {};
        } else {
            return work(writer.accounts());
        }
    });
}

template <class T, class Work>
net::awaitable<Result<T>> question(CallQueue<StoreReader>* questions, CallQueue<StoreWriter>& changes, Work work) {
    if (questions == nullptr) return change_on<T>(changes, std::move(work));
    return ask<T>(*questions, [work = std::move(work)](StoreReader& reader) -> Result<T> { return work(reader.accounts()); });
}

}  // namespace

net::awaitable<Result<std::vector<Person>>> StoreAccounts::people() {
    return question<std::vector<Person>>(questions_, changes_, [](AccountTables& accounts) { return accounts.people(); });
}

net::awaitable<Result<std::optional<Person>>> StoreAccounts::person(std::string name) {
    return question<std::optional<Person>>(questions_, changes_, [name = std::move(name)](AccountTables& accounts) { return accounts.person(name); });
}

net::awaitable<Result<void>> StoreAccounts::add(Person person, AuditEntry entry) {
    return change_on<void>(changes_, [person = std::move(person), entry = std::move(entry)](AccountTables& accounts) { return accounts.add(person, entry); });
}

net::awaitable<Result<Person>> StoreAccounts::change(std::string name, PersonEdit edit, AuditEntry entry) {
    return change_on<Person>(changes_, [name = std::move(name), edit = std::move(edit), entry = std::move(entry)](AccountTables& accounts) {
        return accounts.change(name, edit, entry);
    });
}

net::awaitable<Result<void>> StoreAccounts::invite(Invitation invitation, AuditEntry entry) {
    return change_on<void>(changes_,
                           [invitation = std::move(invitation), entry = std::move(entry)](AccountTables& accounts) { accounts.invite(invitation, entry); });
}

net::awaitable<Result<std::optional<Invitation>>> StoreAccounts::invitation(std::string hash, Timestamp now) {
    return question<std::optional<Invitation>>(questions_, changes_,
                                               [hash = std::move(hash), now](AccountTables& accounts) { return accounts.invitation(hash, now); });
}

net::awaitable<Result<std::vector<Invitation>>> StoreAccounts::invitations(Timestamp now) {
    return question<std::vector<Invitation>>(questions_, changes_, [now](AccountTables& accounts) { return accounts.invitations(now); });
}

net::awaitable<Result<Person>> StoreAccounts::accept(std::string hash, std::string name, std::string password, Timestamp now) {
    return change_on<Person>(changes_, [hash = std::move(hash), name = std::move(name), password = std::move(password), now](AccountTables& accounts) {
        return accounts.accept(hash, name, password, now);
    });
}

net::awaitable<Result<void>> StoreAccounts::start(Session session, AuditEntry entry) {
    return change_on<void>(changes_, [session = std::move(session), entry = std::move(entry)](AccountTables& accounts) { accounts.start(session, entry); });
}

net::awaitable<Result<std::optional<SignedIn>>> StoreAccounts::signed_in(std::string hash) {
    return question<std::optional<SignedIn>>(questions_, changes_, [hash = std::move(hash)](AccountTables& accounts) { return accounts.signed_in(hash); });
}

net::awaitable<Result<void>> StoreAccounts::seen(std::string hash, Timestamp now) {
    return change_on<void>(changes_, [hash = std::move(hash), now](AccountTables& accounts) { accounts.seen(hash, now); });
}

net::awaitable<Result<void>> StoreAccounts::end(std::string hash, AuditEntry entry) {
    return change_on<void>(changes_, [hash = std::move(hash), entry = std::move(entry)](AccountTables& accounts) { accounts.end(hash, entry); });
}

net::awaitable<Result<void>> StoreAccounts::end_all(std::string person, std::string except) {
    return change_on<void>(changes_, [person = std::move(person), except = std::move(except)](AccountTables& accounts) { accounts.end_all(person, except); });
}

net::awaitable<Result<void>> StoreAccounts::record(AuditEntry entry) {
    return change_on<void>(changes_, [entry = std::move(entry)](AccountTables& accounts) { accounts.record(entry); });
}

net::awaitable<Result<std::vector<AuditEntry>>> StoreAccounts::audit(AuditFilter filter) {
    return question<std::vector<AuditEntry>>(questions_, changes_, [filter = std::move(filter)](AccountTables& accounts) { return accounts.audit(filter); });
}

}  // namespace kefu
