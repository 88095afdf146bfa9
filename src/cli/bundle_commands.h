#pragma once

#include "cli/command_builder.h"

namespace wardlock::cli {

// The commands behind `wardlock bundle`, each in a file of its own: `bundle_x_command.cc`.

void add_bundle_build(Commands& group);
void add_bundle_sign(Commands& group);
void add_bundle_verify(Commands& group);
void add_bundle_inspect(Commands& group);
void add_bundle_diff(Commands& group);

}  // namespace wardlock::cli
