#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pdp/snapshot.h"

namespace wardlock::compare {

/// What the scopes of policies give a role, whatever is asked: their conditions are named, not
/// looked into.
enum class RoleStanding : std::uint8_t {
  kNever,
  kOverrideOnly,  ///< with a break-glass grant alone
  kSometimes,     ///< under conditions, or for some things of the type
  kAlways,        ///< a permit without conditions, and nothing that limits it
};

std::string_view to_string(RoleStanding standing);

/// What one rulebook says of a cell. Lists are in the order of the policies.
struct RoleRights {
  RoleStanding standing = RoleStanding::kNever;
  std::vector<std::string> permits = {};  ///< that may be satisfied, overrides among them
  std::vector<std::string> limits = {};   ///< that may stand against it: forbids of all parts

  bool operator==(const RoleRights&) const = default;
};

/// A role that may do something to things of a type, before or after.
struct MatrixCell {
  std::string role;  ///< a group as Cedar writes it, or a type: who is in no group
  std::string action;
  std::string resource_type;
  RoleRights before;
  RoleRights after;

  bool differs() const { return before != after; }
};

/// Roles × actions × types of resources, before and after. Cells that nobody reaches in either are
/// left out.
struct AccessMatrix {
  std::vector<MatrixCell> cells;  ///< by role, action, type
  std::size_t left_out_roles = 0;
};

struct MatrixLimits {
  std::size_t max_roles = 200;
  std::size_t max_work = 50'000'000;  ///< scopes looked at; more, and the last roles are left out
};

/// The roles are the groups that policies of either set name in their principal's scope, and the
/// types of principals by themselves. Of a role it says what this role alone gives: who is in two
/// has what both give, and is limited by what limits either. Pure.
AccessMatrix compare_rights(const pdp::Snapshot& before, const pdp::Snapshot& after,
                            const MatrixLimits& limits = {});

}  // namespace wardlock::compare
