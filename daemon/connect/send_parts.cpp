// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/send_parts.hpp"

#include "daemon/net/backoff.hpp"
#include "daemon/net/deadline.hpp"

#include <utility>

namespace kefu {

using namespace std::chrono_literals;

namespace {

constexpr auto longest_wait_between_parts = 10s;
constexpr int waits_most = 3;
constexpr std::string_view button_prefix = "say:";

}  // namespace

SendResult without_answer(Error const& error) {
    SendResult result;
    bool const not_sent = error.code == Errc::unavailable || error.code == Errc::bad_config;
    result.kind = not_sent ? SendResult::Kind::retry : SendResult::Kind::unknown;
    result.detail = error.message;
    return result;
}

SendResult answer_unreadable(std::string_view platform, int status) {
    SendResult result;
    result.kind = SendResult::Kind::unknown;
    result.detail = std::string{platform} + " answered " + std::to_string(status) + " without saying whether it was sent";
    return result;
}

net::awaitable<SendResult> send_parts(std::size_t parts, std::function<net::awaitable<SendResult>(std::size_t)> send_part, SendAttempt attempt,
                                      SendSettings limits) {
    SendResult all;
    if (attempt.maybe_sent) {
        all.kind = SendResult::Kind::unknown;
        all.detail = "it was on its way when we stopped, and the platform has no key to ask it by";
        co_return all;
    }
    if (parts == 0) {
        all.kind = SendResult::Kind::refused;
        all.detail = "it holds nothing that this platform can show";
        co_return all;
    }
    int waits = 0;
    for (std::size_t i = 0; i < parts;) {
        SendResult part = co_await send_part(i);
        using Kind = SendResult::Kind;
        if (part.kind == Kind::delivered) {
            all.detail = part.detail;
            all.platform_ids.insert(all.platform_ids.end(), part.platform_ids.begin(), part.platform_ids.end());
            ++i;
            continue;
        }
        if (part.kind == Kind::retry && part.after == 0ms)
            part.after = backoff_after(attempt.number, random_share(), {limits.first_retry, limits.longest_retry});
        if (i == 0) co_return part;
        if (part.kind == Kind::retry && part.after <= longest_wait_between_parts && waits++ < waits_most) {
            bool const slept = co_await sleep_for(part.after);
            if (slept) continue;
        }
        if (part.kind == Kind::retry || part.kind == Kind::hold) part.kind = Kind::unknown;
        part.detail.insert(0, "the first " + std::to_string(i) + " of " + std::to_string(parts) + " parts are out, the rest is not: ");
        co_return part;
    }
    co_return all;
}

std::string button_data(QuickReply const& reply) { return std::string{button_prefix} + (reply.text.empty() ? reply.label : reply.text); }

std::optional<std::string> words_of_button(std::string_view data) {
    if (!data.starts_with(button_prefix)) return std::nullopt;
    return std::string{data.substr(button_prefix.size())};
}

}  // namespace kefu
