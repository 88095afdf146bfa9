#pragma once

#include <string>

#include "server/directory.h"
#include "server/log.h"
#include "server/turn_task.h"

namespace wardlock::server {

/// Has the tenant's requests for roles be closed when they have expired, or the role is over; see
/// access::RoleRequestDesk::tend. Decisions do not wait for it. Both outlive it.
TurnTask role_request_task(const std::string& tenant, Directory& directory, Log& log);

}  // namespace wardlock::server
