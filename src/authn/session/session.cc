#include "authn/session/session.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace wardlock::authn {

namespace {

constexpr auto kNames = std::to_array<std::string_view>(
    {"signed_out", "idle", "overall", "too_many", "reuse", "person_ended", "authenticator",
     "unlock_tries", "replaced", "administrator"});

}  // namespace

std::string_view to_string(EndReason reason) { return kNames.at(static_cast<std::size_t>(reason)); }

std::optional<EndReason> find_end_reason(std::string_view name) {
  const auto* const found = std::ranges::find(kNames, name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<EndReason>(found - kNames.begin());
}

}  // namespace wardlock::authn
