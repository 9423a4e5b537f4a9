// SPDX-License-Identifier: Apache-2.0
#include "daemon/log_journal.hpp"

#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

#include <cstdlib>

namespace kefu {

namespace {

/// What the journal takes as a name: A to Z, digits, '_'.
std::string field_name(std::string_view key) {
    std::string name = "KEFUD_";
    for (char const c : key) {
        bool const digit = c >= '0' && c <= '9';
        bool const small = c >= 'a' && c <= 'z';
        bool const large = c >= 'A' && c <= 'Z';
        name += small ? static_cast<char>(c - 'a' + 'A') : digit || large ? c : '_';
    }
    return name;
}

}  // namespace

bool stderr_is_journal() {
    char const* const stream = std::getenv("JOURNAL_STREAM");
    struct stat file {};
    if (stream == nullptr || ::fstat(STDERR_FILENO, &file) != 0) return false;
    return std::to_string(file.st_dev) + ':' + std::to_string(file.st_ino) == stream;
}

std::vector<std::string> journal_fields(int priority, std::string_view event, std::string_view line,
                                        std::vector<std::pair<std::string, std::string>> const& fields) {
    std::vector<std::string> all{"MESSAGE=" + std::string{line}, "PRIORITY=" + std::to_string(priority), "SYSLOG_IDENTIFIER=kefud",
                                 "KEFUD_EVENT=" + std::string{event}};
    for (auto const& [key, value] : fields) all.push_back(field_name(key) + '=' + value);
    return all;
}

bool send_to_journal(std::vector<std::string> const& fields) {
    std::vector<iovec> parts;
    parts.reserve(fields.size());
    for (auto const& field : fields) parts.push_back({const_cast<char*>(field.data()), field.size()});  // it is only read
    return ::sd_journal_sendv(parts.data(), static_cast<int>(parts.size())) == 0;
}

}  // namespace kefu
