#pragma once

#include "cli/commands.h"
#include "directory/model/schema.h"

namespace wardlock::cli {

/// What people sign in with, and how that is ended for them: `authenticators`, `authenticator`.
void add_authenticator_commands(Commands& group, const directory::Schema& schema);

}  // namespace wardlock::cli
