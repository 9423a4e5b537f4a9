// SPDX-License-Identifier: Apache-2.0
#include "daemon/write_file.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <cerrno>
#include <string>
#include <system_error>

namespace kefu {

namespace {

Error failed(std::filesystem::path const& path, char const* what) {
    auto const reason = std::error_code{errno, std::generic_category()}.message();
    return {Errc::environment, path.string() + ": " + what + ": " + reason};
}

struct Descriptor {
    int number;
    ~Descriptor() {
        if (number >= 0) ::close(number);
    }
};

bool write_all(int descriptor, std::string_view bytes) {
    while (!bytes.empty()) {
        auto const written = ::write(descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

}  // namespace

Result<void> write_file(std::filesystem::path const& path, std::string_view bytes, ::mode_t mode, std::string_view ending) {
    auto const folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path{"."};
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) return Error{Errc::environment, folder.string() + ": " + error.message()};
    auto temporary = path;
    temporary += ending;
    {
        Descriptor const file{::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)};
        if (file.number < 0) return failed(temporary, "cannot be created");
        if (!write_all(file.number, bytes) || ::fsync(file.number) != 0) {
            auto const why = failed(temporary, "cannot be written");
            ::unlink(temporary.c_str());
            return why;
        }
    }
    if (::rename(temporary.c_str(), path.c_str()) != 0) {
        auto const why = failed(path, "cannot be replaced");
        ::unlink(temporary.c_str());
        return why;
    }
    return sync_to_disk(folder);
}

Result<void> sync_to_disk(std::filesystem::path const& path) {
    Descriptor const opened{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (opened.number < 0 || ::fsync(opened.number) != 0) return failed(path, "cannot be synced");
    return {};
}

}  // namespace kefu
