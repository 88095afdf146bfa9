#pragma once

#include "cli/command_builder.h"

namespace wardlock::cli {

/// `wardlock client invite`, `invitations` and `uninvite`: what lets programs register by
/// themselves (RFC 7591).
void add_client_invitations(Commands& clients);

}  // namespace wardlock::cli
