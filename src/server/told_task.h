#pragma once

#include <string>

#include "server/directory.h"
#include "server/log.h"
#include "server/turn_task.h"

namespace wardlock::server {

/// Has what sources told of the tenant's things erased when it is too old for any decision, by the
/// schema of its policies. Decisions do not wait for it. Both outlive it.
TurnTask told_task(const std::string& tenant, Directory& directory, Log& log);

}  // namespace wardlock::server
