#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "access/delegation/kept_delegation.h"
#include "base/error.h"
#include "storage/work.h"

namespace wardlock::access {

// Delegations as rows. All within the transaction of `work`; each names its tenant.

Result<void> insert_delegation(storage::Work& work, const KeptDelegation& delegation);
/// Writes its end: `ended_ms`, `end`, `ended_by`. Error kAborted: it has ended already.
Result<void> end_delegation(storage::Work& work, const KeptDelegation& delegation);
/// Writes anew whose it is and what it is for. Error kAborted: it has ended.
Result<void> carry_delegation(storage::Work& work, const KeptDelegation& delegation);
/// How many have not ended: all of the delegator's, and those of them for the same delegate and
/// target as this one.
struct UnendedDelegations {
  std::size_t all = 0;
  std::size_t alike = 0;
};
Result<UnendedDelegations> count_unended(storage::Work& work, const KeptDelegation& delegation);
Result<std::optional<KeptDelegation>> find_delegation(storage::Work& work, std::string_view tenant,
                                                      std::string_view id);
/// Those that the thing gave, has, or is what they are for; the latest first; `before` an id or
/// empty.
Result<std::vector<KeptDelegation>> find_delegations_about(storage::Work& work,
                                                           std::string_view tenant,
                                                           std::string_view thing,
                                                           std::string_view before,
                                                           std::size_t most);
/// Those that have not ended, some of which may have expired; behind the id `after`.
Result<std::vector<KeptDelegation>> find_unended_delegations(storage::Work& work,
                                                             std::string_view tenant,
                                                             std::string_view after,
                                                             std::size_t most);
/// Those of them that pass this one on.
Result<std::vector<KeptDelegation>> find_passed_on(storage::Work& work, std::string_view tenant,
                                                   std::string_view id);
/// Unended ones that have expired by then, or are of or for something whose state is not the usual
/// one.
Result<std::vector<KeptDelegation>> find_due_delegations(storage::Work& work,
                                                         std::string_view tenant,
                                                         std::int64_t now_ms,
                                                         std::string_view after, std::size_t most);

}  // namespace wardlock::access
