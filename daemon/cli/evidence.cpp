// SPDX-License-Identifier: Apache-2.0
#include "daemon/evidence.hpp"

#include "daemon/cli/commands.hpp"
#include "daemon/clock.hpp"

#include <algorithm>
#include <cctype>
#include <iostream>
#include <optional>

namespace kefu::cli {

namespace {

/// "line-main/U12" → "evidence-line-main-U12"
std::string folder_for(std::string conversation) {
    std::replace_if(
        conversation.begin(), conversation.end(), [](unsigned char c) { return std::isalnum(c) == 0 && c != '-' && c != '_'; }, '-');
    return "evidence-" + conversation;
}

int failed(Error const& error) {
    int const code = report("evidence", error.to_string());
    return error.code == Errc::not_found || error.code == Errc::conflict ? usage : code;
}

}  // namespace

int evidence(ConfigFile const& config, EvidenceOptions const& options) {
    int code = ok;
    auto const store = find_store("evidence", config, options.state, code);
    if (!store) return code;
    std::string const out = options.out.empty() ? folder_for(options.conversation) : options.out;
    auto const dossier = write_dossier({*store, store->media, ConversationId{options.conversation}, out, system_now(), user()});
    if (!dossier) return failed(dossier.error());
    std::cout << out << ": " << dossier->entries << " entries, " << dossier->files << (dossier->files == 1 ? " file" : " files")
              << "\nfinal hash: " << dossier->final_hash
              << "\nWrite the hash down elsewhere: 'kefud evidence verify --hash' then proves that this is the dossier of today.\n";
    return ok;
}

int list_evidence(ConfigFile const& config, std::string const& state) {
    int code = ok;
    auto const store = find_store("evidence", config, state, code);
    if (!store) return code;
    auto const all = list_threatened(*store);
    if (!all) return failed(all.error());
    for (auto const& one : *all) std::cout << to_rfc3339(one.at) << '\t' << one.reason << '\t' << one.conversation.value << '\n';
    if (all->empty()) std::cerr << "no conversation has an escalation for extortion or a threat\n";
    return ok;
}

int erase_evidence(std::string const& folder) {
    auto const erased = erase_dossier(folder);
    if (!erased) return erased.error().code == Errc::conflict ? (report("evidence", erased.error().to_string()), findings) : failed(erased.error());
    std::cout << folder << ": " << *erased << " fields erased; 'kefud evidence verify' still holds\n";
    return ok;
}

int verify_evidence(std::string const& folder_or_file, std::string const& hash) {
    auto const checked = verify_dossier(folder_or_file);
    if (!checked) return failed(checked.error());
    auto problems = checked->findings;
    if (!hash.empty() && hash != checked->final_hash) problems.push_back("the final hash is " + checked->final_hash + ", not the one that was written down");
    for (auto const& one : checked->erased) std::cout << "erased: " << one << '\n';
    for (auto const& one : problems) std::cerr << one << '\n';
    if (!problems.empty()) {
        std::cerr << problems.size() << (problems.size() == 1 ? " finding" : " findings") << ": this is not the dossier as it was written\n";
        return findings;
    }
    std::cout << "nothing was changed: " << checked->entries << " entries\nfinal hash: " << checked->final_hash << '\n';
    return ok;
}

}  // namespace kefu::cli
