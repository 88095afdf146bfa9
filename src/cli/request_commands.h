#pragma once

#include "cli/command_builder.h"

namespace wardlock::cli {

/// `wardlock request`: roles for a while, asked for and answered.
void add_request(Commands& commands);

}  // namespace wardlock::cli
