#pragma once

#include <string>

#include "cli/admin_client.h"
#include "cli/command_builder.h"
#include "codec/json.h"

namespace wardlock::cli {

// The commands behind `wardlock policy` that speak with a server which keeps policies
// (docs/changing-policies.md).

void add_policy_push(Commands& group);
void add_policy_pull(Commands& group);
void add_policy_status(Commands& group);
void add_policy_show(Commands& group);
void add_policy_history(Commands& group);
void add_policy_submit(Commands& group);
void add_policy_approve(Commands& group);
void add_policy_reject(Commands& group);
void add_policy_withdraw(Commands& group);
void add_policy_activate(Commands& group);
void add_policy_rollback(Commands& group);
void add_policy_nodes(Commands& group);
void add_policy_report(Commands& group);
void add_policy_forget(Commands& group);
void add_policy_shadow(Commands& group);  ///< start, status, stop
void add_policy_canary(Commands& group);  ///< start, status, stop

/// The draft that somebody means by its id, by the end of it, or by its title. Error: kNotFound,
/// with what may be meant; kInvalidArgument, several are meant.
Result<codec::Json> find_policy_draft(AdminClient& client, const std::string& name);

/// What a shadow or a canary has found: how often it differed, and who gains and who loses.
std::string found_text(const codec::Json& view);

}  // namespace wardlock::cli
