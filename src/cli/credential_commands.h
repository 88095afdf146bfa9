#pragma once

#include "cli/command_builder.h"
#include "directory/model/schema.h"

namespace wardlock::cli {

/// What is done with the credentials of a kind of things: `credentials`, `issue`, `rotate`,
/// `revoke`, `leaked`.
void add_credential_commands(Commands& group, const directory::Schema& schema);

}  // namespace wardlock::cli
