#pragma once

#include "api/admin/asked.h"

// Letting somebody in again who can sign in no more: one asks, another approves, and the first gets
// the code (authn/account/enrolment.h).
namespace wardlock::admin {

/// Those of people whom who asks may recover.
Answered<void> list_recoveries(const Asked& asked, net::HttpResponse& response);
/// For the person of the path.
Answered<void> ask_recovery(const Asked& asked, net::HttpResponse& response);
Answered<void> approve_recovery(const Asked& asked, net::HttpResponse& response);
Answered<void> refuse_recovery(const Asked& asked, net::HttpResponse& response);
/// The code to enrol with, in this answer alone.
Answered<void> collect_recovery(const Asked& asked, net::HttpResponse& response);

/// For what is not tried: a parameter that nobody looks at would seem to count.
Answered<void> refuse_dry_run(const Asked& asked);

}  // namespace wardlock::admin
