#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "directory/model/kind.h"

namespace wardlock::access {

/// Why a delegation is over. Once it is, it stays so.
enum class DelegationEnd : std::uint8_t {
  kExpired,  ///< its time was over
  kRevoked,  ///< one of the two, or somebody in charge, ended it
  kLeft,     ///< one of the two is not there any more, or not at work
  kGone,     ///< what it was for is not there any more
  kCut,      ///< the one that it passed on is over
  kUnseen,   ///< policies could not make use of it
};
/// Its name in events and rows, e.g. `expired`.
std::string_view to_string(DelegationEnd end);
std::optional<DelegationEnd> find_delegation_end(std::string_view name);

/// A delegation as it is kept, for ever: who acts with whose right, for what, by which actions,
/// from when and until when. Ids are those of things in the directory; times are milliseconds since
/// the epoch.
struct KeptDelegation {
  std::string id;
  std::string tenant;
  std::string delegator;  ///< whose right it is: a patient, a person, an organisation
  directory::Kind delegator_kind = directory::Kind::kPerson;
  std::string delegate;  ///< the person who acts with it
  std::string target;    ///< the one patient, device or place that it is for
  directory::Kind target_kind = directory::Kind::kPatient;
  std::vector<std::string> actions = {};  ///< as questions name them
  std::string purpose = {};               ///< a code, e.g. of HL7 v3 ActReason; may be empty
  std::string ticket = {};                ///< may be empty
  std::string words = {};                 ///< of who made it; may be empty
  bool may_pass_on = false;               ///< the delegate may delegate it to others
  std::string passes_on = {};             ///< the id of the one that it passes on; empty: none
  std::int64_t begins_ms = 0;
  std::int64_t ends_ms = 0;       ///< exclusive
  std::string made_by = {};       ///< the delegator, or who did it in their place
  std::string made_through = {};  ///< the program
  std::int64_t made_ms = 0;
  std::optional<std::int64_t> ended_ms = {};
  std::optional<DelegationEnd> end = {};
  std::string ended_by = {};  ///< who did it; Wardlock, where the clock or a change did

  /// INVARIANT: what was ended never counts again, whatever the clock says.
  bool is_over_at(std::int64_t time_ms) const { return ended_ms || ends_ms <= time_ms; }
  bool is_of(std::string_view thing) const { return delegator == thing || delegate == thing; }
};

}  // namespace wardlock::access
