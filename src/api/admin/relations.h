#pragma once

#include "api/admin/asked.h"

// How things stand to each other.
namespace wardlock::admin {

/// By `subject`, `object` or `scope`, and `kind`. What stands at the other end is shown to whoever
/// may read such things; how many were withheld is said.
Answered<void> list_relations(const Asked& asked, net::HttpResponse& response);
/// Those of the thing of the path, whichever end it is.
Answered<void> relations_of_thing(const Asked& asked, net::HttpResponse& response);
Answered<void> read_relation(const Asked& asked, net::HttpResponse& response);
Answered<void> create_relation(const Asked& asked, net::HttpResponse& response);
Answered<void> end_relation(const Asked& asked, net::HttpResponse& response);

}  // namespace wardlock::admin
