#pragma once

#include "cli/command_builder.h"

namespace wardlock::cli {

// The commands behind `wardlock audit`, each in a file of its own: `audit_x_command.cc`.

void add_audit_verify(Commands& group);
void add_audit_prove(Commands& group);
void add_audit_export(Commands& group);
void add_audit_tail(Commands& group);
void add_audit_retain(Commands& group);

}  // namespace wardlock::cli
