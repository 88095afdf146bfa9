#pragma once

#include "api/admin/asked.h"

// What people sign in with (docs/authenticators.md), for whoever may see and end it: who lost
// something is often away from every page of theirs.
namespace wardlock::admin {

/// All that the person of the path has or had; nothing by which it could be used.
Answered<void> list_authenticators(const Asked& asked, net::HttpResponse& response);
/// The one of the path was lost: it counts no more, and its owner is told.
Answered<void> lose_authenticator(const Asked& asked, net::HttpResponse& response);
/// It is taken away.
Answered<void> revoke_authenticator(const Asked& asked, net::HttpResponse& response);
/// It is good until then, or again without end.
Answered<void> limit_authenticator(const Asked& asked, net::HttpResponse& response);

}  // namespace wardlock::admin
