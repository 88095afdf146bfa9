#pragma once

#include "api/admin/asked.h"

// What is asked of the things of one kind, or of one thing.
namespace wardlock::admin {

Answered<void> list_things(const Asked& asked, net::HttpResponse& response);
Answered<void> create_thing(const Asked& asked, net::HttpResponse& response);
Answered<void> read_thing(const Asked& asked, net::HttpResponse& response);
/// Of whichever kind.
Answered<void> read_any_thing(const Asked& asked, net::HttpResponse& response);
/// How policies see it, or why not: for whoever may read all that is told with it.
Answered<void> read_entity(const Asked& asked, net::HttpResponse& response);
Answered<void> replace_thing(const Asked& asked, net::HttpResponse& response);
Answered<void> patch_thing(const Asked& asked, net::HttpResponse& response);
Answered<void> set_state(const Asked& asked, net::HttpResponse& response);
Answered<void> remove_thing(const Asked& asked, net::HttpResponse& response);
Answered<void> merge_patient(const Asked& asked, net::HttpResponse& response);

/// The thing of the path, which must be of the collection's kind. Error: kNotFound.
Result<directory::Thing> named_thing(const Asked& asked);
Result<directory::Thing> named_thing(const Asked& asked, directory::Edit& edit);

}  // namespace wardlock::admin
