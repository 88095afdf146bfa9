#pragma once

#include "cli/command_builder.h"

namespace wardlock::cli {

/// `wardlock config tune-passwords`.
void add_tune(Commands& group);

}  // namespace wardlock::cli
