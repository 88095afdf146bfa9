#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace wardlock::administration {

/// A session of somebody, or what they let an application have beyond theirs. Times are
/// milliseconds since the epoch.
struct StandingSignIn {
  std::string id;
  std::string client = {};                ///< the application; empty: it is a session of the pages
  std::string client_name = {};           ///< for people
  std::string environment = {};           ///< of a session: `bedside`, `office`, `remote`
  std::int64_t level = 0;                 ///< 1 to 3: an assurance level of NIST SP 800-63B
  std::vector<std::string> methods = {};  ///< RFC 8176
  std::int64_t started_ms = 0;
  std::int64_t ends_ms = 0;  ///< at the latest
  bool is_locked = false;    ///< signs nobody in until it is unlocked
};

/// Where people of a tenant are signed in. Thread-safe; may wait for the database. Errors: the
/// store's.
class SignIns {
 public:
  virtual ~SignIns() = default;

  /// The earliest first; applications behind sessions.
  virtual Result<std::vector<StandingSignIn>> of(std::string_view tenant,
                                                 std::string_view person) = 0;
  /// False: the person has none of that id.
  virtual Result<bool> end(std::string_view tenant, std::string_view person,
                           std::string_view id) = 0;
  /// All of them. Returns how many there were.
  virtual Result<std::size_t> end_all(std::string_view tenant, std::string_view person) = 0;
};

}  // namespace wardlock::administration
