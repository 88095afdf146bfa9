#pragma once

#include "api/admin/asked.h"

// Which devices run which versions of a software module: for a recall, or a vulnerability.
namespace wardlock::admin {

/// A page of the module's versions, with how many devices run each.
Answered<void> list_versions(const Asked& asked, net::HttpResponse& response);

/// A page of the devices that run the module: the `version` that is named, those `below` one, or
/// any; in the `state` that is named, or in any. Which versions nobody can say to be below it is
/// told, so that no device is missed.
Answered<void> list_running(const Asked& asked, net::HttpResponse& response);

}  // namespace wardlock::admin
