// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/evidence.hpp"
#include "tests/support/store_backends.hpp"

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace kefu {

inline std::string read_bytes(std::filesystem::path const& path) {
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

inline void write_bytes(std::filesystem::path const& path, std::string_view bytes) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream{path, std::ios::binary | std::ios::trunc} << bytes;
}

/// A store with one customer's words in it, and dossiers of them.
class EvidenceWorld {
  public:
    EvidenceWorld() : shop(sqlite_backend()) { shop.shop = threatened_shop; }

    /// As simple_shop, but a message with 評論 is extortion, and one that is taken back is erased.
    static Decision threatened_shop(ChannelId const& channel, Conversation conversation, Event const& event, Timestamp now) {
        if (auto const* const unsent = std::get_if<MessageUnsent>(&event)) {
            Decision decision;
            decision.conversation = std::move(conversation);
            decision.effects.emplace_back(RedactMessage{unsent->message});
            return decision;
        }
        auto decision = simple_shop(channel, std::move(conversation), event, now);
        auto const* const received = std::get_if<MessageReceived>(&event);
        if (received != nullptr && received->message.text.find("評論") != std::string::npos) {
            Escalate escalate;
            escalate.reason = "extortion";
            escalate.tier = "review_desk";
            escalate.quote = received->message.text;
            decision.effects.emplace_back(escalate);
        }
        if (auto const* const act = std::get_if<AgentActed>(&event); act != nullptr && act->action == AgentAction::claim)
            decision.effects.emplace_back(Audit{"owner", act->agent, "bot → person: claimed"});
        return decision;
    }

    DossierRequest request(std::string const& customer = "mei", std::string const& out = "dossier") const {
        StoreSettings store;
        store.path = shop.folder() / "kefud.db";
        return {store, shop.folder() / "media", ConversationId{"line-main/" + customer}, shop.folder() / out, noon, "tester"};
    }
    Dossier write(std::string const& customer = "mei", std::string const& out = "dossier") const { return write_dossier(request(customer, out)).value(); }
    std::string json(std::string const& out = "dossier") const { return read_bytes(shop.folder() / out / "evidence.json"); }
    std::string page(std::string const& out = "dossier") const { return read_bytes(shop.folder() / out / "evidence.html"); }
    Verification verify(std::string const& out = "dossier") const { return verify_dossier(shop.folder() / out).value(); }

    StoreHarness shop;
};

}  // namespace kefu
