#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace wardlock::administration {

/// How somebody signed in who asks with an access token that they let an application have. Times
/// are milliseconds since the epoch.
struct AskerSignIn {
  std::int64_t level = 0;            ///< 1 to 3: an assurance level of NIST SP 800-63B
  std::vector<std::string> methods;  ///< RFC 8176
  std::int64_t at_ms = 0;            ///< when
  std::string session = {};          ///< `sid`; may be over
  std::string client = {};           ///< the application
  std::int64_t until_ms = 0;         ///< when they have to sign in again at the latest
};

}  // namespace wardlock::administration
