#pragma once

#include "cli/command_builder.h"

namespace wardlock::cli {

/// Which devices run a software module: `versions`, `devices`.
void add_module_commands(Commands& group);

}  // namespace wardlock::cli
