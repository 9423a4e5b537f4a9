// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/clock.hpp"
#include "daemon/connect/connector.hpp"
#include "daemon/http/message.hpp"
#include "daemon/services.hpp"
#include "daemon/store/store.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <vector>

namespace kefu {

/// What came in since start; read from any thread.
struct IntakeCounts {
    std::atomic<std::uint64_t> requests{0};
    std::atomic<std::uint64_t> events{0};
    std::atomic<std::uint64_t> duplicates{0};
    std::atomic<std::uint64_t> ignored{0};
    std::atomic<std::uint64_t> refused{0};  ///< signature or body
    std::atomic<std::uint64_t> unavailable{0};
};

/// What a platform brought, as the store takes it.
Arrival arrival_of(ChannelId const& channel, InboundEvent event, Timestamp now);

/// What happens in a conversation by our own doing: never a repetition.
Arrival arrival_in(Conversation const& conversation, Event event, Timestamp now);

/// Every way in ends here, one call a batch: what the store made of it is counted, and noted for the health of the channel.
void note_stored(Services const& services, IntakeCounts& counts, ChannelId const& channel, Result<std::vector<Applied>> const& applied, Timestamp now);

/// Nothing of it was taken. `why`: for people; no customer text.
void note_refused(Services const& services, IntakeCounts& counts, ChannelId const& channel, Trouble trouble, std::string why, Timestamp now);

/// Stores it, as long as that takes: what came waits here, and behind it whoever sent it. After each try that failed `wait_on` says whether to go on. False: it
/// is not stored. For batches; cancelled with the coroutine.
net::awaitable<bool> store_at_last(Inlet inlet, ChannelId channel, std::vector<Arrival> arrivals, std::function<bool()> wait_on);

/// One webhook request: verify, parse, one store transaction, and only then 200. The first connector on the path whose signature and account fit takes it;
/// where a body may hold events of several accounts, each takes its own. 401 wrong signature, 400 broken body, 503 when the store cannot take it now (the
/// platform repeats).
net::awaitable<Response> take_webhook(ServicesPtr services, std::string path, Request request, Store& store, Clock const& clock, IntakeCounts& counts);

}  // namespace kefu
