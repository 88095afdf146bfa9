#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "crypto/sha256.h"

namespace wardlock::bundle {

/// For which questions alone a content counts: those about something in one of the places, and
/// those that one of the callers asks. Names are sorted, each once; there is a place or a caller.
struct CanaryPart {
  std::vector<std::string> actions = {};    ///< that count, though their class is left out
  std::string beside = {};                  ///< `sha256:…`: the content that decides all else
  std::vector<std::string> callers = {};    ///< ids of enforcement points
  std::vector<std::string> locations = {};  ///< entities as Cedar writes them: `Ward::"3"`

  bool operator==(const CanaryPart&) const = default;
};

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
  std::optional<CanaryPart> part = {};  ///< nothing: it counts for all questions

  bool operator==(const Statement&) const = default;
};

/// Beyond it JSON's readers are not exact.
inline constexpr std::uint64_t kMaxSerial = (std::uint64_t{1} << 53) - 1;
inline constexpr std::size_t kMaxStatementBytes = 4'096;
inline constexpr std::size_t kMaxPartNames = 32;  ///< of each kind

/// Whether a tenant or environment can have that name: lowercase letters, digits and inner hyphens,
/// at most 64, as in the configuration.
bool is_place_name(std::string_view name);

/// Errors (kInvalidArgument): a name that none can have, a serial of 0 or beyond `kMaxSerial`,
/// years before 1970 or after 9999, an end that is not behind the beginning, a part that is not as
/// CanaryPart has it, or too large.
Result<void> check_statement(const Statement& statement);

/// As canonical JSON (RFC 8785): of format 1, or with a part of format 2, which programs that know
/// of no parts refuse. Requires what `check_statement` checks.
std::string statement_text(const Statement& statement);

/// Reads what `statement_text` writes and nothing else. Errors: kUnimplemented for another version
/// of the format; kInvalidArgument otherwise.
Result<Statement> parse_statement(std::string_view text);

/// `2026-11-23T10:00:00Z`, and back (RFC 3339, UTC, whole seconds); nothing where the text is not
/// that, or the year not from 1970 to 9999.
std::string to_text(std::chrono::sys_seconds time);
std::optional<std::chrono::sys_seconds> parse_time(std::string_view text);

}  // namespace wardlock::bundle
