#pragma once

#include <string>

#include "server/directory.h"
#include "server/log.h"
#include "server/turn_task.h"

namespace wardlock::server {

/// Has the tenant's break-glass grants end, and be warned of, when their time has come; see
/// access::GlassDesk::tend. Decisions do not wait for it. Requires that the glass is broken here.
/// Both outlive it.
TurnTask glass_task(const std::string& tenant, Directory& directory, Log& log);

}  // namespace wardlock::server
