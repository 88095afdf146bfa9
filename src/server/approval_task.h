#pragma once

#include "base/error.h"
#include "server/directory.h"
#include "server/log.h"
#include "server/policy_desk.h"
#include "server/turn_task.h"

namespace wardlock::server {

/// Looks whether policies that came into force in an emergency should have been approved by now:
/// each node shows it in /readyz, and one puts it on record. All outlive it.
TurnTask approval_task(PolicyDesk& desk, Directory& directory, Log& log);

/// Says of each tenant where fewer than two people may approve its policies: whoever changes them
/// then does so single-handed. Error: the database cannot be asked.
Result<void> warn_of_few_approvers(const Directory& directory, Log& log);

}  // namespace wardlock::server
