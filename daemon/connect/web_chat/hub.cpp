// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/web_chat/hub.hpp"

#include "daemon/http/websocket.hpp"

#include <algorithm>
#include <utility>

namespace kefu::web_chat {

namespace {

constexpr std::size_t most_before_welcome = 64;
constexpr std::size_t most_given = 256;

/// A page that does not read is cut off; when it comes back it is given what it missed.
void send(Page& page, std::string frame) {
    if (!page.socket->send(std::move(frame))) page.socket->close(close_code::going_away, "the page does not read");
}

}  // namespace

void Page::note(std::uint64_t number) {
    if (given.size() >= most_given) given.erase(given.begin());
    given.insert(number);
}

bool Hub::enter(std::string const& address) {
    auto const& limits = settings_.web_chat;
    if (connections_ >= static_cast<std::size_t>(limits.connections)) return false;
    auto& count = of_address_[address];
    if (count >= static_cast<std::size_t>(limits.connections_per_address)) return false;
    ++count;
    ++connections_;
    return true;
}

void Hub::leave(std::string const& address) {
    --connections_;
    auto const found = of_address_.find(address);
    if (--found->second == 0) of_address_.erase(found);
}

bool Hub::open(std::shared_ptr<Page> const& page) {
    if (retired_) return false;
    std::lock_guard const lock{mutex_};
    pages_.emplace(page->sender, page);
    return true;
}

void Hub::welcome(std::shared_ptr<Page> const& page, std::string frame) {
    std::lock_guard const lock{mutex_};
    page->welcomed = true;
    send(*page, std::move(frame));
    for (auto& waiting : std::exchange(page->before_welcome, {})) send(*page, std::move(waiting));
}

void Hub::close(std::shared_ptr<Page> const& page) {
    std::lock_guard const lock{mutex_};
    auto const [first, last] = pages_.equal_range(page->sender);
    auto const found = std::find_if(first, last, [&](auto const& entry) { return entry.second == page; });
    if (found != last) pages_.erase(found);
    if (!pages_.contains(page->sender)) typed_.erase(page->sender);
}

void Hub::tell(std::string const& sender, std::string const& frame, std::uint64_t number, Page const* but) {
    std::lock_guard const lock{mutex_};
    auto const [first, last] = pages_.equal_range(sender);
    for (auto entry = first; entry != last; ++entry) {
        auto& page = *entry->second;
        if (&page == but) continue;
        if (number != 0) page.note(number);
        if (page.welcomed)
            send(page, frame);
        else if (page.before_welcome.size() < most_before_welcome)
            page.before_welcome.push_back(frame);
        else
            page.socket->close(close_code::going_away, "its history takes too long");
    }
}

void Hub::retire() {
    retired_ = true;
    std::lock_guard const lock{mutex_};
    for (auto const& [sender, page] : pages_) page->socket->close(close_code::going_away, "this chat is no more");
}

void Hub::note_typing(std::string const& sender, Timestamp now) {
    std::lock_guard const lock{mutex_};
    if (pages_.contains(sender)) typed_[sender] = now;
}

Timestamp Hub::typed_at(std::string const& sender) const {
    std::lock_guard const lock{mutex_};
    auto const found = typed_.find(sender);
    return found == typed_.end() ? Timestamp{} : found->second;
}

void Hub::show_typing(std::string const& sender, Speaker who) {
    std::lock_guard const lock{mutex_};
    auto const [first, last] = pages_.equal_range(sender);
    for (auto entry = first; entry != last; ++entry)
        if (entry->second->welcomed) send(*entry->second, write_typing(who));
}

std::chrono::milliseconds Hub::wait_before_message(std::string const& sender, std::string const& address, Timestamp now) {
    auto const& limits = settings_.web_chat;
    auto const own = visitors_.take(sender, limits.messages_per_minute, now);
    auto const wait = own.count() > 0 ? own : addresses_.take(address, limits.messages_per_minute_per_address, now);
    if (wait.count() > 0) ++rate_limited_;
    return wait;
}

}  // namespace kefu::web_chat
