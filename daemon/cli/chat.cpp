// SPDX-License-Identifier: Apache-2.0
#include "daemon/cli/commands.hpp"

#include "daemon/clock.hpp"
#include "daemon/simulation.hpp"

#include <unistd.h>
#include <iostream>

namespace kefu::cli {

using namespace std::chrono_literals;

namespace {

constexpr char const* help =
    "Write as a customer would; any of the languages will do. Commands:\n"
    "  /photo [text]   send a photo        /wait 5m   let time pass (s, m, h)\n"
    "  /join  /leave   a colleague takes over, hands back\n"
    "  /why            why the last answer was what it was\n"
    "  /state          who owns the conversation, the case\n"
    "  /new            start again         /quit      leave (also Ctrl-D)\n";

void print(Simulation::Outcome const& outcome) {
    for (auto const& send : outcome.sends)
        for (auto const& message : send.messages) {
            if (!message.text.empty()) std::cout << "kefud> " << message.text << '\n';
            if (message.sticker) std::cout << "kefud> [sticker " << message.sticker->package_id << '/' << message.sticker->sticker_id << "]\n";
            if (message.image) std::cout << "kefud> [image " << message.image->url << "]\n";
            if (message.quick_replies.empty()) continue;
            std::cout << "       ";
            for (auto const& reply : message.quick_replies) std::cout << '[' << reply.label << "] ";
            std::cout << '\n';
        }
    for (auto const& escalation : outcome.escalations)
        std::cout << "       -> handed to " << escalation.tier << " (" << escalation.reason << (escalation.urgent ? ", urgent" : "")
                  << "): " << escalation.summary << '\n';
    if (outcome.sends.empty() && outcome.escalations.empty()) std::cout << "       (silence)\n";
}

std::chrono::milliseconds wait_of(std::string const& text) {
    try {
        std::size_t used = 0;
        long const count = std::stol(text, &used);
        char const unit = used < text.size() ? text[used] : 'm';
        return unit == 's'   ? std::chrono::milliseconds{count * 1s}
               : unit == 'h' ? std::chrono::milliseconds{count * 1h}
                             : std::chrono::milliseconds{count * 1min};
    } catch (std::exception const&) {
        return 0ms;
    }
}

}  // namespace

int chat(ConfigFile const& config, std::string const& channel) {
    auto const snapshot = load_snapshot(config);
    if (!snapshot) return check(config);
    Simulation simulation{*snapshot, ChannelId{channel}, system_now()};
    bool const terminal = ::isatty(STDIN_FILENO) == 1;
    if (terminal) std::cout << help;
    Simulation::Outcome last;
    for (std::string line; (terminal ? std::cout << "you> " << std::flush : std::cout), std::getline(std::cin, line);) {
        if (!terminal) std::cout << "you> " << line << '\n';
        if (line == "/quit") break;
        if (line == "/help") {
            std::cout << help;
            continue;
        }
        if (line == "/why") {
            for (auto const& reason : last.why) std::cout << "       " << reason << '\n';
            continue;
        }
        if (line == "/state") {
            auto const& conversation = simulation.conversation();
            std::cout << "       owner " << to_string(conversation.owner) << " (" << conversation.owner_reason << "), language " << conversation.language
                      << ", case " << (conversation.open.topic.empty() ? "none" : conversation.open.topic)
                      << (conversation.open.order.empty() ? "" : ", order " + conversation.open.order) << '\n';
            continue;
        }
        if (line == "/new") {
            simulation = Simulation{*snapshot, ChannelId{channel}, simulation.now()};
            continue;
        }
        if (line == "/join")
            simulation.person_joins("you");
        else if (line == "/leave")
            simulation.person_leaves("you");
        else if (line.starts_with("/photo"))
            simulation.customer_says(line.size() > 7 ? line.substr(7) : std::string{}, {ContentKind::image});
        else if (line.starts_with("/wait"))
            simulation.run_until(simulation.now() + wait_of(line.size() > 6 ? line.substr(6) : "1m"));
        else if (line.find_first_not_of(" \t") == std::string::npos)
            continue;
        else
            simulation.customer_says(line, {});
        // A person at the keyboard need not wait for the quiet window: the clock jumps to its end.
        simulation.run_until(simulation.now() + 10s);
        last = simulation.take();
        print(last);
    }
    if (terminal) std::cout << '\n';
    return ok;
}

}  // namespace kefu::cli
