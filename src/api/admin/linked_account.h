#pragma once

#include "api/admin/asked.h"

namespace wardlock::admin {

/// Links an account at another's OpenID provider with somebody, who signs in with it from then on:
/// for accounts that people may not link themselves.
Answered<void> link_account(const Asked& asked, net::HttpResponse& response);

}  // namespace wardlock::admin
