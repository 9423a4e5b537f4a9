// SPDX-License-Identifier: Apache-2.0
// Posts over keep-alive connections from one thread and prints what came back and how fast. It shares the machine with the server it
// measures, so it does as little as it can: epoll, prepared bytes, and no more of HTTP than status and Content-Length.
#include "daemon/crypto.hpp"
#include "daemon/http/target.hpp"

#include <boost/json/parse.hpp>

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace {

using std::chrono::steady_clock;

constexpr char const* usage =
    "usage: http_load --url URL [--connections N] [--seconds N] [--rate N] [--bodies FILE | --line-secret SECRET [--users N]]\n"
    "  --bodies       lines {\"headers\":{..},\"body\":\"..\"}, sent in turn; without it an empty JSON object is posted\n"
    "  --line-secret  makes signed LINE webhooks instead, each with ids of its own\n"
    "  --rate         requests a second over all connections; without it as fast as answers come\n";

struct Options {
    std::string url;
    std::string bodies;
    std::string line_secret;
    std::size_t connections = 64;
    std::uint64_t users = 10'000;
    double seconds = 5;
    double rate = 0;
};

[[noreturn]] void fail(std::string const& why) {
    std::cerr << "http_load: " << why << '\n';
    std::exit(2);
}

Options read_options(int argc, char** argv) {
    Options options;
    for (int i = 1; i < argc; ++i) {
        std::string_view const name = argv[i];
        if (name == "--help") {
            std::cout << usage;
            std::exit(0);
        }
        if (i + 1 == argc) fail(usage);
        std::string const value = argv[++i];
        if (name == "--url") {
            options.url = value;
        } else if (name == "--bodies") {
            options.bodies = value;
        } else if (name == "--line-secret") {
            options.line_secret = value;
        } else if (name == "--connections") {
            options.connections = std::stoul(value);
        } else if (name == "--users") {
            options.users = std::stoul(value);
        } else if (name == "--seconds") {
            options.seconds = std::stod(value);
        } else if (name == "--rate") {
            options.rate = std::stod(value);
        } else {
            fail(usage);
        }
    }
    if (options.url.empty()) fail(usage);
    return options;
}

/// Appends one whole request. `number` counts the requests from 0.
using Source = std::function<void(std::string& to, std::uint64_t number)>;
using Fields = std::vector<std::pair<std::string, std::string>>;

void append_request(std::string& to, kefu::Url const& url, Fields const& fields, std::string_view body) {
    to.append("POST ").append(url.target).append(" HTTP/1.1\r\nHost: ").append(url.authority).append("\r\n");
    for (auto const& [name, value] : fields) to.append(name).append(": ").append(value).append("\r\n");
    to.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n\r\n").append(body);
}

Source one_body(kefu::Url const& url) {
    std::string request;
    append_request(request, url, {{"Content-Type", "application/json"}}, "{}");
    return [request](std::string& to, std::uint64_t) { to += request; };
}

Source from_file(kefu::Url const& url, std::string const& file) {
    std::ifstream in{file};
    if (!in) fail("cannot read " + file);
    std::vector<std::string> requests;
    for (std::string line; std::getline(in, line);) {
        if (line.empty()) continue;
        auto const object = boost::json::parse(line).as_object();
        Fields fields;
        if (auto const* headers = object.if_contains("headers")) {
            for (auto const& [name, value] : headers->as_object()) fields.emplace_back(name, std::string{value.as_string()});
        }
        append_request(requests.emplace_back(), url, fields, object.at("body").as_string());
    }
    if (requests.empty()) fail(file + " holds no bodies");
    return [requests = std::move(requests)](std::string& to, std::uint64_t number) { to += requests[number % requests.size()]; };
}

std::string padded_hex(std::uint64_t number, std::size_t width) {
    char text[17];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(number));
    std::string digits{text};
    return width > digits.size() ? std::string(width - digits.size(), '0') + digits : digits;
}

/// One text message a webhook, from one of `users` customers, as LINE sends it. Each run has ids of its own.
Source line_webhooks(kefu::Url const& url, std::string const& secret, std::uint64_t users) {
    static constexpr std::array<std::string_view, 6> texts = {"請問我的包裹到哪裡了？訂單 20260115001",
                                                              "我想退款，商品有瑕疵",
                                                              "謝謝",
                                                              "已經等了兩個星期，到底什麼時候才會出貨，太扯了",
                                                              "Dobrý den, kde je moje objednávka?",
                                                              "Please cancel my order, I ordered the wrong size"};
    auto const started =
        static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count());
    return [=](std::string& to, std::uint64_t number) {
        auto const now = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
        auto const id = std::to_string(started) + std::to_string(number);
        std::string body =
            R"({"destination":"U00000000000000000000000000000001","events":[{"type":"message","mode":"active","timestamp":)" + std::to_string(now);
        body += R"(,"source":{"type":"user","userId":"U)" + padded_hex(number % users, 32) + R"("},"webhookEventId":"01)" + id;
        body +=
            R"(","deliveryContext":{"isRedelivery":false},"replyToken":"r)" + id + R"(","message":{"type":"text","id":")" + id + R"(","quoteToken":"q)" + id;
        body.append(R"(","text":")").append(texts[number % texts.size()]).append(R"("}}]})");
        auto const signature = kefu::base64(kefu::hmac_sha256(secret, body));
        append_request(to, url, {{"Content-Type", "application/json; charset=utf-8"}, {"User-Agent", "LineBotWebhook/2.0"}, {"x-line-signature", signature}},
                       body);
    };
}

struct Connection {
    int fd = -1;
    std::string out;
    std::size_t sent = 0;
    std::string in;
    bool busy = false;
    steady_clock::time_point began;
};

struct Totals {
    std::vector<std::uint32_t> microseconds;
    std::map<int, std::uint64_t> statuses;
    std::uint64_t broken = 0;
};

/// The status of the complete response at the beginning of `in`, whose length it sets; 0 while there is none.
int read_response(std::string_view in, std::size_t& length) {
    auto const end = in.find("\r\n\r\n");
    if (end == std::string_view::npos) return 0;
    std::size_t body = 0;
    auto const head = in.substr(0, end + 2);
    static constexpr std::string_view name = "\r\ncontent-length:";
    auto const found = std::search(head.begin(), head.end(), name.begin(), name.end(), [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
    if (found != head.end()) body = std::strtoul(head.data() + (found - head.begin()) + name.size(), nullptr, 10);
    length = end + 4 + body;
    return in.size() < length ? 0 : std::atoi(in.data() + std::strlen("HTTP/1.1 "));
}

class Load {
  public:
    Load(Options const& options, kefu::Url const& url, Source source) : options_(options), source_(std::move(source)), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
        addrinfo hints{};
        hints.ai_socktype = SOCK_STREAM;
        addrinfo* found = nullptr;
        if (getaddrinfo(url.host.c_str(), url.port.c_str(), &hints, &found) != 0) fail("cannot look up " + url.host);
        connections_.resize(options.connections);
        for (auto& connection : connections_) connect(connection, *found);
        freeaddrinfo(found);
    }

    void run() {
        auto const began = steady_clock::now();
        auto const length = std::chrono::duration_cast<steady_clock::duration>(std::chrono::duration<double>(options_.seconds));
        auto const end = began + length;
        totals_.microseconds.reserve(1 << 20);
        for (auto& connection : connections_) idle_.push_back(&connection);
        auto now = began;
        while (now < end) {
            start_what_is_due(began, now);
            wait();
            now = steady_clock::now();
        }
        print(std::chrono::duration<double>(now - began).count());
    }

  private:
    void connect(Connection& connection, addrinfo const& to) {
        connection.fd = socket(to.ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (::connect(connection.fd, to.ai_addr, to.ai_addrlen) != 0) fail(std::string{"cannot connect: "} + std::strerror(errno));
        int const one = 1;
        setsockopt(connection.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.ptr = &connection;
        epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.fd, &event);
    }

    void start_what_is_due(steady_clock::time_point began, steady_clock::time_point now) {
        auto due = idle_.size();
        if (options_.rate > 0) {
            auto const by_now = static_cast<std::uint64_t>(options_.rate * std::chrono::duration<double>(now - began).count());
            due = std::min<std::size_t>(due, by_now > started_ ? by_now - started_ : 0);
        }
        for (; due > 0; --due) {
            auto* connection = idle_.back();
            idle_.pop_back();
            connection->out.clear();
            connection->sent = 0;
            source_(connection->out, started_++);
            connection->busy = true;
            connection->began = steady_clock::now();
            send(*connection);
        }
    }

    /// A webhook fits into the socket's buffer; what does not is sent while we wait, which a load of large bodies should not be used for.
    void send(Connection& connection) {
        while (connection.sent < connection.out.size()) {
            auto const count = ::send(connection.fd, connection.out.data() + connection.sent, connection.out.size() - connection.sent, MSG_NOSIGNAL);
            if (count < 0) return drop(connection);
            connection.sent += static_cast<std::size_t>(count);
        }
    }

    void wait() {
        std::array<epoll_event, 256> events;
        auto const count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), options_.rate > 0 ? 1 : 100);
        for (int i = 0; i < count; ++i) receive(*static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr));
    }

    void receive(Connection& connection) {
        char bytes[16 * 1024];
        auto const count = ::recv(connection.fd, bytes, sizeof bytes, MSG_DONTWAIT);
        if (count < 0 && errno == EAGAIN) return;
        if (count <= 0) return drop(connection);
        connection.in.append(bytes, static_cast<std::size_t>(count));
        std::size_t length = 0;
        auto const status = read_response(connection.in, length);
        if (status == 0) return;
        auto const took = std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - connection.began).count();
        totals_.microseconds.push_back(static_cast<std::uint32_t>(took));
        ++totals_.statuses[status];
        connection.in.erase(0, length);
        connection.busy = false;
        idle_.push_back(&connection);
    }

    void drop(Connection& connection) {
        if (connection.fd < 0) return;
        ++totals_.broken;
        close(connection.fd);
        connection.fd = -1;
    }

    void print(double seconds) {
        auto& all = totals_.microseconds;
        std::sort(all.begin(), all.end());
        auto const at = [&all](double share) {
            return all.empty() ? 0U : all[std::min(all.size() - 1, static_cast<std::size_t>(share * static_cast<double>(all.size())))];
        };
        std::uint64_t good = 0;
        for (auto const& [status, count] : totals_.statuses) good += status / 100 == 2 ? count : 0;
        std::printf("requests/s %.0f  p50 %u us  p99 %u us  max %u us  answers %zu  not 2xx %llu  broken %llu\n", static_cast<double>(all.size()) / seconds,
                    at(0.5), at(0.99), at(1), all.size(), static_cast<unsigned long long>(all.size() - good), static_cast<unsigned long long>(totals_.broken));
        for (auto const& [status, count] : totals_.statuses) {
            if (status / 100 != 2) std::printf("  status %d: %llu\n", status, static_cast<unsigned long long>(count));
        }
    }

    Options const& options_;
    Source source_;
    int epoll_;
    std::vector<Connection> connections_;
    std::vector<Connection*> idle_;
    std::uint64_t started_ = 0;
    Totals totals_;
};

}  // namespace

int main(int argc, char** argv) {
    auto const options = read_options(argc, argv);
    auto const url = kefu::read_url(options.url);
    if (!url || url->tls) fail("--url must be an http address");
    Source source;
    if (!options.line_secret.empty()) {
        source = line_webhooks(*url, options.line_secret, options.users);
    } else {
        source = options.bodies.empty() ? one_body(*url) : from_file(*url, options.bodies);
    }
    Load load{options, *url, std::move(source)};
    load.run();
}
