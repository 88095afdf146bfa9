#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "pdp/snapshot.h"

namespace wardlock::administration {

/// What somebody may sign in for: the entities `Wardlock::Purpose` of policies/wardlock.
inline constexpr std::array<std::string_view, 6> kPurposes = {
    "account", "application", "administration", "configuration", "firmware", "break-glass"};

/// Somebody who is about to sign in.
struct SigningIn {
  std::string_view person;             ///< the id
  std::span<const std::string> roles;  ///< of administration
  std::string_view environment;        ///< `bedside`, `office`, `remote`
  std::string_view purpose;            ///< of `kPurposes`; any other is an application's
};

/// The least assurance level, 1 to 3, with which policies let them in: they are asked `signIn` for
/// each. Error: kPermissionDenied, none will do, with the policies' reasons. Thread-safe.
Result<std::int64_t> required_level(const pdp::Snapshot& policies, const SigningIn& who,
                                    std::int64_t now_ms);

}  // namespace wardlock::administration
