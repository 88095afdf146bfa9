#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/arena.h"
#include "cedar/ast/policy.h"
#include "cedar/compiled/request_entities.h"
#include "cedar/compiled/uid_table.h"
#include "cedar/evaluator/step_budget.h"
#include "crypto/seeded_hash.h"

namespace wardlock::cedar {

/// Finds the policies whose scope holds. Each is kept under what one part of its scope demands, the
/// one that fewest policies share: an entity, or a type. A request looks up its principal, action
/// and resource, their ancestors and their types, and asks what it finds for the rest of the scope.
/// A few policies are asked one by one instead, which is quicker. Immutable; may be read by any
/// thread. Borrows the policies.
class ScopeIndex {
 public:
  ScopeIndex() = default;
  explicit ScopeIndex(std::span<const Policy> policies);

  /// Places among the policies, ascending; in `arena`. Takes a step for each entity looked up and
  /// each policy asked; counts for nothing when the budget is used up.
  std::span<const std::uint32_t> find(RequestEntities& entities, Arena& arena,
                                      StepBudget& budget) const;

 private:
  class Builder;
  class Search;

  /// What a scope demands of the principal, the action or the resource.
  struct Demand {
    enum class Op : std::uint8_t { kAny, kEqual, kIn, kIs, kIsIn, kNever };
    const EntityUid* entity = nullptr;
    std::uint32_t type = 0;  ///< of kIs and kIsIn
    Op op = Op::kAny;
  };
  struct Scope {
    Demand principal, action, resource;
    /// The action may be in one of these as well.
    std::span<const EntityUid* const> further_actions;
  };
  /// Policies by what they demand of one of the three.
  struct Part {
    struct Range {
      std::uint32_t begin = 0, end = 0;
    };
    UidTable entities;
    std::vector<Range> types;            ///< by the number of the type
    std::vector<std::uint32_t> members;  ///< places of policies; the others say where in here
    bool has_in = false;                 ///< an ancestor may be a key
  };

  /// Up to here, asking each policy is quicker than looking up who may be meant.
  static constexpr std::size_t kAskEachUpTo = 16;

  /// The number of a type that some scope names; 0 for others.
  std::uint32_t type_number(std::string_view type) const;

  std::vector<Scope> scopes_;
  Part principal_, action_, resource_;
  std::vector<std::uint32_t> for_all_;  ///< policies that demand nothing
  std::unordered_map<std::string_view, std::uint32_t, crypto::SeededHash> types_;
};

}  // namespace wardlock::cedar
