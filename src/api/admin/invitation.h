#pragma once

#include "api/admin/asked.h"

namespace wardlock::admin {

/// Gives somebody a code with which they enrol how they sign in (`/account/enrol`). Not where they
/// can sign in already: who has lost that is let in again by two people of the help desk.
Answered<void> invite(const Asked& asked, net::HttpResponse& response);

}  // namespace wardlock::admin
