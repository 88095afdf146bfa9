#pragma once

#include "api/admin/asked.h"

// Bills of materials, as CycloneDX: docs/inventory.md.
namespace wardlock::admin {

inline constexpr std::string_view kCycloneDxType = "application/vnd.cyclonedx+json";

/// The bill of what `of` is the key of.
Answered<void> read_bill(const Asked& asked, net::HttpResponse& response);

/// Takes over a bill of it: all parts that it has, and what is made with what. All that is wrong is
/// said at once, and nothing is changed then.
Answered<void> replace_bill(const Asked& asked, net::HttpResponse& response);

}  // namespace wardlock::admin
