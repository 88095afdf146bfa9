#pragma once

#include "cli/command_builder.h"

namespace wardlock::cli {

// The commands behind `wardlock audit`, each in a file of its own: `audit_x_command.cc`.

void add_audit_verify(Commands& group);
void add_audit_prove(Commands& group);
void add_audit_export(Commands& group);
void add_audit_tail(Commands& group);
void add_audit_report(Commands& group);
void add_audit_query(Commands& group);
void add_audit_rebuild_index(Commands& group);
void add_audit_erase(Commands& group);
void add_audit_hold(Commands& group);
void add_audit_release(Commands& group);
void add_audit_holds(Commands& group);
void add_audit_retain(Commands& group);
void add_audit_rotate_key(Commands& group);

}  // namespace wardlock::cli
