// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/writer.hpp"
#include "replies/json.hpp"

#include <utility>

/// What the store lets go of (privacy_tables.hpp), together with what is held in memory of it.
namespace kefu {

/// Its row is gone: whatever comes next makes a new conversation.
void StoreWriter::let_go(std::string const& id) {
    if (Held* const held = cache_.find(id)) {
        std::erase(touched_, held);
        std::erase(dirty_, held);
        cache_.drop(id);
    }
    --totals_.conversations;
}

Result<Expired> StoreWriter::expire(Expiry const& before, std::size_t limit) {
    // The order of numbers, by which it goes, is that of time only where one daemon gives them out.
    if (database_.shared())
        return Error{Errc::environment, "on a database that several daemons share nothing is let go of yet; see docs/running.md", std::nullopt};
    write_dirty();  // what this transaction has changed is not old
    auto const let = privacy_.expire(before, limit);
    for (auto const& id : let.conversations) let_go(id);
    Effect const effect = RedactMessage{};
    std::string const payload = to_json_text(effect);
    for (auto const& file : let.files) {  // of nobody in particular any more
        auto const number = next_number();
        constexpr auto kind = static_cast<int>(OutboxItem::Kind::delete_media);
        // In the bucket in which the item's end is looked for: that of its id's conversation, which is none.
        auto const bucket = bucket_of("");
        statements_.add_outbox.run(bucket, number, "#j" + std::to_string(number), "", 0, kind, 0, Timestamp{}, false, Timestamp{}, 0, file, payload);
        made_work_ = true;
    }
    return let.count;
}

Result<Erased> StoreWriter::forget(ConversationId const& id, std::string const& who, Timestamp now, bool dry) {
    write_dirty();
    auto erased = dry ? privacy_.look(id) : privacy_.erase(id);
    if (!erased) return Error{Errc::not_found, "there is no such conversation", std::nullopt};
    if (dry) return std::move(*erased);
    let_go(id.value);
    std::string const detail = std::to_string(erased->events) + " events, " + std::to_string(erased->escalations) + " hand-overs, " +
                               std::to_string(erased->files.size()) + " files of one person";
    statements_.add_audit.run(now, "", "forgotten", who, detail);
    return std::move(*erased);
}

}  // namespace kefu
