#pragma once

#include "cli/command_builder.h"

namespace wardlock::cli {

/// `wardlock attribute`: what sources tell.
void add_attribute(Commands& commands);

}  // namespace wardlock::cli
