#pragma once

#include "administration/gate.h"
#include "administration/policy_changes.h"
#include "api/admin/asked.h"

// What is in force of a tenant's policies, and how it came to be.
namespace wardlock::admin {

/// The environments that are kept here, and what is in force in each.
Answered<void> list_policies(const Asked& asked, net::HttpResponse& response);
/// Whatever was put in force, the highest serial first: `before`, `count`.
Answered<void> list_activations(const Asked& asked, net::HttpResponse& response);
/// The signed bundle that the activation `id` (its serial) put in force: its file.
Answered<void> download_bundle(const Asked& asked, net::HttpResponse& response);
/// The files that it put in force.
Answered<void> read_activation_content(const Asked& asked, net::HttpResponse& response);
/// Puts back what that one put in force.
Answered<void> roll_back_policies(const Asked& asked, net::HttpResponse& response);

/// How the tenant's policies are changed, for whoever may do that. Errors besides the gate's:
/// kFailedPrecondition, they are files.
Answered<administration::PolicyChanges*> changes_for(const Asked& asked,
                                                     administration::PolicyDeed deed,
                                                     std::string_view meaning = {});

/// Where they are in force.
pap::PolicyPlace place_of(const Asked& asked, const administration::PolicyChanges& changes);

/// The number that the path names, from 1. `what` is no number: 404.
Answered<std::uint64_t> number_of_path(const Asked& asked, std::string_view what);

/// Who does it and why: the body's reason counts before the header's.
directory::Mandate mandate_of(const Asked& asked, const std::string& reason);

/// What was refused, for whoever asks: what does not go as things stand is 409.
Refusal refusal_of(const Error& error);

}  // namespace wardlock::admin
