#pragma once

#include "cli/command_builder.h"

namespace wardlock::cli {

/// `wardlock consent`: what patients have agreed to and refused.
void add_consent(Commands& commands);

}  // namespace wardlock::cli
