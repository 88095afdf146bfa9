#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/arena.h"
#include "cedar/compiled/request_entities.h"
#include "cedar/compiled/scope.h"
#include "cedar/compiled/uid_table.h"
#include "cedar/evaluator/step_budget.h"

namespace wardlock::cedar {

/// Finds the policies whose scope holds, among any number of them. Each is kept under what one part
/// of its scope demands, the one that fewest policies share: an entity, or a type. A request looks
/// up its principal, action and resource, their ancestors and their types, and asks only what it
/// finds. Immutable once made; may be read by any thread. Borrows what the scopes borrow.
class ScopeIndex {
 public:
  explicit ScopeIndex(Scopes scopes);

  /// Places among the scopes, ascending; in `arena`. Counts for nothing when the budget is used up.
  std::span<const std::uint32_t> find(RequestEntities& entities, Arena& arena,
                                      StepBudget& budget) const;

 private:
  class Builder;
  class Search;

  /// A policy, with its scope, since that is read next.
  struct Member {
    Scope scope;
    std::uint32_t place = 0;
  };
  /// The policies that are kept under what they demand of the principal, the action or the
  /// resource.
  struct Part {
    /// Among `members`: first those who ask for what is in the entity, then for itself.
    struct ByEntity {
      std::uint32_t begin = 0, end_in = 0, end = 0;
    };
    struct ByType {
      std::uint32_t begin = 0, end = 0;
    };
    UidTable<ByEntity> by_entity;
    std::vector<ByType> by_type;  ///< by the number of the type
    std::vector<Member> members;
    bool has_in = false;
  };

  TypeNumbers types_;
  std::vector<const EntityUid*> actions_;  ///< of all scopes
  Part principal_, action_, resource_;
  std::vector<std::uint32_t> for_all_;  ///< places of those that demand nothing
};

}  // namespace wardlock::cedar
