#pragma once

#include "api/admin/asked.h"

namespace wardlock::admin {

/// What changed after a revision, for whoever keeps a copy (an inventory, a CMDB): `after`, `count`
/// and `kind`. 410 where what came next is not kept any more.
Answered<void> list_changes(const Asked& asked, net::HttpResponse& response);

/// Who asks.
Answered<void> tell_identity(const Asked& asked, net::HttpResponse& response);

}  // namespace wardlock::admin
