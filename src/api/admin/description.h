#pragma once

#include "api/admin/asked.h"

namespace wardlock::admin {

/// The endpoints, as openapi.h describes them.
Answered<void> describe(const Asked& asked, net::HttpResponse& response);

}  // namespace wardlock::admin
