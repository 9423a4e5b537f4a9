// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/http/message.hpp"

#include <boost/asio/buffer.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

/// HTTP/1.1 between bytes and values, without any I/O: what sessions and clients share. Beast's parser is inside wire.cpp.
namespace kefu {

/// Up to here a body is copied behind its header, which is cheaper than a second buffer; for TLS it saves a record.
inline constexpr std::size_t one_piece = std::size_t{16} * 1024;

/// Bytes received and not yet understood.
class InputBuffer {
  public:
    std::string_view data() const { return {bytes_.get() + begin_, end_ - begin_}; }
    bool empty() const { return begin_ == end_; }
    net::mutable_buffer room(std::size_t wanted);  ///< free room of at least that size; moves what is there
    void received(std::size_t count) { end_ += count; }
    void consumed(std::size_t count);

  private:
    std::unique_ptr<char[]> bytes_;
    std::size_t capacity_ = 0;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

enum class WireFault {
    none,
    malformed,
    header_too_large,
    body_too_large,
    unfinished,  ///< the connection ended inside the message
};

/// Reads requests, one after another.
class RequestReader {
  public:
    RequestReader(std::size_t max_header, std::size_t max_body);
    ~RequestReader();

    /// Understands as much of `bytes` as it can and returns how many that was; the rest has to come again, with more behind it.
    std::size_t put(std::string_view bytes);
    WireFault fault() const;
    bool complete() const;
    bool keep_alive() const;  ///< of a complete request
    bool is_version_10() const;
    bool wants_continue() const;  ///< the header is there, the body is not, and the peer waits for "100 Continue"
    std::size_t wanted() const;   ///< a good size for the next read
    Request take();               ///< the complete request, its target not yet read; then ready for the next one

  private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Reads one response.
class ResponseReader {
  public:
    ResponseReader(std::size_t max_body, bool answers_head);
    ~ResponseReader();

    std::size_t put(std::string_view bytes);
    void put_end();  ///< the peer closed: ends a body that has no length, else a fault
    WireFault fault() const;
    bool complete() const;
    bool interim() const;     ///< complete, but only 1xx: the real answer comes next
    bool keep_alive() const;  ///< of a complete response
    std::size_t wanted() const;
    Response take();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

/// How one response goes out.
struct ResponseFrame {
    bool keep_alive = true;
    bool version_10 = false;
    bool answers_head = false;  ///< the length of the body, but not the body
    std::string_view date;      ///< left out when empty
};

/// True when the status allows a body at all.
bool may_have_body(int status);

/// Appends status line and fields to `out`. Length and connection fields are written here, whatever the response says; a field with a line
/// break in it is left out.
void write_response_head(std::string& out, Response const& response, ResponseFrame const& frame);

/// Appends request line and fields. Host, Content-Length and Connection are written here. False, and nothing appended, when a field or the
/// method holds what would break the framing.
bool write_request_head(std::string& out, std::string_view method, std::string_view target, std::string_view authority, Headers const& headers,
                        std::size_t body_size);

/// "Sun, 06 Nov 1994 08:49:37 GMT"
std::string http_date(std::chrono::system_clock::time_point at);

}  // namespace kefu
