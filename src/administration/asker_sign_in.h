#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "authn/session/signature.h"
#include "base/error.h"

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

/// What needs somebody who has signed in themselves. `asker`: who asks, null: a program. `deed`
/// begins the sentence that refuses, e.g. `the glass is broken`. Error kPermissionDenied: a program
/// asks.
Result<AskerSignIn> signed_in(const AskerSignIn* asker, std::string_view deed);

/// A signature of theirs, as far as it is known before what they sign: not who, what, what it means
/// and when.
authn::Signature blank_signature(const AskerSignIn& asker);

}  // namespace wardlock::administration
