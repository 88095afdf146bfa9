#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"

namespace wardlock::authn {

/// An electronic signature (21 CFR 11.50): who, when and what it means, bound to one content
/// (11.70), after its owner has authenticated anew (11.200). Times are milliseconds since the
/// epoch.
struct Signature {
  std::string person;        ///< the thing's id in the directory
  std::string printed_name;  ///< as it was then
  std::string meaning;       ///< what it says: `policy`, `clinical_safety`, `misuse` …
  std::string comment = {};
  std::string content;                    ///< what was signed
  std::string session;                    ///< `sid` of the session in which it was given
  std::int64_t level = 0;                 ///< of assurance (SP 800-63B-4)
  std::vector<std::string> methods = {};  ///< `amr`
  std::int64_t authenticated_ms = 0;
  std::int64_t signed_ms = 0;
};

/// How fresh and sure an authentication a signature needs.
struct SigningRules {
  std::int64_t authenticated_within_ms = std::int64_t{5} * 60 * 1000;
  std::int64_t least_level = 2;
};

/// Whether it may be given now. Errors: kUnauthenticated, authenticate anew, or more surely. Pure.
Result<void> check_signing(const Signature& signature, const SigningRules& rules,
                           std::int64_t now_ms);

}  // namespace wardlock::authn
