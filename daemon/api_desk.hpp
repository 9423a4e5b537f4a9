// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/api_parts.hpp"

#include <string>

/// What api_desk.cpp and api_versions.cpp share. Nobody else includes this.
namespace kefu::api {

/// Of the moment.
Settings settings_now(ContextPtr const& context);

/// For the pool.
struct ReadCatalog {
    std::filesystem::path folder;
    Checked<CatalogTexts> operator()() const { return read_catalog(folder); }
};
Response broken_catalog(Errors const& errors);

boost::json::object tests_json(TestsPlayed const& played);
boost::json::array diff_json(std::vector<FileDiff> const& files);

// api_versions.cpp

/// Writes the changes, loads them, records the version and answers with it; or nothing is changed and the answer says why.
net::awaitable<Response> publish_changes(ContextPtr context, PublishDraft work, std::string who, std::string why);

}  // namespace kefu::api
