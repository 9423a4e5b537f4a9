// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/version_tables.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <utility>

namespace kefu {

std::uint64_t VersionTables::keep(CatalogVersion const& version, std::map<std::string, std::string> const& texts) {
    for (auto const& [hash, text] : texts) Statement{database_, "INSERT INTO catalog_texts (hash, text) VALUES (?, ?) ON CONFLICT DO NOTHING"}.run(hash, text);
    boost::json::object files;
    for (auto const& [path, hash] : version.files) files[path] = hash;
    std::string const json = boost::json::serialize(files);
    Statement statement{database_, "INSERT INTO catalog_versions (at, who, why, hash, files) VALUES (?, ?, ?, ?, ?) RETURNING number"};
    auto rows = statement.query(version.at, version.by, version.why, version.hash, json);
    return rows.next() ? static_cast<std::uint64_t>(rows.integer(0)) : 0;
}

std::vector<CatalogVersion> VersionTables::newest(std::size_t limit) {
    Statement statement{database_, "SELECT number, at, who, why, hash, files FROM catalog_versions ORDER BY number DESC LIMIT ?"};
    std::vector<CatalogVersion> versions;
    auto rows = statement.query(static_cast<std::int64_t>(limit));
    while (rows.next()) {
        CatalogVersion version{
            static_cast<std::uint64_t>(rows.integer(0)), rows.time(1), std::string{rows.text(2)}, std::string{rows.text(3)}, std::string{rows.text(4)}, {}};
        auto const text = rows.text(5);
        auto const files = boost::json::parse(boost::json::string_view{text.data(), text.size()});
        for (auto const& [path, hash] : files.as_object()) version.files.emplace(path, hash.as_string());
        versions.push_back(std::move(version));
    }
    return versions;
}

std::map<std::string, std::string> VersionTables::texts(std::vector<std::string> const& hashes) {
    Statement statement{database_, "SELECT text FROM catalog_texts WHERE hash = ?"};
    std::map<std::string, std::string> texts;
    for (auto const& hash : hashes) {
        auto rows = statement.query(hash);
        if (rows.next()) texts.emplace(hash, rows.text(0));
    }
    return texts;
}

}  // namespace kefu
