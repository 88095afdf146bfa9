#pragma once

#include "api/admin/asked.h"

namespace wardlock::admin {

/// What a person should look at: dormant accounts, ended contracts, credentials to be renewed, … as
/// directory/lifecycle finds it, as far as whoever asks may read it.
Answered<void> tell_review(const Asked& asked, net::HttpResponse& response);

}  // namespace wardlock::admin
