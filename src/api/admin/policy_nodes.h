#pragma once

#include "api/admin/asked.h"

// What everybody runs who decides by a tenant's policies.
namespace wardlock::admin {

/// By name, with how each stands to what is in force: `cursor`, `count`, `drifting`.
Answered<void> list_nodes(const Asked& asked, net::HttpResponse& response);
/// What whoever asks runs itself; answers how that stands. Kept, and not put on record.
Answered<void> report_node(const Asked& asked, net::HttpResponse& response);
/// The node of the path is gone.
Answered<void> forget_node(const Asked& asked, net::HttpResponse& response);

}  // namespace wardlock::admin
