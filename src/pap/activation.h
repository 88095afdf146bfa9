#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "pap/draft.h"

namespace wardlock::pap {

/// On whose word policies came into force.
enum class ActivationCause : std::uint8_t {
  kApproved,      ///< all approvals were there
  kSingleHanded,  ///< nobody else administers policies
  kEmergency,     ///< before it was approved; to be approved afterwards
  kRollback,      ///< they were in force before
  kRenewal,       ///< they are in force, and were about to expire
  kInitial,       ///< nothing was in force: what the server was set up with
};
/// `approved`, `single_handed`, `emergency`, `rollback`, `renewal`, `initial`.
std::string_view to_string(ActivationCause cause);
std::optional<ActivationCause> find_activation_cause(std::string_view name);

/// A content put in force, for ever in the history. Times are milliseconds since the epoch.
struct Activation {
  PolicyPlace place;
  std::uint64_t serial = 0;
  std::string content;
  std::string draft = {};  ///< empty: it came of none
  ActivationCause cause = ActivationCause::kApproved;
  std::string person;
  std::string reason = {};
  std::string envelope = {};  ///< the signed statement, as in a bundle's first line
  std::int64_t made_ms = 0;
  std::int64_t starts_ms = 0;
  std::int64_t expires_ms = 0;
  std::optional<std::int64_t> approve_by_ms = {};  ///< of an emergency change
};

}  // namespace wardlock::pap
