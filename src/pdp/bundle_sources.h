#pragma once

#include "bundle/content.h"
#include "pdp/rulebook.h"
#include "pdp/sources.h"

namespace wardlock::pdp {

/// The policies, links and schema of a bundle, as a rulebook is read from them. Its tests and what
/// they are asked about are left out: a bundle tells nobody who there is.
Sources sources_of(const bundle::Content& content);

/// How strictly the policies of a bundle are taken: by the rule, with a schema that they fit, and
/// with no annotation that is not known.
inline constexpr RulebookOptions kBundleRules = {.mode = Mode::kStrict,
                                                 .is_schema_required = true,
                                                 .unknown_annotations = Severity::kError,
                                                 .invalid_policies = Severity::kError};

}  // namespace wardlock::pdp
