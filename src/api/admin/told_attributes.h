#pragma once

#include "api/admin/asked.h"

namespace wardlock::admin {

/// A source tells values: `PUT attributes/{source}`. Each that it may not tell is refused by
/// itself, and the others are kept.
Answered<void> tell_attributes(const Asked& asked, net::HttpResponse& response);

/// What sources tell, by the policies' schema, and how each stands.
Answered<void> list_sources(const Asked& asked, net::HttpResponse& response);

/// What was told of a thing, with its age.
Answered<void> read_told(const Asked& asked, net::HttpResponse& response);

}  // namespace wardlock::admin
