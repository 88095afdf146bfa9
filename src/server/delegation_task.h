#pragma once

#include <string>

#include "server/directory.h"
#include "server/log.h"
#include "server/turn_task.h"

namespace wardlock::server {

/// Has the tenant's delegations end when their time is over, or one of those they are between is
/// gone, and consents go along with merged patients; see `tend` of access::DelegationDesk and
/// access::ConsentDesk. Decisions do not wait for it. Both outlive it.
TurnTask delegation_task(const std::string& tenant, Directory& directory, Log& log);

}  // namespace wardlock::server
