#pragma once

#include "api/admin/asked.h"

// What people, services, agents and devices prove with who they are.
namespace wardlock::admin {

Answered<void> list_credentials(const Asked& asked, net::HttpResponse& response);
/// A token is made here, and shown in this answer alone.
Answered<void> issue_credential(const Asked& asked, net::HttpResponse& response);
Answered<void> revoke_credential(const Asked& asked, net::HttpResponse& response);
/// Another one in its place; it may be used for a while yet, so that its holder can change over.
Answered<void> rotate_credential(const Asked& asked, net::HttpResponse& response);

}  // namespace wardlock::admin
