// SPDX-License-Identifier: Apache-2.0
#include "daemon/notify/text_notifier.hpp"

#include "daemon/connect/text_split.hpp"
#include "daemon/notify/notifiers.hpp"

#include <algorithm>
#include <charconv>
#include <deque>
#include <set>
#include <utility>
#include <vector>

namespace kefu {

using namespace std::chrono_literals;

namespace {

constexpr int tries_most = 40;  // two days, with waits up to an hour
constexpr std::size_t digest_most = 200;
constexpr std::size_t remembered_most = 1000;

/// At most so many in any minute, never more in a burst than in a minute: what these platforms count.
class MinuteLimit {
  public:
    explicit MinuteLimit(int most) : most_(static_cast<std::size_t>(most)) {}

    /// How long until one more may go; 0: now.
    std::chrono::milliseconds wait(Timestamp now) {
        while (!times_.empty() && now - times_.front() >= 1min) times_.pop_front();
        return times_.size() < most_ ? 0ms : 1min - (now - times_.front());
    }
    void take(Timestamp now) { times_.push_back(now); }

  private:
    std::size_t most_;
    std::deque<Timestamp> times_;
};

/// The place's notices that found no room in their minute.
struct Gathered {
    std::string id;
    bool urgent = false;
    std::string text;  ///< two lines
};

std::size_t length(std::string_view escaped, TextPlatform const& platform) {
    return platform.unit == TextPlatform::Unit::bytes ? escaped.size() : utf16_length(escaped);
}

bool fits(std::string_view text, TextPlatform const& platform) {
    std::size_t used = 0;
    for (auto const& grapheme : graphemes(text)) used += length(platform.escape(grapheme), platform);
    return used <= platform.most;
}

class TextNotifier final : public Notifier {
  public:
    TextNotifier(NotifierSettings const& settings, TextPlatform const& platform, HttpClient& http, Clock clock)
        : settings_(settings), platform_(platform), http_(http), clock_(std::move(clock)), limit_(platform.a_minute) {}
    std::string const& id() const override { return settings_.id; }

    /// When the minute is full a notice is gathered and comes again; the first that finds room takes all gathered ones along. Several may be on their way at
    /// once. What a restart forgets comes again by itself.
    net::awaitable<SendResult> notify(Notice notice, SendAttempt attempt) override {
        SendResult result;
        if (std::erase(told_, notice.id.value) > 0) {
            result.detail = "told in a digest";
            co_return result;
        }
        Timestamp const now = clock_();
        if (telling_.contains(notice.id.value)) co_return later("it is in a digest on its way", 1s);
        if (auto const wait = limit_.wait(now); wait > 0ms) {
            gather(gathered_from(notice));
            co_return later(std::string{platform_.name} + " takes " + std::to_string(platform_.a_minute) + " a minute; it goes into the next digest", wait);
        }
        limit_.take(now);
        std::vector<Gathered> together = std::exchange(gathered_, {});
        std::erase_if(together, [&](Gathered const& one) { return one.id == notice.id.value; });
        bool const alone = together.empty();
        together.insert(together.begin(), gathered_from(notice));  // it has waited longest
        std::string const text = alone ? notice_text(notice, settings_.locale) : digest(together);
        for (auto const& one : together) telling_.insert(one.id);
        result = co_await post(fitted(text, platform_), now);
        for (auto const& one : together) telling_.erase(one.id);

        bool const delivered = result.kind == SendResult::Kind::delivered;
        bool const is_told = delivered && std::erase_if(together, [&](Gathered const& one) { return one.id == notice.id.value; }) > 0;
        for (auto& one : together) delivered ? remember(std::move(one.id)) : gather(std::move(one));
        if (delivered && !is_told) co_return later("the digest was full before it came to this one", limit_.wait(now));
        if (result.kind == SendResult::Kind::unknown) result.kind = SendResult::Kind::retry;
        if (result.kind != SendResult::Kind::retry && result.kind != SendResult::Kind::hold) co_return result;
        if (attempt.number >= tries_most) result.kind = SendResult::Kind::refused;
        if (result.after == 0ms) result.after = std::min<std::chrono::milliseconds>(2s * (1 << std::min(attempt.number, 11)), 1h);
        co_return result;
    }

  private:
    net::awaitable<SendResult> post(std::string text, Timestamp now) {
        ClientRequest request = platform_.request(settings_, text, now);
        request.headers.set("Content-Type", "application/json; charset=utf-8");
        request.public_addresses_only = !settings_.allow_private_addresses;
        auto const response = co_await http_.fetch(std::move(request));
        if (response) co_return platform_.read(*response);
        SendResult failed;
        failed.kind = response.error().code == Errc::bad_config ? SendResult::Kind::refused : SendResult::Kind::retry;
        failed.detail = response.error().message;
        co_return failed;
    }

    Gathered gathered_from(Notice const& notice) const {
        return {notice.id.value, notice.escalation && notice.escalation->what.urgent, notice_headline(notice, settings_.locale)};
    }

    static SendResult later(std::string why, std::chrono::milliseconds wait) {
        SendResult result;
        result.kind = SendResult::Kind::retry;
        result.detail = std::move(why);
        result.after = std::max(wait, std::chrono::milliseconds{1s});
        return result;
    }

    void gather(Gathered fresh) {
        bool const known = std::any_of(gathered_.begin(), gathered_.end(), [&](Gathered const& one) { return one.id == fresh.id; });
        if (!known && gathered_.size() < digest_most) gathered_.push_back(std::move(fresh));
    }

    /// Until it comes again. Of those that never do, the oldest is forgotten.
    void remember(std::string id) {
        if (told_.size() >= remembered_most) told_.pop_front();
        told_.push_back(std::move(id));
    }

    /// The urgent ones first. What does not fit is taken out of `gathered` and waits for the next.
    std::string digest(std::vector<Gathered>& gathered) {
        std::stable_sort(gathered.begin(), gathered.end(), [](Gathered const& a, Gathered const& b) { return a.urgent > b.urgent; });
        std::string text = digest_title(gathered.size(), settings_.locale);
        std::size_t shown = 0;
        for (; shown < gathered.size(); ++shown) {
            std::string const longer = text + "\n\n" + gathered[shown].text;
            if (shown > 0 && !fits(longer, platform_)) break;
            text = longer;
        }
        for (std::size_t i = shown; i < gathered.size(); ++i) gather(std::move(gathered[i]));
        gathered.resize(shown);
        return text;
    }

    NotifierSettings settings_;
    TextPlatform const& platform_;
    HttpClient& http_;
    Clock clock_;
    MinuteLimit limit_;
    std::vector<Gathered> gathered_;
    std::set<std::string> telling_;  ///< in what is on its way
    std::deque<std::string> told_;
};

}  // namespace

std::unique_ptr<Notifier> make_text_notifier(NotifierSettings const& settings, TextPlatform const& platform, HttpClient& http, Clock clock) {
    return std::make_unique<TextNotifier>(settings, platform, http, std::move(clock));
}

std::string fitted(std::string_view text, TextPlatform const& platform) {
    constexpr std::string_view more = "…";
    std::string all;
    std::size_t used = 0;
    std::size_t room_for_more = 0;  // bytes of `all` that leave room for the mark
    for (auto const& grapheme : graphemes(text)) {
        std::string const piece = platform.escape(grapheme);
        used += length(piece, platform);
        if (used > platform.most) return all.substr(0, room_for_more) + std::string{more};
        all += piece;
        if (used + length(more, platform) <= platform.most) room_for_more = all.size();
    }
    return all;
}

std::string as_it_is(std::string_view grapheme) { return std::string{grapheme}; }

std::string escape_markdown(std::string_view grapheme) {
    constexpr std::string_view special = "\\`*_{}[]()<>#+-!|~@";
    if (grapheme.size() == 1 && special.find(grapheme.front()) != std::string_view::npos) return "\\" + std::string{grapheme};
    return std::string{grapheme};
}

SendResult result_of_status(std::string_view platform, Response const& response) {
    SendResult result;
    if (response.status >= 200 && response.status < 300) return result;
    result.detail = std::string{platform} + " answered " + std::to_string(response.status);
    bool const later = response.status == 429 || response.status >= 500;
    result.kind = later ? SendResult::Kind::retry : SendResult::Kind::refused;
    auto const wait = response.headers.get("retry-after");
    int seconds = 0;
    auto const [end, problem] = std::from_chars(wait.data(), wait.data() + wait.size(), seconds);
    if (later && problem == std::errc{} && seconds > 0) result.after = std::chrono::seconds{std::min(seconds, 86'400)};
    return result;
}

}  // namespace kefu
