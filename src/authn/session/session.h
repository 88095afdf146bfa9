#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authn/session/assurance.h"

namespace wardlock::authn {

/// Somebody who has signed in, as it was at one moment. Times are milliseconds since the epoch.
struct Session {
  std::string id;  ///< `sid`: a UUID of version 7, no secret
  std::string tenant;
  std::string person;  ///< the thing's id in the directory
  Assurance assurance = {};
  std::string environment;       ///< `bedside`, `office`, `remote`
  std::string workstation = {};  ///< what it calls itself (FamiliarDevice); empty: not known
  std::vector<std::string> authenticators = {};  ///< ids: what it rests on
  std::int64_t started_ms = 0;
  std::int64_t idle_until_ms = 0;  ///< then it ends, or is locked, unless it is used
  std::int64_t ends_ms = 0;        ///< whatever happens
  bool is_locked = false;          ///< signs nobody in until it is unlocked

  bool operator==(const Session&) const = default;
};

/// Why a session ended.
enum class EndReason : std::uint8_t {
  kSignedOut,      ///< its owner said so
  kIdle,           ///< unused for too long
  kOverall,        ///< its time was over
  kTooMany,        ///< its owner signed in once more than may be
  kReuse,          ///< somebody came with a token from long before: it was copied
  kPersonEnded,    ///< its owner left or is suspended
  kAuthenticator,  ///< what it rests on was revoked or lost
  kUnlockTries,    ///< badge or PIN were wrong too often
  kReplaced,       ///< the same browser signed in anew
  kAdministrator,  ///< somebody else ended it
};
/// Its name in events and metrics, e.g. `signed_out`.
std::string_view to_string(EndReason reason);
std::optional<EndReason> find_end_reason(std::string_view name);

}  // namespace wardlock::authn
