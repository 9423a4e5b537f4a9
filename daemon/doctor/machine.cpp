// SPDX-License-Identifier: Apache-2.0
#include "daemon/doctor/doctor.hpp"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>

/// The machine: disk, clock, files, certificate, the daemon's process.
namespace kefu {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

namespace {

using Kind = Finding::Kind;

constexpr std::uint64_t mebibyte = 1u << 20;
constexpr std::uint64_t too_little = 100 * mebibyte;
constexpr std::uint64_t little = 1024 * mebibyte;
constexpr auto certificate_warning = 21 * 24h;  // those of Let's Encrypt are renewed 30 days before

std::string in_mebibytes(std::uint64_t bytes) { return std::to_string(bytes / mebibyte) + " MiB"; }

/// The first that exists of the path and what it lies in.
fs::path nearest(fs::path path) {
    std::error_code unreadable;
    while (!path.empty() && path != path.root_path() && !fs::exists(path, unreadable)) path = path.parent_path();
    return path.empty() ? fs::path{"."} : path;
}

/// Who may do more than they should with it.
void examine_mode(Findings& findings, fs::path const& path, ::mode_t forbidden, std::string const& todo) {
    struct stat file {};
    if (::stat(path.c_str(), &file) != 0) return;
    if ((file.st_mode & forbidden) == 0) return;
    char mode[8];
    std::snprintf(mode, sizeof mode, "%04o", static_cast<unsigned>(file.st_mode & 07777u));
    findings.push_back({Kind::wrong, "files", path.string() + " has mode " + mode + ": others on this machine can read it", todo + ' ' + path.string()});
}

std::string last_day(ASN1_TIME const* time) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &parts);
    return text;
}

struct FreeOpenSsl {
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};

template <class T>
std::unique_ptr<T, FreeOpenSsl> read_pem(fs::path const& path, T* (*read)(std::FILE*, T**, pem_password_cb*, void*)) {
    std::FILE* const file = std::fopen(path.c_str(), "re");
    if (file == nullptr) return nullptr;
    std::unique_ptr<T, FreeOpenSsl> object{read(file, nullptr, nullptr, nullptr)};
    std::fclose(file);
    return object;
}

/// Who holds the lock on the store: /proc/locks has "1: FLOCK  ADVISORY  WRITE 4711 08:01:1234 0 EOF".
std::optional<int> holder_of(fs::path const& file) {
    struct stat wanted {};
    if (::stat(file.c_str(), &wanted) != 0) return std::nullopt;
    std::ifstream locks{"/proc/locks"};
    for (std::string line; std::getline(locks, line);) {
        std::istringstream words{line};
        std::string number, type, mode, access, place;
        int process = 0;
        if (!(words >> number >> type >> mode >> access >> process >> place) || type != "FLOCK") continue;
        auto const inode = place.substr(place.rfind(':') + 1);
        if (inode == std::to_string(wanted.st_ino)) return process;
    }
    return std::nullopt;
}

std::optional<std::uint64_t> open_files_limit(int process) {
    std::ifstream limits{"/proc/" + std::to_string(process) + "/limits"};
    constexpr std::string_view name = "Max open files";
    for (std::string line; std::getline(limits, line);) {
        if (!line.starts_with(name)) continue;
        std::istringstream rest{line.substr(name.size())};
        std::uint64_t soft = 0;
        if (rest >> soft) return soft;
    }
    return std::nullopt;
}

}  // namespace

Findings examine_disk(Patient const& patient) {
    auto const folder = nearest(patient.settings.state);
    struct statvfs disk {};
    if (::statvfs(folder.c_str(), &disk) != 0)
        return {{Kind::wrong, "disk", folder.string() + ": " + std::strerror(errno), "make it readable, or set `state` to a folder that is"}};
    auto const left = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
    std::error_code absent;
    auto const size = fs::file_size(patient.settings.store.path, absent);
    auto const store = absent ? 0 : static_cast<std::uint64_t>(size);
    std::string const what = in_mebibytes(left) + " free where the store is";
    if ((disk.f_flag & ST_RDONLY) != 0) return {{Kind::wrong, "disk", folder.string() + " is read-only", "mount it writable; look at dmesg for why it is not"}};
    if (left < too_little) return {{Kind::wrong, "disk", what, "make room now: at 0 messages are refused with 503"}};
    if (left < little) return {{Kind::warning, "disk", what, "make room, or shorten `retention`"}};
    if (left < store + little / 4)
        return {{Kind::warning, "disk", what + ", the store has " + in_mebibytes(store),
                 "an upgrade that changes the tables copies the store first: have room for it"}};
    return {{Kind::fine, "disk", what, {}}};
}

Findings examine_clock(Patient const&) {
    timex state{};
    bool const kept = ::adjtimex(&state) != TIME_ERROR;
    if (kept) return {{Kind::fine, "clock", "is kept right by the system", {}}};
    return {{Kind::warning, "clock", "nobody keeps it right; signatures, deadlines and opening hours depend on it",
             "timedatectl set-ntp true (in a container: on its host)"}};
}

Findings examine_files(Patient const& patient) {
    Findings findings;
    constexpr ::mode_t others = 0077;
    auto const& settings = patient.settings;
    examine_mode(findings, settings.store.path, others, "chmod 600");
    examine_mode(findings, settings.store.media, others, "chmod 700");
    examine_mode(findings, settings.state / "claim.key", others, "chmod 600");
    if (!patient.config_file.empty()) {
        auto const secrets = patient.config_file.parent_path() / "secrets";
        examine_mode(findings, secrets, 0022, "chmod 700");
        std::error_code unreadable;
        for (fs::directory_iterator entry{secrets, unreadable}, end; !unreadable && entry != end; entry.increment(unreadable))
            examine_mode(findings, entry->path(), others, "chmod 600");
    }
    if (findings.empty()) findings.push_back({Kind::fine, "files", "the store, media and secrets are readable for their owner alone", {}});
    return findings;
}

Findings examine_certificate(Patient const& patient) {
    auto const& tls = patient.settings.listen.tls;
    if (!tls.enabled()) return {};
    auto const certificate = read_pem<X509>(tls.certificate, PEM_read_X509);
    if (!certificate) return {{Kind::wrong, "certificate", tls.certificate.string() + " cannot be read as PEM", "put the certificate chain there"}};
    auto const key = read_pem<EVP_PKEY>(tls.key, PEM_read_PrivateKey);
    if (!key || X509_check_private_key(certificate.get(), key.get()) != 1)
        return {{Kind::wrong, "certificate", tls.key.string() + " is not the key of " + tls.certificate.string(),
                 "put the key there that belongs to the certificate"}};
    auto const* end = X509_get0_notAfter(certificate.get());
    std::string const what = "is valid until " + last_day(end);
    std::time_t const now = to_millis(patient.now) / 1000;
    std::time_t soon = now + std::chrono::duration_cast<std::chrono::seconds>(certificate_warning).count();
    std::time_t today = now;
    if (X509_cmp_time(end, &today) < 0) return {{Kind::wrong, "certificate", what + ", which is over", "renew it, then systemctl reload kefud"}};
    if (X509_cmp_time(end, &soon) < 0) return {{Kind::warning, "certificate", what, "look why it was not renewed; systemctl reload kefud reads the new one"}};
    return {{Kind::fine, "certificate", what, {}}};
}

Findings examine_daemon(Patient const& patient) {
    auto const& settings = patient.settings;
    if (settings.store.type != StoreType::sqlite) return {};  // its lock is the database's own
    auto const process = holder_of(settings.store.path.string() + ".lock");
    if (!process) return {{Kind::warning, "daemon", "does not run with this store", "systemctl start kefud; journalctl -u kefud says why it stopped"}};
    std::string const what = "runs as process " + std::to_string(*process);
    auto const limit = open_files_limit(*process);
    auto const wanted = static_cast<std::uint64_t>(settings.listen.limits.connections) + 256;  // sends, notifiers, the store
    if (limit && *limit < wanted)
        return {{Kind::warning, "daemon", what + " and may open " + std::to_string(*limit) + " files, fewer than listen.limits.connections needs",
                 "raise LimitNOFILE of the unit to " + std::to_string(wanted) + " or more (systemctl edit kefud)"}};
    return {{Kind::fine, "daemon", what, {}}};
}

Findings examine_listening(Patient const& patient) {
    auto const& settings = patient.settings;
    Findings findings;
    auto const& address = settings.listen.address;
    bool const local = address.starts_with("127.") || address == "::1";
    if (!local && !settings.listen.tls.enabled())
        findings.push_back({Kind::warning, "listen", "listens on " + address + " without TLS: tokens and messages cross the network in the open",
                            "listen on 127.0.0.1 behind a proxy with HTTPS, or set listen.tls"});
    if (settings.public_url.empty() && !settings.notifiers.empty())
        findings.push_back({Kind::warning, "listen", "notices carry no link to take a case", "set public_url to the https address people use"});
    if (settings.public_url.starts_with("http://"))
        findings.push_back({Kind::warning, "listen", "public_url is not https: who signs in is overheard", "put a proxy with HTTPS in front"});
    if (findings.empty())
        findings.push_back({Kind::fine, "listen", address + ':' + std::to_string(settings.listen.port) + " unless systemd passes a socket", {}});
    return findings;
}

Findings examine(Patient const& patient) {
    Findings all;
    for (auto* const look :
         {examine_store, examine_disk, examine_catalog, examine_clock, examine_files, examine_certificate, examine_daemon, examine_listening})
        for (auto& finding : look(patient)) all.push_back(std::move(finding));
    return all;
}

}  // namespace kefu
