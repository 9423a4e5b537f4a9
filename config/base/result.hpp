// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/system/result.hpp>

#include <optional>
#include <string>
#include <vector>

namespace kefu {

/// A place in a file an operator edits. 1-based; the column counts characters (code points), as editors do.
struct SourceLocation {
    std::string file;
    int line = 0;
    int column = 0;
    friend bool operator==(SourceLocation const&, SourceLocation const&) = default;
};

enum class Errc {
    bad_config,    ///< something an operator wrote; carries `where`
    bad_payload,   ///< something a platform or a client sent
    unauthorized,  ///< a signature, token or credential is missing or wrong
    not_found,
    conflict,     ///< the state does not allow it now, for example claiming what a colleague has claimed
    timed_out,    ///< no answer within the limit; whether it happened is unknown
    cancelled,    ///< we are shutting down
    unavailable,  ///< certainly did not happen; may be tried again
    environment,  ///< this machine: file system, permissions, memory
};

/// Why an expected operation did not succeed, in words for an operator.
struct Error {
    Errc code = Errc::environment;
    std::string message;
    std::optional<SourceLocation> where = std::nullopt;

    /// "config/kefud.yaml:12:9: unknown key 'tiemout' (did you mean 'timeout'?)"
    std::string to_string() const;
    friend bool operator==(Error const&, Error const&) = default;
};

/// All that is wrong with a file, in the order it was found.
using Errors = std::vector<Error>;

/// A value, or the one reason why there is none.
template <class T>
using Result = boost::system::result<T, Error>;

/// A value, or every reason why there is none.
template <class T>
using Checked = boost::system::result<T, Errors>;

[[noreturn]] void throw_exception_from_error(Error const& error, boost::source_location const& where);
[[noreturn]] void throw_exception_from_error(Errors const& errors, boost::source_location const& where);

}  // namespace kefu
