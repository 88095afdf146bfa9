#pragma once

#include <string>

#include "config/config.h"
#include "server/directory.h"
#include "server/log.h"
#include "server/turn_task.h"

namespace wardlock::server {

/// Gives and takes the roles of the tenant's rules (`directory.role_rules`). `tenant`: as the
/// directory calls it. All outlive it.
TurnTask role_task(const std::string& tenant, const config::Directory& options,
                   Directory& directory, Log& log);

/// The rules, with tenants as the directory calls them.
std::vector<directory::RoleRule> role_rules_of(const config::Directory& options);

}  // namespace wardlock::server
