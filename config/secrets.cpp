// SPDX-License-Identifier: Apache-2.0
#include "config/secrets.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <ostream>

namespace kefu {

namespace {

constexpr std::string_view file_prefix = "file:";
constexpr std::string_view env_prefix = "env:";
constexpr std::string_view credential_prefix = "credential:";

Error cannot(std::string message) { return Error{Errc::bad_config, std::move(message)}; }

Result<std::string> read_file(std::string const& path, std::string const& reference) {
    constexpr std::size_t most = 64u << 10;
    std::ifstream in{path, std::ios::binary};
    if (!in) return cannot("cannot read the secret " + reference + ": " + std::strerror(errno));
    std::string text(most + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (in.bad()) return cannot("cannot read the secret " + reference + ": " + std::strerror(errno));
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (text.size() > most) return cannot("the secret " + reference + " is larger than 64 KiB; is it the right file?");
    if (text.ends_with('\n')) text.pop_back();
    if (text.ends_with('\r')) text.pop_back();
    if (text.empty()) return cannot("the secret " + reference + " is empty");
    return text;
}

Result<std::string> read_credential(std::string const& name, std::filesystem::path const& folder, std::string const& shown) {
    if (name.empty() || name == "." || name == ".." || name.find('/') != std::string::npos)
        return cannot("the secret " + shown + " needs a plain name, such as credential:line-token");
    char const* const passed = std::getenv("CREDENTIALS_DIRECTORY");
    if (!passed || !*passed) {
        if (folder.empty())
            return cannot("the secret " + shown + " comes from systemd (LoadCredential=" + name + ":/path), but $CREDENTIALS_DIRECTORY is not set");
        return read_file((folder / name).string(), shown + " (" + (folder / name).string() + ")");
    }
    for (auto const& file : {name, "secrets_" + name}) {
        auto const path = std::filesystem::path{passed} / file;
        if (std::error_code error; std::filesystem::exists(path, error)) return read_file(path.string(), shown);
    }
    return cannot("systemd did not pass the secret " + shown + ": put it into the folder `secrets` beside kefud.yaml and restart kefud");
}

}  // namespace

std::ostream& operator<<(std::ostream& out, Secret const& secret) { return out << (secret.empty() ? "(no secret)" : "(secret)"); }

bool is_secret_reference(std::string_view text) { return text.starts_with(file_prefix) || text.starts_with(env_prefix) || text.starts_with(credential_prefix); }

Result<std::string> read_secret(std::string_view reference, std::filesystem::path const& folder) {
    std::string const shown{reference};
    if (reference.starts_with(file_prefix)) {
        std::string const path{reference.substr(file_prefix.size())};
        if (!path.starts_with('/')) return cannot("the secret " + shown + " needs an absolute path, such as file:/etc/kefud/secret");
        return read_file(path, shown);
    }
    if (reference.starts_with(env_prefix)) {
        std::string const name{reference.substr(env_prefix.size())};
        char const* const value = std::getenv(name.c_str());
        if (!value || !*value) return cannot("the environment variable " + name + " is not set");
        return std::string{value};
    }
    if (reference.starts_with(credential_prefix)) return read_credential(std::string{reference.substr(credential_prefix.size())}, folder, shown);
    return cannot("a secret is file:/path, env:NAME or credential:NAME");
}

}  // namespace kefu
