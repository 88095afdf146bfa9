#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "codec/json.h"
#include "directory/lifecycle/role_rule.h"
#include "directory/registry/registry.h"

namespace wardlock::directory {

/// One role that a rule gives or takes.
struct RoleStep {
  const RoleRule* rule = nullptr;
  bool is_given = true;
  std::string person;
  std::string role;                       ///< the id of the role
  std::optional<std::string> scope = {};  ///< the id of the place
  std::string relation = {};              ///< of one that is taken: the assignment
  std::string person_name = {};           ///< for people
  std::string scope_name = {};            ///< the same; empty: everywhere
};

/// What rules would change, or have changed.
struct RolePlan {
  std::vector<RoleStep> steps;
  /// What is wrong with rules, in words: such a rule neither gives nor takes.
  std::vector<std::string> faults;
};

/// What the tenant's rules would change now (ms since the epoch). Gives nobody what they have, by
/// whomever, and takes only what the same rule gave. Changes nothing. Borrows the rules. Errors:
/// those of the store.
Result<RolePlan> plan_roles(const Registry& registry, std::string_view tenant,
                            std::span<const RoleRule> rules, std::int64_t now);

/// Does it, each step in a transaction of its own, with an event that names the rule. What somebody
/// else changed meanwhile is passed over, and looked at again the next time. `go_on`, asked before
/// each: false ends it, with kCancelled. Returns how many were done. Errors: those of the store.
Result<std::uint64_t> apply_roles(Registry& registry, std::string_view tenant, const RolePlan& plan,
                                  const std::function<bool()>& go_on);

/// For people, and for programs.
std::string to_text(const RolePlan& plan);
codec::Json to_json(const RolePlan& plan);

}  // namespace wardlock::directory
