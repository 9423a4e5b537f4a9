// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/connect/onebot/frames.hpp"

#include <chrono>
#include <cstddef>
#include <list>
#include <optional>
#include <string>

/// Which answer belongs to which action: by `echo`, as answers come in any order.
namespace kefu::onebot {

/// The actions that wait for their answer. Lives on the io thread.
class Calls {
  public:
    static constexpr std::size_t most = 256;

    /// One action; waits for as long as it lives.
    class Call {
      public:
        Call(Calls& calls, net::any_io_executor const& executor, void const* line);
        ~Call();
        Call(Call const&) = delete;
        Call& operator=(Call const&) = delete;

        std::string const& echo() const { return echo_; }

        /// timed_out: no answer in time, or its connection was lost; it may have been carried out.
        net::awaitable<Result<Reply>> answer(std::chrono::milliseconds limit);

        std::string to;         ///< a send: its conversation
        std::string text;       ///< a send: what
        bool seen_out = false;  ///< it came back as a message of the account

      private:
        friend class Calls;
        Calls& calls_;
        void const* line_;
        std::string echo_;
        std::optional<Reply> reply_;
        bool lost_ = false;
        net::steady_timer news_;
        std::list<Call*>::iterator place_;
    };

    bool full() const { return waiting_.size() >= most; }

    /// False: nobody waits for it (any more).
    bool take(Reply reply);

    /// No answer will come over this connection any more.
    void lose(void const* line);

    /// A message of the account with these words: what waits for its answer is out. True when there was one.
    bool seen(std::string const& to, std::string const& text);

  private:
    std::list<Call*> waiting_;
    std::uint64_t counted_ = 0;
};

}  // namespace kefu::onebot
