#pragma once

#include "api/admin/asked.h"

namespace wardlock::admin {

/// A secret leaked: all that its holder has is revoked, another is issued where one is wanted, and
/// what was done with it is told, as far as the directory and the audit log know.
Answered<void> answer_leak(const Asked& asked, net::HttpResponse& response);

}  // namespace wardlock::admin
