#pragma once

#include "cli/commands.h"
#include "directory/model/schema.h"

namespace wardlock::cli {

/// Where people are signed in, how that is ended, and how they are let in again: `sessions`,
/// `sign-out`, `recover`, `recoveries`.
void add_sign_in_commands(Commands& group, const directory::Schema& schema);

}  // namespace wardlock::cli
