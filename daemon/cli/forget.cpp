// SPDX-License-Identifier: Apache-2.0
#include "daemon/cli/commands.hpp"
#include "daemon/clock.hpp"
#include "daemon/export_person.hpp"
#include "daemon/retention.hpp"
#include "daemon/store/forget_request.hpp"
#include "daemon/store/sqlite_file.hpp"
#include "daemon/store/sqlite_store.hpp"
#include "daemon/version.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <exception>
#include <iostream>
#include <optional>

namespace kefu::cli {

namespace json = boost::json;

namespace {

constexpr std::chrono::seconds patience{60};

/// No daemon runs: this process is the one that writes.
Result<Erased> forget_here(StoreSettings const& settings, ConversationId id, bool dry) {
    SqliteOptions options;
    options.path = settings.path.string();
    auto store = open_sqlite_store(
        std::move(options),
        [](ChannelId const&, Conversation conversation, Event const&, Timestamp) {
            return Decision{std::move(conversation), {}, {}};
        },
        [](ChannelId const&, std::string_view) { return std::vector<std::string>{}; });
    if (!store) return store.error();
    net::io_context io{1};
    Result<Erased> erased = Error{Errc::unavailable, "not asked", std::nullopt};
    std::exception_ptr fault;
    net::co_spawn(io, (*store)->forget(std::move(id), user(), system_now(), dry), [&](std::exception_ptr thrown, Result<Erased> result) {
        fault = thrown;
        erased = std::move(result);
    });
    io.run();
    (*store)->close();
    if (fault) std::rethrow_exception(fault);
    if (!erased || dry) return erased;
    if (auto const removed = delete_files(settings.media, *erased); !removed) std::cerr << removed.error().to_string() << '\n';
    return erased;
}

/// The counts as JSON; through the daemon when there is one.
Result<std::string> forget_one(StoreSettings const& settings, ConversationId const& id, bool dry) {
    // A shared database has no lock of ours: there a daemon is asked in any case.
    bool const alone = settings.type == StoreType::sqlite && FileLock::take(settings.path.string()).has_value();
    if (alone) {
        auto const erased = forget_here(settings, id, dry);
        if (!erased) return erased.error();
        return erased_json(*erased);
    }
    if (!dry) return ask_to_forget(settings, {id, user()}, patience);
    auto const there = look_at_person(settings, id);
    if (!there) return there.error();
    return erased_json(*there);
}

}  // namespace

int forget(ConfigFile const& config, PersonOptions const& options) {
    int code = ok;
    auto const store = find_store("forget", config, options.state, code);
    if (!store) return code;
    auto const conversations = conversations_of(*store, options.person);
    if (!conversations) return report("forget", conversations.error().to_string());
    if (conversations->empty()) {
        std::cerr << "kefud forget: nobody is called '" << options.person << "'\n";
        return findings;
    }
    for (auto const& id : *conversations) {
        auto const counts = forget_one(*store, id, options.dry_run);
        if (!counts) return report("forget", counts.error().to_string());
        json::object receipt{
            {options.dry_run ? "would_forget" : "forgotten", id.value}, {"at", to_rfc3339(system_now())}, {"by", user()}, {"kefud", program_version()}};
        error_code broken;
        auto const counted = json::parse(*counts, broken);
        receipt["counts"] = broken ? json::value{nullptr} : counted;
        if (auto const* failed = counted.is_object() ? counted.get_object().if_contains("error") : nullptr; failed != nullptr)
            return report("forget", std::string{failed->get_string()});
        std::cout << json::serialize(receipt) << '\n';
    }
    if (!options.dry_run) std::cerr << "Backups and dossiers made before still hold it: backups go with their age, dossiers are where you put them.\n";
    return ok;
}

int export_person(ConfigFile const& config, PersonOptions const& options) {
    int code = ok;
    auto const store = find_store("export", config, options.state, code);
    if (!store) return code;
    auto const conversations = conversations_of(*store, options.person);
    if (!conversations) return report("export", conversations.error().to_string());
    if (conversations->empty()) {
        std::cerr << "kefud export: nobody is called '" << options.person << "'\n";
        return findings;
    }
    for (auto const& id : *conversations) {
        auto const all = person_json(*store, id);
        if (!all) return report("export", all.error().to_string());
        std::cout << *all << '\n';
    }
    return ok;
}

}  // namespace kefu::cli
