// SPDX-License-Identifier: Apache-2.0
#include "daemon/export_person.hpp"

#include "daemon/clock.hpp"
#include "daemon/evidence/collect.hpp"
#include "daemon/store/open_store.hpp"
#include "daemon/store/privacy_tables.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <functional>
#include <utility>

namespace kefu {

namespace json = boost::json;

namespace {

Error nobody(ConversationId const& id) { return {Errc::not_found, "there is no conversation '" + id.value + "'", std::nullopt}; }

template <class T>
Result<T> with_reader(StoreSettings const& store, std::function<Result<T>(Database&)> const& work) {
    auto database = open_beside(store, Access::read);
    if (!database) return database.error();
    try {
        return work(**database);
    } catch (DatabaseError const& error) {
        Error broken = error.to_error(name_of(store));
        broken.code = Errc::environment;
        return broken;
    }
}

/// What is JSON in the store is JSON here too.
json::value as_json(std::string const& name, std::string const& value) {
    if (name != "event" && name != "raw") return json::value(value);
    error_code broken;
    auto parsed = json::parse(value, broken);
    return broken ? json::value(value) : parsed;
}

}  // namespace

Result<std::string> person_json(StoreSettings const& store, ConversationId const& id) {
    return with_reader<std::string>(store, [&](Database& database) -> Result<std::string> {
        StoreRecord record{database};
        auto const state = record.state(id);
        if (!state) return nobody(id);
        auto const files = record.files(id);
        json::array events, names;
        collect_history(record, id, files, [&](EvidenceEntry entry) {
            json::object fields;
            for (auto const& [name, value] : entry.fields) fields[name] = as_json(name, value);
            events.push_back(json::object{{"at", to_rfc3339(entry.time)}, {"kind", entry.kind}, {"fields", std::move(fields)}});
        });
        for (auto const& one : files) names.emplace_back(one.file);
        json::object const all{{"conversation", id.value},
                               {"exported_at", to_rfc3339(system_now())},
                               {"state", as_json("event", *state)},
                               {"events", std::move(events)},
                               {"files", std::move(names)}};
        return json::serialize(all);
    });
}

Result<Erased> look_at_person(StoreSettings const& store, ConversationId const& id) {
    return with_reader<Erased>(store, [&](Database& database) -> Result<Erased> {
        auto there = PrivacyTables{database}.look(id);
        if (!there) return nobody(id);
        return std::move(*there);
    });
}

}  // namespace kefu
