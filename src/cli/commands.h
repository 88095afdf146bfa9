#pragma once

#include "cli/command_builder.h"

namespace wardlock::cli {

// Each declares a command, or a group of them, and lives with what the command does in a file of
// its own: `x_command.cc`.

void add_about(Commands& commands);  ///< what speaks of the program itself
void add_audit(Commands& commands);  ///< its commands: audit_commands.h
void add_authorize(Commands& commands);
void add_backup(Commands& commands);  ///< and its contrary, `restore`
void add_break_glass(Commands& commands);
void add_bundle(Commands& commands);  ///< its commands: bundle_commands.h
void add_check_parse(Commands& commands);
void add_clients(Commands& commands);
void add_config(Commands& commands);
void add_directory(Commands& commands);
void add_drift(Commands& commands);
void add_entities(Commands& commands);
void add_evaluate(Commands& commands);
void add_export(Commands& commands);
void add_format(Commands& commands);
void add_identifier(Commands& commands);
void add_import(Commands& commands);
void add_init(Commands& commands);
void add_invariants(Commands& commands);
void add_ldap(Commands& commands);
void add_link(Commands& commands);
void add_login(Commands& commands);
void add_logout(Commands& commands);
void add_lsp(Commands& commands);
void add_new(Commands& commands);
void add_pdp(Commands& commands);
void add_plan(Commands& commands);
void add_policy(Commands& commands);               ///< `wardlock policy …`
void add_relations_of_things(Commands& commands);  ///< assign, unassign, relate, unrelate
void add_run_tests(Commands& commands);
void add_search(Commands& commands);
void add_serve(Commands& commands);
void add_things(Commands& commands);  ///< a group for each kind: user, device, role, …
void add_token(Commands& commands);
void add_tpe(Commands& commands);
void add_translate_policy(Commands& commands);
void add_translate_schema(Commands& commands);
void add_udi(Commands& commands);
void add_validate(Commands& commands);
void add_visualize(Commands& commands);
void add_whoami(Commands& commands);

}  // namespace wardlock::cli
