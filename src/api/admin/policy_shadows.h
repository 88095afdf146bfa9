#pragma once

#include "api/admin/asked.h"
#include "pap/shadow.h"

// Drafts that nodes decide by as well, without effect, to see what would be decided otherwise.
namespace wardlock::admin {

/// `mostDifferences` and `mostPermille` of a body. Where one of both is said, that one alone
/// counts; where none is, it never stops by itself.
Answered<pap::DifferenceLimit> limit_in(const Body& body);

/// Begins with the draft of the path; what ran there before ends.
Answered<void> begin_shadow(const Asked& asked, net::HttpResponse& response);
/// The latest first: `before`, `count`.
Answered<void> list_shadows(const Asked& asked, net::HttpResponse& response);
/// What all nodes have found.
Answered<void> read_shadow(const Asked& asked, net::HttpResponse& response);
Answered<void> stop_shadow(const Asked& asked, net::HttpResponse& response);

}  // namespace wardlock::admin
