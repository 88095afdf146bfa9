#include "authn/session/signature.h"

#include <fmt/format.h>

namespace wardlock::authn {

Result<void> check_signing(const Signature& signature, const SigningRules& rules,
                           std::int64_t now_ms) {
  const std::int64_t age = now_ms - signature.authenticated_ms;
  if (signature.session.empty() || age < 0 || age > rules.authenticated_within_ms) {
    return fail(ErrorCode::kUnauthenticated, "to sign, show once more who you are");
  }
  if (signature.level < rules.least_level) {
    return fail(ErrorCode::kUnauthenticated,
                fmt::format("to sign, show who you are at assurance level {}", rules.least_level));
  }
  return {};
}

}  // namespace wardlock::authn
