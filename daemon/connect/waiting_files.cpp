// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/waiting_files.hpp"

#include "daemon/crypto.hpp"
#include "daemon/write_file.hpp"

#include <fstream>
#include <iterator>
#include <utility>

namespace kefu {

namespace {

namespace fs = std::filesystem;

constexpr char owner_ends = '-';

Error not_there() { return {Errc::not_found, "the file was not uploaded, or is gone"}; }

/// True for files that are too old, and when nobody can say.
bool is_over(fs::path const& path, std::chrono::seconds life) {
    std::error_code gone;
    auto const written = fs::last_write_time(path, gone);
    return gone || fs::file_time_type::clock::now() - written > life;
}

struct SaveWaiting {
    WaitingFiles files;
    std::string name;
    std::string bytes;

    Result<void> operator()() const {
        std::string const owner = name.substr(0, name.find(owner_ends) + 1);
        std::size_t all = 0;
        std::size_t own = 0;
        std::error_code error;
        for (auto entry = fs::directory_iterator{files.folder, error}; !error && entry != fs::directory_iterator{}; entry.increment(error)) {
            if (is_over(entry->path(), files.life)) {
                std::error_code ignored;
                fs::remove(entry->path(), ignored);
                continue;
            }
            ++all;
            if (entry->path().filename().string().starts_with(owner)) ++own;
        }
        if (own >= files.most_of_owner) return Error{Errc::unavailable, std::to_string(own) + " files of one sender wait for a message that names them"};
        if (all >= files.most) return Error{Errc::unavailable, std::to_string(all) + " files wait for a message that names them"};
        return write_file(files.folder / name, bytes, 0600, '.' + random_id() + ".part");
    }
};

struct ReadWaiting {
    fs::path path;
    std::chrono::seconds life;

    Result<std::string> operator()() const {
        if (is_over(path, life)) return not_there();
        std::ifstream file{path, std::ios::binary};
        if (!file) return not_there();
        return std::string{std::istreambuf_iterator<char>{file}, {}};
    }
};

struct RemoveWaiting {
    fs::path path;

    bool operator()() const {
        std::error_code ignored;
        return fs::remove(path, ignored);
    }
};

}  // namespace

std::string WaitingFiles::name_of(std::string_view owner, std::string_view id) { return hex(sha256(owner)).substr(0, 16) + owner_ends + std::string{id}; }

net::awaitable<Result<void>> WaitingFiles::save(std::string name, std::string bytes) const {
    if (pool == nullptr) co_return Error{Errc::unavailable, "no files are taken here"};
    SaveWaiting work{*this, std::move(name), std::move(bytes)};
    auto saved = co_await on_pool(*pool, std::move(work));
    co_return saved;
}

net::awaitable<Result<std::string>> WaitingFiles::read(std::string name) const {
    if (pool == nullptr) co_return not_there();
    ReadWaiting work{folder / name, life};
    auto bytes = co_await on_pool(*pool, std::move(work));
    co_return bytes;
}

net::awaitable<void> WaitingFiles::remove(std::string name) const {
    if (pool == nullptr) co_return;
    RemoveWaiting work{folder / name};
    co_await on_pool(*pool, std::move(work));
}

}  // namespace kefu
