#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace wardlock::scim {

/// Why a request is refused with 400, by SCIM's own words (RFC 7644, 3.12, table 9).
enum class ErrorType : std::uint8_t {
  kInvalidFilter,
  kInvalidPath,
  kInvalidSyntax,
  kInvalidValue,
  kMutability,
  kNoTarget,
  kTooMany,
};

/// As `scimType`: `invalidFilter`.
std::string_view to_string(ErrorType type);

/// A request that is not done. The message is for `detail`: what is wrong, where, and what to do.
struct ScimError {
  ErrorType type = ErrorType::kInvalidSyntax;
  std::string message;

  friend bool operator==(const ScimError&, const ScimError&) = default;
};

template <typename T>
using Outcome = std::expected<T, ScimError>;

std::unexpected<ScimError> refuse(ErrorType type, std::string message);

}  // namespace wardlock::scim
