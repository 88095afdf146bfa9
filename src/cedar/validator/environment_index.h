#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "cedar/ast/policy.h"
#include "cedar/schema/schema.h"
#include "cedar/validator/request_environment.h"

namespace wardlock::cedar {

/// Scopes as they apply to a policy or, with its slots filled, to a link.
struct PolicyScope {
  explicit PolicyScope(const Template& policy)
      : principal(policy.principal), action(policy.action), resource(policy.resource) {}
  explicit PolicyScope(const Policy& policy);

  ScopeConstraint principal;
  ActionConstraint action;
  ScopeConstraint resource;
};

/// The schema's environments, arranged so that those of a scope are found without looking at all.
/// Borrows the schema. Immutable; may be read by any thread.
class EnvironmentIndex {
 public:
  explicit EnvironmentIndex(const Schema& schema);

  const Schema& schema() const { return schema_; }

  /// The actions that the scope admits, in the schema's order, whether or not they apply to
  /// anything.
  std::vector<const ActionType*> actions(const ActionConstraint& scope) const;

  /// Whether an entity of the type can satisfy the scope. A slot can be filled with anything.
  bool admits(const ScopeConstraint& scope, std::string_view type) const;

  /// Those of `types` that the scope admits, in their order.
  std::vector<std::string_view> admitted(const ScopeConstraint& scope,
                                         std::span<const std::string_view> types) const;

 private:
  using Numbers = std::vector<std::uint32_t>;

  const Schema& schema_;
  /// The numbers of the actions in a group, itself included, sorted.
  std::unordered_map<const EntityUid*, Numbers, UidHash, UidEqual> members_;
};

}  // namespace wardlock::cedar
