// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "config/base/strong_id.hpp"
#include "config/settings.hpp"
#include "daemon/store/privacy.hpp"

#include <string>

namespace kefu {

/// All that is kept of one person, as they may ask for it (GDPR, article 15): {"conversation","exported_at","state":{...},"events":[{"at","kind",
/// "fields":{...}}],"files":[...]}. Files lie in the media folder under those names. not_found; environment. Blocks.
Result<std::string> person_json(StoreSettings const& store, ConversationId const& id);

/// What forgetting them would erase. Errors likewise.
Result<Erased> look_at_person(StoreSettings const& store, ConversationId const& id);

}  // namespace kefu
