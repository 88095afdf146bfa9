#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace wardlock {

/// The closed list of canonical error codes. Each maps once to an HTTP status, a gRPC status and a
/// C return code; add none without an ADR.
enum class ErrorCode : std::uint8_t {
  kCancelled,
  kUnknown,
  kInvalidArgument,
  kDeadlineExceeded,
  kNotFound,
  kAlreadyExists,
  kPermissionDenied,
  kResourceExhausted,
  kFailedPrecondition,
  kAborted,
  kOutOfRange,
  kUnimplemented,
  kInternal,
  kUnavailable,
  kDataLoss,
  kUnauthenticated,
};

/// The code's name as it appears in output, e.g. `invalid_argument`.
std::string_view to_string(ErrorCode code);

/// Why an operation failed. A deny is not an error: it is a value.
///
/// The message is lowercase, quotes input in backticks, names no C++ entity and says what to do
/// next where that is not obvious.
struct Error {
  ErrorCode code = ErrorCode::kUnknown;
  std::string message;

  /// The same error with `context: ` before its message, e.g. a file's name.
  [[nodiscard]] Error in(std::string_view context) const;
};

template <typename T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(ErrorCode code, std::string message) {
  return std::unexpected(Error{code, std::move(message)});
}
inline std::unexpected<Error> invalid(std::string message) {
  return fail(ErrorCode::kInvalidArgument, std::move(message));
}

}  // namespace wardlock

/// Unwraps a std::expected, or returns its error from the enclosing function.
///
/// Make nothing that owns memory before it in the same expression: g++ does not destroy what the
/// return leaves behind there (`all({text(), TRY(other())})` would leak; name `TRY`'s value first).
#define TRY(...)                                                            \
  ({                                                                        \
    auto try_result = (__VA_ARGS__);                                        \
    if (!try_result) return std::unexpected(std::move(try_result).error()); \
    *std::move(try_result);                                                 \
  })

/// The same for an expression whose success carries no value.
#define TRY_VOID(...)                                                       \
  do {                                                                      \
    auto try_result = (__VA_ARGS__);                                        \
    if (!try_result) return std::unexpected(std::move(try_result).error()); \
  } while (false)
