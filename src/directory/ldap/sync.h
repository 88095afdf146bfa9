#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

#include "base/error.h"
#include "directory/ldap/plan.h"
#include "directory/ldap/source.h"
#include "directory/registry/registry.h"
#include "directory/registry/turn.h"

namespace wardlock::directory {

struct LdapSyncOptions {
  bool is_dry_run = false;  ///< changes nothing, and takes no turn
  /// Instead of what changed since the last time, everything is read in full.
  bool is_full = false;
  std::string caller;  ///< the program, for audit events
};

/// What was done, or would be.
struct LdapSynced {
  LdapPlan plan;  ///< its `faults` also name what could not be done
  bool is_dry_run = false;
  bool is_full = false;
  std::uint64_t done = 0;  ///< people with whom something happened
};

/// The name of the source's task, for whose turn it is.
std::string task_of(const LdapSource& source);

/// Reads the source, compares, and changes the directory as the plan says, a few people in each
/// transaction: what one run did not get to, the next one does. `clock` is milliseconds since the
/// epoch. Errors: those of the connection and of check_source; kAborted, another is at it;
/// kCancelled; those of the store. A plan that was stopped is none: it says so itself. Until the
/// plan was made, nothing was changed.
Result<LdapSynced> sync_ldap(const LdapSource& source, Registry& registry, Turns& turns,
                             const LdapSyncOptions& options,
                             const std::function<std::int64_t()>& clock,
                             const std::stop_token& stop);

/// For people, and for programs.
std::string to_text(const LdapSource& source, const LdapSynced& synced);
codec::Json to_json(const LdapSource& source, const LdapSynced& synced);

}  // namespace wardlock::directory
