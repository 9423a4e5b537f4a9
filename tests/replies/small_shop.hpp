// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "replies/catalog.hpp"
#include "replies/conversation.hpp"
#include "replies/decide.hpp"

#include <initializer_list>
#include <map>
#include <string>
#include <vector>

/// A shop small enough to read, for the tests of replies/: it does not depend on the shipped texts.
namespace kefu::small_shop {

/// Tuesday, 10:00 in Prague, where the shop is. Its hours are Monday to Friday, 9 to 18.
inline Timestamp const tuesday_10 = *from_rfc3339("2026-06-02T10:00:00+02:00");

CatalogSources sources();
ShopSettings settings();
Catalog const& catalog();
/// The same with another policy or other texts. Throws when it does not load.
Catalog catalog_with(CatalogSources const& sources);

/// What a message means, without a classifier: topics, and the labels they carry.
Classification meaning(std::initializer_list<std::string> topics, std::string language = "en");
Classification with_order(Classification meaning, std::string order);
Classification angry(Classification meaning, double level, std::vector<AngerKind> kinds = {AngerKind::insult});

/// A conversation as the store runs it: keeps the state, the timers and the outbox.
class Talk {
  public:
    explicit Talk(Catalog const& shop = catalog()) : shop_(shop) { channel.quiet_window = std::chrono::milliseconds{0}; }

    /// A message one minute after the last, then everything that follows at once: cancelled sends, due timers, delivery.
    std::vector<std::string> says(Classification meaning, std::string text = "words");
    std::vector<std::string> sends(std::vector<ContentKind> attachments, Classification meaning = {}, std::string text = {});
    std::vector<std::string> agent(AgentAction action, std::string name = "Eva", std::string text = {});
    /// Lets time pass and timers fire.
    std::vector<std::string> waits(std::chrono::minutes time);
    /// Any event, right now.
    std::vector<std::string> happens(Event const& event);

    /// The templates that were said since the last call, the disclosure left out.
    std::vector<std::string> take_said();
    /// The last text that was sent.
    std::string last_text() const;
    template <class T>
    std::vector<T> effects() const {
        std::vector<T> found;
        for (auto const& effect : seen)
            if (auto const* one = std::get_if<T>(&effect)) found.push_back(*one);
        return found;
    }
    bool escalated(std::string const& reason) const;
    Message message(std::string text);

    Conversation conversation;
    ChannelPolicy channel;
    Timestamp now = tuesday_10;
    bool delivers = true;  ///< false: sends stay in the outbox
    std::vector<Send> outbox;
    std::vector<Effect> seen;  ///< all of the last call
    std::vector<std::string> why;
    std::map<std::string, Timestamp> timers;

  private:
    void apply(Event const& event);
    void settle();

    Catalog const& shop_;
    std::vector<std::string> said_;
    std::vector<Send> sent_;
    int messages_ = 0;
};

}  // namespace kefu::small_shop
