// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/log.hpp"

#include <string>
#include <string_view>
#include <vector>

/// systemd's journal as it likes to be spoken to: fields beside the line, so that `journalctl KEFUD_CHANNEL=line-main` finds them.
namespace kefu {

/// Whether standard error goes to the journal (systemd.exec(5), JOURNAL_STREAM).
bool stderr_is_journal();

/// "KEFUD_CHANNEL=line-main" for each field, with MESSAGE, PRIORITY (syslog's) and KEFUD_EVENT. Names are in upper case; values may have lines.
std::vector<std::string> journal_fields(int priority, std::string_view event, std::string_view line,
                                        std::vector<std::pair<std::string, std::string>> const& fields);

/// False: the journal did not take it.
bool send_to_journal(std::vector<std::string> const& fields);

}  // namespace kefu
