#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "crypto/sha256.h"

namespace wardlock::bundle {

/// What is signed: that this content is for this tenant and environment, from when to when, and
/// behind which others it comes.
struct Statement {
  std::string tenant;
  std::string environment;   ///< e.g. `production`
  std::uint64_t serial = 0;  ///< of tenant and environment; from 1, and each higher than the last
  std::chrono::sys_seconds created{};
  std::chrono::sys_seconds expires{};  ///< the first second in which it may not be used any more
  crypto::Sha256Digest content{};
  std::size_t content_bytes = 0;

  bool operator==(const Statement&) const = default;
};

/// Beyond it JSON's readers are not exact.
inline constexpr std::uint64_t kMaxSerial = (std::uint64_t{1} << 53) - 1;
inline constexpr std::size_t kMaxStatementBytes = 1'024;

/// Whether a tenant or environment can have that name: lowercase letters, digits and inner hyphens,
/// at most 64, as in the configuration.
bool is_place_name(std::string_view name);

/// Errors (kInvalidArgument): a name that none can have, a serial of 0 or beyond `kMaxSerial`,
/// years before 1970 or after 9999, an end that is not behind the beginning.
Result<void> check_statement(const Statement& statement);

/// As canonical JSON (RFC 8785). Requires what `check_statement` checks.
std::string statement_text(const Statement& statement);

/// Reads what `statement_text` writes and nothing else. Errors: kUnimplemented for another version
/// of the format; kInvalidArgument otherwise.
Result<Statement> parse_statement(std::string_view text);

/// `2026-11-23T10:00:00Z`, and back (RFC 3339, UTC, whole seconds); nothing where the text is not
/// that, or the year not from 1970 to 9999.
std::string to_text(std::chrono::sys_seconds time);
std::optional<std::chrono::sys_seconds> parse_time(std::string_view text);

}  // namespace wardlock::bundle
