#include "administration/asker_sign_in.h"

#include <fmt/format.h>

namespace wardlock::administration {

Result<AskerSignIn> signed_in(const AskerSignIn* asker, std::string_view deed) {
  if (asker != nullptr) return *asker;
  return fail(ErrorCode::kPermissionDenied,
              fmt::format("{} by people who have signed in themselves: send their access token, or "
                          "their session's beside yours in `Wardlock-Subject-Token`",
                          deed));
}

authn::Signature blank_signature(const AskerSignIn& asker) {
  return {.person = {},
          .printed_name = {},
          .meaning = {},
          .content = {},
          .session = asker.session,
          .level = asker.level,
          .methods = asker.methods,
          .authenticated_ms = asker.at_ms};
}

}  // namespace wardlock::administration
