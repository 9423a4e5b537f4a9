// SPDX-License-Identifier: Apache-2.0
#include "daemon/backup/manifest.hpp"

#include "daemon/catalog_files.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace kefu {

namespace json = boost::json;

namespace {

constexpr std::string_view format = "kefud-backup-1";

Error no_manifest(std::filesystem::path const& folder, std::string const& why) {
    return {Errc::environment, folder.string() + ": no backup of kefud: " + why, std::nullopt};
}

bool stays_inside(std::filesystem::path const& path) {
    return !path.empty() && path.is_relative() && std::none_of(path.begin(), path.end(), [](auto const& part) { return part == ".."; });
}

std::string text_in(json::object const& object, std::string_view key) {
    auto const* value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string{value->get_string()} : std::string{};
}

}  // namespace

std::string to_json_text(Manifest const& manifest) {
    json::object files;
    for (auto const& [path, hash] : manifest.files) files[path] = hash;
    json::object const object{{"format", format},
                              {"made_at", to_rfc3339(manifest.made_at)},
                              {"made_by", manifest.made_by},
                              {"kefud", manifest.version},
                              {"schema", manifest.schema},
                              {"files", std::move(files)}};
    return json::serialize(object) + '\n';
}

Result<Manifest> read_manifest(std::filesystem::path const& folder) {
    auto const text = read_file(folder / manifest_name);
    if (!text) return no_manifest(folder, text.error().message);
    boost::system::error_code broken;
    auto const document = json::parse(*text, broken);
    auto const* object = document.if_object();
    if (broken || object == nullptr || text_in(*object, "format") != format) return no_manifest(folder, std::string{manifest_name} + " is none of ours");
    Manifest manifest;
    if (auto const at = from_rfc3339(text_in(*object, "made_at"))) manifest.made_at = *at;
    manifest.made_by = text_in(*object, "made_by");
    manifest.version = text_in(*object, "kefud");
    if (auto const* schema = object->if_contains("schema"); schema != nullptr && schema->is_int64()) manifest.schema = static_cast<int>(schema->get_int64());
    auto const* files = object->if_contains("files");
    if (files == nullptr || !files->is_object()) return no_manifest(folder, "it lists no files");
    for (auto const& [path, hash] : files->get_object()) {
        if (!hash.is_string() || !stays_inside(std::string{path})) return no_manifest(folder, "it names a file that cannot be in it: " + std::string{path});
        manifest.files.emplace(path, hash.get_string());
    }
    return manifest;
}

}  // namespace kefu
