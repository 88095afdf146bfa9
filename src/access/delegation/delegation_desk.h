#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "access/delegation/delegation_rules.h"
#include "access/delegation/kept_delegation.h"
#include "base/error.h"
#include "directory/registry/journal.h"
#include "directory/registry/thing.h"
#include "storage/store.h"

namespace wardlock::access {

/// A delegation as a change left it.
struct ChangedDelegation {
  KeptDelegation delegation;
  std::uint64_t revision = 0;  ///< of the directory: from then on decisions see it so
};

/// Delegations, from when they are made to their end. Thread-safe; waits for the database. Who may
/// delegate for whom is asked before (policies/wardlock); here is what no policy can give: both are
/// there, nobody delegates to themselves or more than they were given, and what has ended stays so.
/// What a delegation allows is decided anew each time (pdp/delegated.h).
///
/// `mandate` says who acts, for which tenant, and through what. Each change commits with its audit
/// event and its entry in the change feed. Errors besides those of storage::Store:
/// kInvalidArgument, see delegation_rules.h; kPermissionDenied, not this person; kNotFound, no such
/// thing or delegation; kFailedPrecondition, it is over, or one of the two is not at work.
class DelegationDesk {
 public:
  /// They outlive it.
  DelegationDesk(storage::Store& store, const directory::Surroundings& directory)
      : store_(store), directory_(directory) {}

  /// `mandate.reason`: the words of who makes it.
  Result<ChangedDelegation> make(const directory::Mandate& mandate, const DelegationWish& wish);
  /// Ends it, and what passes it on. `mandate.reason` may say why. That whoever acts may do so was
  /// asked before.
  Result<ChangedDelegation> revoke(const directory::Mandate& mandate, std::string_view id);
  /// Policies cannot make use of it: it does not stay as if it allowed something.
  Result<ChangedDelegation> withdraw(const directory::Mandate& mandate, std::string_view id);
  /// Ends those whose time is over, and those of or for somebody or something that is gone. To be
  /// called every some seconds; decisions do not wait for it. How many. `go_on`: false, where it is
  /// to stop.
  Result<std::size_t> tend(const directory::Mandate& own, const std::function<bool()>& go_on);

  /// Who or what has that name (party.h).
  Result<directory::Thing> find_named(std::string_view tenant, directory::Kind kind,
                                      std::string_view name) const;
  Result<KeptDelegation> find(std::string_view tenant, std::string_view id) const;
  /// Those that the thing gave, has, or is what they are for: the latest first; `before` an id, or
  /// empty.
  Result<std::vector<KeptDelegation>> about(std::string_view tenant, std::string_view thing,
                                            std::string_view before, std::size_t most) const;

 private:
  Result<ChangedDelegation> make_in(storage::Work& work, const directory::Mandate& mandate,
                                    DelegationWish wish);
  Result<ChangedDelegation> end(const directory::Mandate& mandate, std::string_view id,
                                DelegationEnd end);
  Result<ChangedDelegation> end_in(storage::Work& work, const directory::Mandate& mandate,
                                   KeptDelegation delegation, DelegationEnd end);
  /// Of and for a patient who was merged it is of and for the one who is left, in its row, too.
  Result<void> carry_over(storage::Work& work, const directory::Mandate& own,
                          KeptDelegation delegation);
  Result<std::uint64_t> tell(storage::Work& work, const directory::Mandate& mandate,
                             const KeptDelegation& delegation, directory::What what);

  storage::Store& store_;
  const directory::Surroundings& directory_;
};

}  // namespace wardlock::access
