#include "authn/session/session.h"

#include <array>
#include <cstddef>

namespace wardlock::authn {

std::string_view to_string(EndReason reason) {
  static constexpr auto kNames = std::to_array<std::string_view>(
      {"signed_out", "idle", "overall", "too_many", "reuse", "person_ended", "authenticator",
       "unlock_tries", "replaced", "administrator"});
  return kNames.at(static_cast<std::size_t>(reason));
}

}  // namespace wardlock::authn
