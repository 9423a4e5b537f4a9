// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/wire.hpp"

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/optional/optional.hpp>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <ctime>
#include <limits>
#include <optional>
#include <utility>

namespace kefu {

namespace {

namespace http = boost::beast::http;
using boost::beast::string_view;

constexpr std::size_t usual_read = 4096;
constexpr std::size_t most_answer_header = std::size_t{64} * 1024;
constexpr std::size_t large_read = std::size_t{64} * 1024;
/// A body grows as it comes, so that a peer who announces much and sends nothing costs nothing.
constexpr std::size_t trusted_length = std::size_t{256} * 1024;

constexpr std::size_t shortest_chunk_end = 5;

/// Beast's parser, filling our values directly: its own message keeps every field in a node of a tree.
template <bool is_request>
class Parser final : public http::basic_parser<is_request> {
  public:
    Parser(std::size_t max_header, std::size_t max_body) {
        this->eager(true);
        this->header_limit(static_cast<std::uint32_t>(std::min<std::size_t>(max_header, std::numeric_limits<std::uint32_t>::max())));
        this->body_limit(max_body);
    }

    std::string method;
    std::string target;
    int status = 0;
    int version = 11;
    Headers headers;
    std::string body;
    bool expects_continue = false;

  private:
    void on_request_impl(http::verb, string_view verb, string_view path, int v, boost::beast::error_code&) override {
        method.assign(verb.data(), verb.size());
        target.assign(path.data(), path.size());
        version = v;
    }

    void on_response_impl(int code, string_view, int v, boost::beast::error_code&) override {
        status = code;
        version = v;
    }

    void on_field_impl(http::field field, string_view name, string_view value, boost::beast::error_code&) override {
        if (header_ended_) return;  // a trailer: after the body it may not change what the header said
        if (field == http::field::host) ++hosts_;
        if (field == http::field::expect) expects_continue = boost::beast::iequals(value, "100-continue");
        if (field == http::field::transfer_encoding) coding_is_known_ = std::exchange(coded_, true) ? false : boost::beast::iequals(value, "chunked");
        headers.add(std::string{name}, std::string{value});
    }

    void on_header_impl(boost::beast::error_code& error) override {
        header_ended_ = true;
        // RFC 9112, 6.1. Beast takes an unknown coding for no body, so its bytes would be read as the next request.
        if (coded_ && (!coding_is_known_ || version < 11)) error = http::error::bad_transfer_encoding;
        // RFC 9112, 3.2: exactly one Host, or 400.
        if (is_request && (hosts_ > 1 || (hosts_ == 0 && version >= 11))) error = http::error::bad_field;
    }

    void on_body_init_impl(boost::optional<std::uint64_t> const& length, boost::beast::error_code&) override {
        if (length) body.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(*length, trusted_length)));
    }

    std::size_t on_body_impl(string_view part, boost::beast::error_code&) override {
        body.append(part.data(), part.size());
        return part.size();
    }

    void on_chunk_header_impl(std::uint64_t, string_view, boost::beast::error_code&) override {}

    std::size_t on_chunk_body_impl(std::uint64_t, string_view part, boost::beast::error_code&) override {
        body.append(part.data(), part.size());
        return part.size();
    }

    void on_finish_impl(boost::beast::error_code&) override {}

    bool header_ended_ = false;
    int hosts_ = 0;
    bool coded_ = false;
    bool coding_is_known_ = false;
};

WireFault fault_of(boost::beast::error_code const& error) {
    if (!error || error == http::error::need_more) return WireFault::none;
    if (error == http::error::header_limit) return WireFault::header_too_large;
    if (error == http::error::body_limit) return WireFault::body_too_large;
    if (error == http::error::partial_message || error == http::error::end_of_stream) return WireFault::unfinished;
    return WireFault::malformed;
}

template <class P>
std::size_t put_into(P& parser, WireFault& fault, std::string_view bytes) {
    if (bytes.empty() || fault != WireFault::none || parser.is_done()) return 0;
    // The end of a chunked body is at least "0\r\n\r\n". Beast 1.81 asserts that these five are there when it looks at it a second time, so
    // a peer who sent four of them would end the program.
    if (parser.is_header_done() && parser.chunked() && bytes.size() < shortest_chunk_end) return 0;
    boost::beast::error_code error;
    auto const used = parser.put(net::buffer(bytes), error);
    fault = fault_of(error);
    return used;
}

template <class P>
std::size_t wanted_by(P const& parser) {
    if (!parser.is_header_done()) return usual_read;
    auto const left = parser.content_length_remaining();
    if (!left) return usual_read;
    return static_cast<std::size_t>(std::clamp<std::uint64_t>(*left, usual_read, large_read));
}

void append_number(std::string& out, std::uint64_t number) {
    char digits[20];
    auto const end = std::to_chars(std::begin(digits), std::end(digits), number).ptr;
    out.append(digits, end);
}

/// No line break and no NUL: nothing that a peer would read as the end of the field.
bool is_safe(std::string_view text) {
    return std::none_of(text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

bool is_token(std::string_view text) {
    auto const ok = [](char c) { return c > 0x20 && c < 0x7f && std::strchr("()<>@,;:\\\"/[]?={}", c) == nullptr; };
    return !text.empty() && std::all_of(text.begin(), text.end(), ok);
}

/// Fields that are ours to write.
bool is_framing(std::string_view name) {
    auto const is = [name](char const* other) { return boost::beast::iequals(string_view{name.data(), name.size()}, other); };
    switch (name.size()) {
        case 4:
            return is("Date") || is("Host");
        case 10:
            return is("Connection") || is("Keep-Alive");
        case 14:
            return is("Content-Length");
        case 17:
            return is("Transfer-Encoding");
        default:
            return false;
    }
}

void append_fields(std::string& out, Headers const& headers) {
    for (auto const& [name, value] : headers.all()) {
        if (is_framing(name) || !is_token(name) || !is_safe(value)) continue;
        out.append(name).append(": ").append(value).append("\r\n");
    }
}

}  // namespace

net::mutable_buffer InputBuffer::room(std::size_t wanted) {
    if (capacity_ - end_ < wanted) {
        auto const kept = end_ - begin_;
        if (capacity_ - kept >= wanted) {
            std::memmove(bytes_.get(), bytes_.get() + begin_, kept);
        } else {
            auto const larger = std::max(capacity_ * 2, kept + wanted);
            auto moved = std::make_unique_for_overwrite<char[]>(larger);
            if (kept != 0) std::memcpy(moved.get(), bytes_.get() + begin_, kept);
            bytes_ = std::move(moved);
            capacity_ = larger;
        }
        begin_ = 0;
        end_ = kept;
    }
    return net::buffer(bytes_.get() + end_, capacity_ - end_);
}

void InputBuffer::consumed(std::size_t count) {
    begin_ += count;
    if (begin_ < end_) return;
    begin_ = end_ = 0;
    if (capacity_ > 2 * usual_read) {  // an idle connection keeps little
        bytes_.reset();
        capacity_ = 0;
    }
}

struct RequestReader::State {
    std::size_t max_header;
    std::size_t max_body;
    WireFault fault = WireFault::none;
    std::optional<Parser<true>> parser;
};

RequestReader::RequestReader(std::size_t max_header, std::size_t max_body) : state_(std::make_unique<State>()) {
    state_->max_header = max_header;
    state_->max_body = max_body;
    state_->parser.emplace(max_header, max_body);
}

RequestReader::~RequestReader() = default;

std::size_t RequestReader::put(std::string_view bytes) { return put_into(*state_->parser, state_->fault, bytes); }
WireFault RequestReader::fault() const { return state_->fault; }
bool RequestReader::complete() const { return state_->parser->is_done(); }
bool RequestReader::keep_alive() const { return state_->parser->keep_alive(); }
bool RequestReader::is_version_10() const { return state_->parser->version < 11; }
bool RequestReader::wants_continue() const {
    auto const& parser = *state_->parser;
    return parser.is_header_done() && !parser.is_done() && parser.expects_continue && parser.version >= 11;
}
std::size_t RequestReader::wanted() const { return wanted_by(*state_->parser); }

Request RequestReader::take() {
    auto& parser = *state_->parser;
    Request request;
    request.method = std::move(parser.method);
    request.target = std::move(parser.target);
    request.headers = std::move(parser.headers);
    request.body = std::move(parser.body);
    state_->parser.emplace(state_->max_header, state_->max_body);
    return request;
}

struct ResponseReader::State {
    WireFault fault = WireFault::none;
    Parser<false> parser;

    explicit State(std::size_t max_body) : parser(most_answer_header, max_body) {}
};

ResponseReader::ResponseReader(std::size_t max_body, bool answers_head) : state_(std::make_unique<State>(max_body)) { state_->parser.skip(answers_head); }

ResponseReader::~ResponseReader() = default;

std::size_t ResponseReader::put(std::string_view bytes) { return put_into(state_->parser, state_->fault, bytes); }

void ResponseReader::put_end() {
    if (state_->fault != WireFault::none || state_->parser.is_done()) return;
    if (!state_->parser.got_some()) {
        state_->fault = WireFault::unfinished;
        return;
    }
    boost::beast::error_code error;
    state_->parser.put_eof(error);
    state_->fault = fault_of(error);
}

WireFault ResponseReader::fault() const { return state_->fault; }
bool ResponseReader::complete() const { return state_->parser.is_done(); }
bool ResponseReader::interim() const { return complete() && state_->parser.status / 100 == 1 && state_->parser.status != 101; }
bool ResponseReader::keep_alive() const { return state_->parser.keep_alive(); }
std::size_t ResponseReader::wanted() const { return wanted_by(state_->parser); }

Response ResponseReader::take() {
    Response response;
    response.status = state_->parser.status;
    response.headers = std::move(state_->parser.headers);
    response.body = std::move(state_->parser.body);
    return response;
}

bool may_have_body(int status) { return status >= 200 && status != 204 && status != 304; }

void write_response_head(std::string& out, Response const& response, ResponseFrame const& frame) {
    if (response.status == 200) {
        out.append("HTTP/1.1 200 OK\r\n");
    } else {
        auto const reason = http::obsolete_reason(static_cast<http::status>(response.status));
        out.append("HTTP/1.1 ");
        append_number(out, static_cast<std::uint64_t>(response.status));
        out.append(1, ' ').append(reason.data(), reason.size()).append("\r\n");
    }
    if (!frame.date.empty()) out.append("Date: ").append(frame.date).append("\r\n");
    append_fields(out, response.headers);
    if (may_have_body(response.status)) {
        out.append("Content-Length: ");
        append_number(out, response.body.size());
        out.append("\r\n");
    }
    if (response.status == 101) {
        out.append("Connection: Upgrade\r\n");
    } else if (!frame.keep_alive) {
        out.append("Connection: close\r\n");
    } else if (frame.version_10) {
        out.append("Connection: keep-alive\r\n");
    }
    out.append("\r\n");
}

bool write_request_head(std::string& out, std::string_view method, std::string_view target, std::string_view authority, Headers const& headers,
                        std::size_t body_size) {
    bool const fields_are_fine =
        std::all_of(headers.all().begin(), headers.all().end(), [](auto const& field) { return is_token(field.first) && is_safe(field.second); });
    if (!fields_are_fine || !is_token(method)) return false;
    out.append(method).append(1, ' ').append(target).append(" HTTP/1.1\r\nHost: ").append(authority).append("\r\n");
    append_fields(out, headers);
    if (headers.has("Upgrade")) out.append("Connection: Upgrade\r\n");
    if (body_size != 0 || (method != "GET" && method != "HEAD")) {
        out.append("Content-Length: ");
        append_number(out, body_size);
        out.append("\r\n");
    }
    out.append("\r\n");
    return true;
}

std::string http_date(std::chrono::system_clock::time_point at) {
    static constexpr char const* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr char const* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    auto const seconds = std::chrono::system_clock::to_time_t(at);
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    char text[64];
    auto const length = std::snprintf(text, sizeof text, "%s, %02d %s %d %02d:%02d:%02d GMT", days[utc.tm_wday], utc.tm_mday, months[utc.tm_mon],
                                      utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
    return {text, static_cast<std::size_t>(length)};
}

}  // namespace kefu
