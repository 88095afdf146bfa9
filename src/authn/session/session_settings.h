#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "authn/session/assurance.h"
#include "base/error.h"

namespace wardlock::authn {

/// How long a session lasts.
struct TimeLimits {
  std::chrono::seconds idle;     ///< unused
  std::chrono::seconds overall;  ///< whatever is done with it

  bool operator==(const TimeLimits&) const = default;
};

/// Where people work, and how long they stay signed in there.
struct SessionEnvironment {
  std::string name;  ///< `bedside`
  TimeLimits limits;
  /// Unused for too long, a session is locked, and opens again with a badge or PIN; else it ends.
  bool locks = false;
};

/// What happens to who signs in once too often.
enum class TooMany : std::uint8_t { kEndOldest, kRefuse };

/// The defaults are within SP 800-63B-4, 2.2.3 and 2.3.3: AAL2 ends after 24 h, or 1 h unused; AAL3
/// after 12 h, or 15 min.
struct SessionSettings {
  std::vector<SessionEnvironment> environments = {
      {"bedside", {std::chrono::minutes(10), std::chrono::hours(12)}, true},
      {"office", {std::chrono::hours(1), std::chrono::hours(12)}, false},
      {"remote", {std::chrono::minutes(30), std::chrono::hours(8)}, false},
  };
  /// Of sessions at AAL3, where the environment's are longer.
  TimeLimits aal3 = {std::chrono::minutes(15), std::chrono::hours(12)};
  std::size_t most_of_a_person = 8;
  TooMany too_many = TooMany::kEndOldest;
  std::chrono::seconds rotate_after = std::chrono::minutes(10);
  /// So long the token before the last is still taken: requests were under way with it.
  std::chrono::seconds previous_good_for = std::chrono::seconds(20);
  /// After a full sign-in, a badge or PIN opens what is locked.
  std::chrono::seconds unlock_within = std::chrono::hours(12);
  std::uint32_t unlock_tries = 5;
  /// A session of somebody who was let in while the database was down.
  std::chrono::seconds without_database = std::chrono::hours(1);
};

/// Error kInvalidArgument: no environment, two of one name, or a time that SP 800-63B-4 does not
/// let pass.
Result<void> check(const SessionSettings& settings);

/// The environment of that name, or null.
const SessionEnvironment* find_environment(const SessionSettings& settings, std::string_view name);

/// Of a session in the environment that has reached the level.
TimeLimits limits_of(const SessionSettings& settings, const SessionEnvironment& environment,
                     AssuranceLevel level);

}  // namespace wardlock::authn
