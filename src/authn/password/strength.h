#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "authn/password/password_policy.h"

namespace wardlock::authn {

/// How hard a password is to guess, for a meter while it is typed. It refuses nothing: that is for
/// `faults_of`.
struct PasswordStrength {
  double guesses_log10 = 0;  ///< an attacker who knows how people choose needs 10 to this
  std::uint8_t score = 0;    ///< 0 (at once) to 4 (not offline either)
  std::vector<std::string_view> advice;  ///< what makes it weak, a sentence each
};

/// By libzxcvbn, with these words as the first that are tried. Its time grows faster than the
/// length, so that it looks at 100 bytes only. The library keeps no copy, but does not wipe what it
/// works on.
PasswordStrength strength_of(const PreparedPassword& password,
                             std::span<const std::string> context_words);

}  // namespace wardlock::authn
