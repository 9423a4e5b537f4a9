// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/evidence/entry.hpp"

#include <string>

/// evidence.html, piece by piece: one row an entry, no scripts, nothing loaded but the dossier's own pictures.
namespace kefu {

std::string page_begin(SealedEntry const& first);
std::string page_entry(SealedEntry const& entry);
std::string page_end(SealedEntry const& last);

}  // namespace kefu
