// SPDX-License-Identifier: Apache-2.0
#include "daemon/crypto.hpp"
#include "daemon/evidence.hpp"
#include "daemon/evidence/entry.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <utility>

namespace kefu {

namespace fs = std::filesystem;

namespace {

/// What a dossier may name: never a way out of its folder.
bool is_ours(std::string const& name) {
    if (name == "evidence.html") return true;
    fs::path const path{name};
    return name.starts_with("media/") && path.lexically_normal() == path && name.find("..") == std::string::npos;
}

/// Goes through evidence.json line by line.
class RecordCheck {
  public:
    void run(std::istream& json) {
        std::string line;
        if (!next(json, line) || line != evidence_begin) found("the first line was changed");
        while (next(json, line)) {
            if (line.starts_with(']')) return finish(json, line);
            take(line);
        }
        found("the end is missing: the last line with the final hash");
        report_missing();
    }

    Verification result;
    std::map<std::string, std::string> files;  ///< name → hash; without those whose entries were erased
    bool files_erased = false;                 ///< there are such

  private:
    void found(std::string what) { result.findings.push_back(std::move(what)); }

    /// A line that its line end closes; what stands after the last line end is not one of ours.
    bool next(std::istream& json, std::string& line) {
        ++line_number_;
        if (!std::getline(json, line)) return false;
        if (json.eof()) found("line " + std::to_string(line_number_) + ": the line end is missing");
        return true;
    }

    std::string here(SealedEntry const& entry) const {
        return "entry " + std::to_string(entry.number) + (entry.number == line_number_ - 1 ? "" : " (line " + std::to_string(line_number_) + ")");
    }

    void take(std::string_view line) {
        if (result.entries > 0 && !comma_) found("line " + std::to_string(line_number_ - 1) + ": the comma after the entry is missing");
        ++result.entries;
        comma_ = line.ends_with(',');
        if (comma_) line.remove_suffix(1);
        auto const entry = from_line(line);
        if (!entry) {
            found("line " + std::to_string(line_number_) + ": was changed; it is no entry any more");
            known_ = false;
            return;
        }
        if (to_line(*entry) != line) found(here(*entry) + ": its spelling was changed");
        check_place(*entry);
        check_content(*entry);
        check_link(*entry);
        result.final_hash = entry->hash;
        last_computed_ = hash_of(*entry);
        known_ = true;
    }

    void check_place(SealedEntry const& entry) {
        if (!numbers_.insert(entry.number).second)
            found(here(entry) + ": is there twice");
        else if (entry.number < newest_)
            found(here(entry) + ": stands after entry " + std::to_string(newest_));
        newest_ = std::max(newest_, entry.number);
    }

    void check_content(SealedEntry const& entry) {
        bool whole = true;
        for (auto const& field : entry.fields) {
            if (!field.value) {
                result.erased.push_back("entry " + std::to_string(entry.number) + ": " + field.name);
                whole = false;
            } else if (commitment_of(field) != field.commitment) {
                found(here(entry) + ": '" + field.name + "' was changed");
            }
        }
        if (hash_of(entry) != entry.hash) found(here(entry) + ": was changed; its hash does not fit");
        if (entry.kind == "file" && !whole) files_erased = true;
        if (entry.kind == "file" && whole) files[std::string{entry.value("file")}] = entry.value("sha256");
    }

    /// A changed entry was reported by itself: the next one may follow what it was or what it is.
    void check_link(SealedEntry const& entry) {
        if (result.entries == 1) {
            if (entry.previous != chain_start()) found(here(entry) + ": does not begin the chain");
        } else if (known_ && entry.previous != result.final_hash && entry.previous != last_computed_) {
            found(here(entry) + ": does not follow the entry before it");
        }
    }

    void finish(std::istream& json, std::string_view line) {
        if (comma_) found("the entries after the last one are missing: a comma follows it");
        if (result.entries == 0) found("there are no entries");
        if (line != evidence_end(result.final_hash) && line != evidence_end(last_computed_)) found("the final hash is not that of the last entry");
        if (json.peek() != std::istream::traits_type::eof()) found("something was added after the final hash");
        report_missing();
    }

    void report_missing() {
        std::uint64_t expected = 1;
        for (auto const number : numbers_) {
            if (number > expected + 1)
                found("entries " + std::to_string(expected) + " to " + std::to_string(number - 1) + " are missing");
            else if (number > expected)
                found("entry " + std::to_string(expected) + " is missing");
            expected = number + 1;
        }
    }

    std::uint64_t line_number_ = 0;
    std::uint64_t newest_ = 0;
    std::set<std::uint64_t> numbers_;
    std::string last_computed_;
    bool comma_ = false;
    bool known_ = true;  ///< the entry before could be read
};

void check_files(RecordCheck& check, fs::path const& folder) {
    auto& findings = check.result.findings;
    if (!check.files.contains("evidence.html") && !check.files_erased) findings.emplace_back("no entry is about evidence.html");
    for (auto const& [name, hash] : check.files) {
        if (!is_ours(name)) {
            findings.push_back("'" + name + "' cannot be a file of a dossier");
            continue;
        }
        auto const now = hash_of_file(folder / name);
        if (!now)
            findings.push_back(name + ": is missing");
        else if (*now != hash)
            findings.push_back(name + ": was changed");
    }
}

/// What lies in the folder and has no entry.
void check_strangers(RecordCheck& check, fs::path const& folder) {
    std::error_code error;
    for (auto file = fs::recursive_directory_iterator{folder, error}; !error && file != fs::recursive_directory_iterator{}; file.increment(error)) {
        std::string const name = file->path().lexically_relative(folder).string();
        auto const type = file->symlink_status(error).type();
        if (type == fs::file_type::directory) continue;
        if (name != "evidence.json" && !check.files.contains(name))
            check.result.findings.push_back(name + ": was added; no entry is about it");
        else if (type != fs::file_type::regular)
            check.result.findings.push_back(name + ": is no regular file");
    }
    if (error) check.result.findings.push_back(folder.string() + ": cannot be listed: " + error.message());
}

}  // namespace

Verification verify_record(std::istream& json, fs::path const& folder) {
    RecordCheck check;
    check.run(json);
    if (!folder.empty()) {
        check_files(check, folder);
        check_strangers(check, folder);
    }
    return std::move(check.result);
}

Result<Verification> verify_dossier(fs::path const& folder_or_file) {
    std::error_code error;
    bool const folder = fs::is_directory(folder_or_file, error);
    fs::path const file = folder ? folder_or_file / "evidence.json" : folder_or_file;
    std::ifstream in{file, std::ios::binary};
    if (!in) return Error{Errc::environment, file.string() + ": cannot be read"};
    return verify_record(in, folder ? folder_or_file : fs::path{});
}

}  // namespace kefu
