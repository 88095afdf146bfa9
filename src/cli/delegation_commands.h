#pragma once

#include "cli/command_builder.h"

namespace wardlock::cli {

/// `wardlock delegation`: who acts with whose right.
void add_delegation(Commands& commands);

}  // namespace wardlock::cli
