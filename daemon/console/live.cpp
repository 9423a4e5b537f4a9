// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/live.hpp"

#include "daemon/crypto.hpp"
#include "daemon/net/deadline.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <utility>

namespace kefu {

namespace json = boost::json;

namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_told = 4096;     // kept for pages that come back
constexpr std::size_t most_in_frame = 512;  // beyond that reading everything again is cheaper
constexpr auto merged_for = 50ms;
constexpr auto typing_lasts = 6s;

json::object change_json(Changed const& change) {
    json::object object{{"conversation", change.conversation.value},
                        {"channel", change.channel.value},
                        {"owner", to_string(change.owner)},
                        {"agent", change.agent},
                        {"anger", change.heat},
                        {"new", change.is_new},
                        {"moved", change.moved}};
    if (change.answer_by != Timestamp{}) object["answer_by"] = to_rfc3339(change.answer_by);
    return object;
}

}  // namespace

LiveHub::LiveHub(net::any_io_executor home, Clock clock) : home_(std::move(home)), clock_(std::move(clock)), wake_(home_), epoch_(random_id()) {
    wake_.expires_at(net::steady_timer::time_point::max());
}

void LiveHub::changed(std::vector<Changed> changes) {
    std::lock_guard const lock{mutex_};
    bool const was_empty = waiting_.empty();
    for (auto& change : changes) {
        auto& kept = waiting_[change.conversation.value];
        bool const is_new = kept.is_new || change.is_new;
        bool const moved = kept.moved || change.moved;
        kept = std::move(change);
        kept.is_new = is_new;
        kept.moved = moved;
    }
    if (was_empty && !waiting_.empty()) net::post(home_, [this] { wake_.cancel(); });
}

net::awaitable<void> LiveHub::run() {
    for (;;) {
        bool const idle = [this] {
            std::lock_guard const lock{mutex_};
            return waiting_.empty();
        }();
        if (idle) {
            error_code woken;
            co_await wake_.async_wait(net::redirect_error(net::use_awaitable, woken));
        }
        flush();
        bool const slept = co_await sleep_for(merged_for);
        if (!slept) co_return;
    }
}

void LiveHub::flush() {
    std::lock_guard const lock{mutex_};
    std::vector<Changed const*> news;
    for (auto& [id, change] : waiting_) {
        told_.push_back({++sequence_, std::move(change)});
        if (told_.size() > most_told) told_.pop_front();
    }
    std::size_t const count = std::min(waiting_.size(), told_.size());
    bool const too_many = waiting_.size() > most_in_frame;
    waiting_.clear();
    if (count == 0 || pages_.empty()) return;
    for (std::size_t i = told_.size() - count; i < told_.size() && !too_many; ++i) news.push_back(&told_[i].change);
    std::string const frame = too_many ? reset_frame() : changes_frame(sequence_, news);
    for (auto const& page : pages_) send(*page, frame);
}

std::string LiveHub::reset_frame() const { return json::serialize(json::object{{"type", "reset"}, {"seq", sequence_}}); }

std::string LiveHub::changes_frame(std::uint64_t sequence, std::vector<Changed const*> const& changes) {
    json::array list;
    for (auto const* change : changes) list.push_back(change_json(*change));
    return json::serialize(json::object{{"type", "changes"}, {"seq", sequence}, {"changes", std::move(list)}});
}

/// What does not fit is left out, and made good as soon as something fits again.
void LiveHub::send(LivePage& page, std::string const& frame) {
    if (page.behind) {
        page.behind = !page.socket->send(reset_frame());
        if (page.behind) return;
    }
    if (!page.socket->send(frame)) page.behind = true;
}

LiveHub::Welcome LiveHub::enter(std::shared_ptr<WebSocket> socket, std::string person, std::string session, std::string_view epoch, std::uint64_t after) {
    std::lock_guard const lock{mutex_};
    Welcome welcome;
    welcome.page = std::make_shared<LivePage>();
    welcome.page->socket = std::move(socket);
    welcome.page->person = std::move(person);
    welcome.page->session = std::move(session);
    pages_.push_back(welcome.page);
    if (epoch.empty() || (epoch == epoch_ && after == sequence_)) return welcome;
    std::uint64_t const oldest = told_.empty() ? sequence_ + 1 : told_.front().sequence;
    bool const known = epoch == epoch_ && after < sequence_ && after + 1 >= oldest && sequence_ - after <= most_in_frame;
    std::vector<Changed const*> missed;
    for (auto const& entry : told_)
        if (known && entry.sequence > after) missed.push_back(&entry.change);
    welcome.frame = known ? changes_frame(sequence_, missed) : reset_frame();
    return welcome;
}

void LiveHub::leave(std::shared_ptr<LivePage> const& page) {
    std::lock_guard const lock{mutex_};
    pages_.remove(page);
    if (!page->looking.empty()) tell_lookers(page->looking);
}

std::uint64_t LiveHub::newest() const {
    std::lock_guard const lock{mutex_};
    return sequence_;
}

void LiveHub::look(std::shared_ptr<LivePage> const& page, std::string conversation) {
    std::lock_guard const lock{mutex_};
    std::string const before = std::exchange(page->looking, std::move(conversation));
    page->typing_until = {};
    if (!before.empty() && before != page->looking) tell_lookers(before);
    if (!page->looking.empty()) tell_lookers(page->looking);
}

void LiveHub::type(std::shared_ptr<LivePage> const& page) {
    std::lock_guard const lock{mutex_};
    bool const typed = page->typing_until > clock_();
    page->typing_until = clock_() + typing_lasts;
    if (!typed && !page->looking.empty()) tell_lookers(page->looking);
}

void LiveHub::stop_typing(std::shared_ptr<LivePage> const& page) {
    std::lock_guard const lock{mutex_};
    if (page->typing_until == Timestamp{} || page->typing_until > clock_()) return;
    page->typing_until = {};
    if (!page->looking.empty()) tell_lookers(page->looking);
}

Lookers LiveHub::lookers(std::string_view conversation, std::string_view but) const {
    std::lock_guard const lock{mutex_};
    Lookers there;
    auto const add = [](std::vector<std::string>& names, std::string const& name) {
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    };
    for (auto const& page : pages_) {
        if (page->looking != conversation || page->person == but) continue;
        add(there.looking, page->person);
        if (page->typing_until > clock_()) add(there.typing, page->person);
    }
    return there;
}

/// Each learns of the others.
void LiveHub::tell_lookers(std::string const& conversation) {
    std::map<std::string, bool> people;  // who looks: types?
    for (auto const& page : pages_)
        if (page->looking == conversation) people[page->person] |= page->typing_until > clock_();
    for (auto const& page : pages_) {
        if (page->looking != conversation) continue;
        json::array looking;
        json::array typing;
        for (auto const& [name, types] : people) {
            if (name == page->person) continue;
            looking.emplace_back(name);
            if (types) typing.emplace_back(name);
        }
        json::object const frame{{"type", "people"}, {"conversation", conversation}, {"looking", std::move(looking)}, {"typing", std::move(typing)}};
        send(*page, json::serialize(frame));
    }
}

void LiveHub::tell(json::object const& frame) {
    std::string const text = json::serialize(frame);
    std::lock_guard const lock{mutex_};
    for (auto const& page : pages_) send(*page, text);
}

void LiveHub::end_session(std::string_view session) {
    std::lock_guard const lock{mutex_};
    for (auto const& page : pages_)
        if (!session.empty() && page->session == session) page->socket->close(signed_out, "signed out");
}

void LiveHub::end_person(std::string_view person, std::string_view but_session) {
    std::lock_guard const lock{mutex_};
    for (auto const& page : pages_)
        if (page->person == person && !page->session.empty() && page->session != but_session) page->socket->close(signed_out, "signed out");
}

}  // namespace kefu
