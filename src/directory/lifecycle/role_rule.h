#pragma once

#include <chrono>
#include <string>

namespace wardlock::directory {

/// Who works so somewhere has a role: it comes with the employment and ends with it.
struct RoleRule {
  std::string name;    ///< `[a-z0-9-]+`; part of who gave the role, so it stays
  std::string tenant;  ///< whose rule it is
  std::string role;    ///< the name of the role; none of Wardlock's own administration
  // What an employment must be; empty: it does not matter.
  std::string organisation = {};     ///< the code of the organisation
  std::string location = {};         ///< the code of the place
  std::string title = {};            ///< the position there, whatever its capital letters
  std::string employment_type = {};  ///< e.g. `contractor`
  /// The role counts in the place of the employment only. Who has no place has no role.
  bool is_in_place = false;
  /// How long the role goes on after the employment.
  std::chrono::milliseconds grace{0};
};

/// Who gives the roles of a rule, as audit events and assignments name it.
std::string actor_of(const RoleRule& rule);

}  // namespace wardlock::directory
