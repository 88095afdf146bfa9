#pragma once

#include "bundle/content.h"
#include "pdp/sources.h"

namespace wardlock::pap {

/// The content's policies, and the entities that its tests are asked about.
pdp::Sources with_test_world(const bundle::Content& content);

}  // namespace wardlock::pap
