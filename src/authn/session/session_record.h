#pragma once

#include <cstdint>
#include <optional>

#include "authn/session/session.h"
#include "authn/session/session_settings.h"
#include "authn/session/session_token.h"

namespace wardlock::authn {

/// A session with all that is kept of it. Private to the room.
struct SessionRecord {
  Session session;
  TokenHashes hashes = {};
  std::int64_t rotated_ms = 0;  ///< since when `hashes.current` is good
  std::uint32_t unlock_failures = 0;
  std::uint64_t changed = 0;  ///< the number of its last change
  std::optional<std::int64_t> ended_ms = {};
  EndReason end_reason = EndReason::kAdministrator;  ///< of one that has ended
};

/// How a token stands to a session.
enum class TokenMatch : std::uint8_t {
  kForeign,  ///< it never was the session's
  kCurrent,
  kBefore,  ///< the one before, still good
  kOld,     ///< it was the session's, once
};
TokenMatch match_of(const TokenHashes& hashes, std::int64_t rotated_ms,
                    const SessionSettings& settings, const ReadToken& token, std::int64_t now_ms);

/// Whether it can be used, at one moment.
enum class Standing : std::uint8_t { kOpen, kLocked, kIdleTooLong, kOver };

/// What a session's standing follows from.
struct StandingFacts {
  bool is_locked = false;
  std::int64_t authenticated_ms = 0;
  std::int64_t idle_until_ms = 0;
  std::int64_t ends_ms = 0;
};
/// Unused for too long it is locked, where its environment does that and its owner's full sign-in
/// is not too long ago; else it is over.
Standing standing_of(const StandingFacts& facts, const SessionEnvironment& environment,
                     const SessionSettings& settings, std::int64_t now_ms);
Standing standing_of(const Session& session, const SessionEnvironment& environment,
                     const SessionSettings& settings, std::int64_t now_ms);

/// Until when a session may rest that is used now.
std::int64_t idle_until(const SessionSettings& settings, const SessionEnvironment& environment,
                        AssuranceLevel level, std::int64_t ends_ms, std::int64_t now_ms);

}  // namespace wardlock::authn
