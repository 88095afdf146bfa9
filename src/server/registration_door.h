#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "authn/attempt_throttle.h"
#include "authn/oauth/registrations.h"
#include "event/event.h"
#include "server/directory.h"

namespace wardlock::server {

/// Who may have clients register (RFC 7591), asked of the policies of administration as they and
/// the directory are now, and on record; and how often somebody may try. Thread-safe.
class RegistrationDoor {
 public:
  /// The directory outlives it.
  explicit RegistrationDoor(Directory& directory);

  /// Begins a try; where a time is returned, it may not, and is to wait so long. Each counts, as
  /// clients that came uninvited are entered for good.
  std::optional<std::chrono::nanoseconds> begin(std::string_view source_address);
  /// The try was by who had a token for it, and does not count.
  void succeed(std::string_view source_address);

  /// Where and when it is tried.
  struct Visit {
    std::string tenant;  ///< as the directory calls it
    std::string source_address;
    std::int64_t now_ms = 0;
  };
  /// Refusals: kAccessDenied, policies do not allow it, or who gave the invitation is not active
  /// any more; kTemporarilyUnavailable, that it was asked cannot be recorded.
  oauth::Answer<void> check(const Visit& visit, const oauth::Registrant& registrant);

 private:
  Result<void> ask(const Visit& visit, const oauth::Registrant& registrant);
  Result<void> record(const Visit& visit, event::Event event);

  Directory& directory_;
  authn::AttemptThrottle throttle_;
};

}  // namespace wardlock::server
