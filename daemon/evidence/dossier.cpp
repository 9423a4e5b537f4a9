// SPDX-License-Identifier: Apache-2.0
#include "daemon/catalog_files.hpp"
#include "daemon/crypto.hpp"
#include "daemon/evidence.hpp"
#include "daemon/evidence/collect.hpp"
#include "daemon/evidence/page.hpp"
#include "daemon/store/open_store.hpp"
#include "daemon/version.hpp"
#include "daemon/write_file.hpp"
#include "replies/json.hpp"

#include <sys/stat.h>
#include <boost/json/parse.hpp>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <functional>
#include <set>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace kefu {

namespace fs = std::filesystem;

namespace {

/// The folder cannot be written; caught in write_dossier().
struct CannotWrite : std::runtime_error {
    explicit CannotWrite(fs::path const& path) : std::runtime_error(path.string() + ": cannot be written: " + std::strerror(errno)) {}
};

/// Customers' words: for their keeper alone.
void make_private_folder(fs::path const& path) {
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) throw CannotWrite{path};
}

/// A new file of the dossier, and the hash of what is in it.
class OutputFile {
  public:
    explicit OutputFile(fs::path path) : path_(std::move(path)), out_(path_, std::ios::binary | std::ios::trunc) {
        if (!out_ || ::chmod(path_.c_str(), 0600) != 0) throw CannotWrite{path_};
    }
    void write(std::string_view bytes) {
        out_.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        hash_.update(bytes);
        size_ += bytes.size();
    }
    /// Describes the file under its name in the dossier. Nothing may be written afterwards.
    EvidenceEntry close(std::string_view name, Timestamp now) {
        out_.close();
        if (!out_) throw CannotWrite{path_};
        EvidenceEntry entry{now, "file", {}};
        entry.add("file", name);
        entry.add("bytes", std::to_string(size_));
        entry.add("sha256", hex(hash_.finish()));
        return entry;
    }

  private:
    fs::path path_;
    std::ofstream out_;
    Sha256 hash_;
    std::uint64_t size_ = 0;
};

/// Adds each entry to the chain in evidence.json and, until the page is closed, to evidence.html.
class Writer {
  public:
    explicit Writer(fs::path const& folder) : json_(folder / "evidence.json"), page_(folder / "evidence.html") {
        json_.write(std::string{evidence_begin} + '\n');
    }

    void add(EvidenceEntry entry) {
        chain(std::move(entry));
        page_.write((last_.number == 1 ? page_begin(last_) : std::string{}) + page_entry(last_));
    }

    /// The page cannot hold its own hash, so its entry comes after it.
    void finish(Timestamp now) {
        page_.write(page_end(last_));
        chain(page_.close("evidence.html", now));
        json_.write("\n" + evidence_end(last_.hash) + '\n');
        json_.close("evidence.json", now);
    }

    Dossier written() const { return {last_.number, files_, last_.hash}; }

  private:
    void chain(EvidenceEntry entry) {
        if (entry.kind == "file") ++files_;
        last_ = seal(std::move(entry), last_.number + 1, last_.number == 0 ? chain_start() : last_.hash);
        json_.write((last_.number == 1 ? "" : ",\n") + to_line(last_));
    }

    OutputFile json_;
    OutputFile page_;
    SealedEntry last_;
    std::uint64_t files_ = 0;
};

EvidenceEntry copy_file(fs::path const& from, fs::path const& folder, std::string const& file, Timestamp now) {
    std::string const name = "media/" + file;
    std::ifstream in{from / file, std::ios::binary};
    if (!in) {
        EvidenceEntry entry{now, "file_missing", {}};
        entry.add("file", name);
        entry.add("detail", "it is not in the media folder (any more)");
        return entry;
    }
    make_private_folder(folder / "media");
    make_private_folder((folder / name).parent_path());
    OutputFile out{folder / name};
    std::array<char, 1 << 16> piece;
    while (in.read(piece.data(), piece.size()), in.gcount() > 0) out.write({piece.data(), static_cast<std::size_t>(in.gcount())});
    if (in.bad()) throw CannotWrite{folder / name};
    return out.close(name, now);
}

EvidenceEntry describe_dossier(DossierRequest const& request) {
    EvidenceEntry entry{request.made_at, "dossier", {}};
    entry.add("conversation", request.conversation.value);
    entry.add("made_by", request.made_by);
    entry.add("kefud", program_version());
    return entry;
}

Dossier write_into(fs::path const& folder, StoreRecord& record, std::string const& state, DossierRequest const& request) {
    make_private_folder(folder);
    Writer writer{folder};
    writer.add(describe_dossier(request));
    auto const files = record.files(request.conversation);
    collect_history(record, request.conversation, files, [&](EvidenceEntry entry) { writer.add(std::move(entry)); });
    writer.add(describe_state(state, request.made_at));
    std::set<std::string> names;
    for (auto const& one : files)
        if (names.insert(one.file).second) writer.add(copy_file(request.media, folder, one.file, request.made_at));
    writer.finish(request.made_at);
    return writer.written();
}

/// Runs `read` on the daemon's database without disturbing it.
template <class T>
Result<T> with_record(StoreSettings const& store, std::function<Result<T>(StoreRecord&)> const& read) {
    auto database = open_beside(store, Access::read);
    if (!database) return database.error();
    try {
        StoreRecord record{**database};
        return read(record);
    } catch (DatabaseError const& error) {
        return error.to_error(name_of(store));
    }
}

bool is_threat(std::string_view reason) { return reason == "extortion" || reason.starts_with("threat_"); }

}  // namespace

Result<Dossier> write_dossier(DossierRequest const& request) {
    return with_record<Dossier>(request.store, [&](StoreRecord& record) -> Result<Dossier> {
        auto const state = record.state(request.conversation);
        if (!state)
            return Error{Errc::not_found, "there is no conversation '" + request.conversation.value + "'; 'kefud evidence --list' lists those with threats"};
        std::error_code error;
        if (fs::exists(request.out, error)) return Error{Errc::conflict, request.out.string() + " is there already; name another folder with --out"};
        fs::path partial = request.out;
        partial += ".part";
        fs::remove_all(partial, error);
        try {
            auto const dossier = write_into(partial, record, *state, request);
            fs::rename(partial, request.out);
            return dossier;
        } catch (CannotWrite const& problem) {
            fs::remove_all(partial, error);
            return Error{Errc::environment, problem.what()};
        } catch (fs::filesystem_error const& problem) {
            fs::remove_all(partial, error);
            return Error{Errc::environment, problem.what()};
        }
    });
}

Result<std::vector<Threatened>> list_threatened(StoreSettings const& store) {
    return with_record<std::vector<Threatened>>(store, [](StoreRecord& record) -> Result<std::vector<Threatened>> {
        std::vector<Threatened> all;
        std::set<std::string> seen;
        record.all_escalations([&](RecordedEscalation const& one) {
            boost::system::error_code broken;
            auto const json = boost::json::parse(one.what, broken);
            if (broken) return;
            auto const effect = effect_from_json(json);
            auto const* const escalate = effect ? std::get_if<Escalate>(&*effect) : nullptr;
            if (escalate == nullptr || !is_threat(escalate->reason) || !seen.insert(one.conversation.value).second) return;
            all.push_back({one.conversation, escalate->reason, one.opened_at});
        });
        return all;
    });
}

Result<std::uint64_t> erase_dossier(fs::path const& folder) {
    auto const json = read_file(folder / "evidence.json");
    if (!json) return json.error();
    // What was changed before must go on showing: only a whole chain is rewritten.
    std::istringstream before{*json};
    auto const checked = verify_record(before, {});
    if (!checked.findings.empty())
        return Error{Errc::conflict, folder.string() + ": not erased, this is not the dossier as it was written: " + checked.findings.front(), std::nullopt};

    std::uint64_t fields = 0;
    std::string erased;
    std::istringstream lines{*json};
    for (std::string line; std::getline(lines, line); erased += line + '\n') {
        bool const comma = line.ends_with(',');
        auto entry = from_line(comma ? std::string_view{line}.substr(0, line.size() - 1) : std::string_view{line});
        if (!entry) continue;  // the first line and the last
        for (auto& field : entry->fields) {
            fields += field.value ? 1 : 0;
            field.value.reset();
            field.salt.clear();
        }
        line = to_line(*entry) + (comma ? "," : "");
    }
    if (auto const written = write_file(folder / "evidence.json", erased, 0600); !written) return written.error();
    std::error_code error;
    for (auto const* name : {"evidence.html", "media"}) {
        fs::remove_all(folder / name, error);
        if (error) return Error{Errc::environment, (folder / name).string() + ": " + error.message(), std::nullopt};
    }
    return fields;
}

}  // namespace kefu
