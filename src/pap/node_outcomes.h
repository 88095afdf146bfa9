#pragma once

#include <string>

#include "base/error.h"
#include "bundle/content.h"

namespace wardlock::pap {

// What a node can say of a content that others can compare. Both are `sha256:…`.

/// What its schema is named by: two contents have the same if the files of their schemas are the
/// same.
std::string schema_name(const bundle::Content& content);

/// What its own tests come to here: decision, cause, policies and obligations of each, passed or
/// not. The same on each node that decides as it should. Empty: it has no tests. Takes as long as
/// they do. Errors: its policies or tests cannot be used; kFailedPrecondition, they take more than
/// kMostTestSteps.
Result<std::string> outcomes_of(const bundle::Content& content);

}  // namespace wardlock::pap
