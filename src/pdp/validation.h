#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "cedar/ast/policy.h"
#include "cedar/schema/schema.h"
#include "cedar/validator/validator.h"
#include "pdp/sources.h"

namespace wardlock::pdp {

/// The source that a policy, template or link was read from; null if it is not one of them.
const Source* source_of(const cedar::PolicyDiagnostic& finding, const cedar::PolicySet& policies,
                        const Sources& sources);

/// Validates the policies strictly. Where errors are to be refused they are the error, an excerpt
/// each, and warnings are added to `warnings`. Otherwise the errors are added there and the
/// warnings are left to who asks for them (`wardlock validate`).
Result<void> check_policies(const cedar::PolicySet& policies, const cedar::Schema& schema,
                            const Sources& sources, Severity errors_are,
                            std::vector<std::string>& warnings);

}  // namespace wardlock::pdp
