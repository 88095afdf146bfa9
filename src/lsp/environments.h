#pragma once

#include <cstddef>
#include <vector>

#include "cedar/ast/policy.h"
#include "cedar/schema/schema.h"
#include "cedar/validator/request_environment.h"

namespace wardlock::lsp {

/// The environments that a policy's scope admits, but not more than `max` of them: a schema can
/// have more than fit into memory, and of very many the first ones say enough to a reader.
std::vector<cedar::RequestEnvironment> first_environments(const cedar::Template& policy,
                                                          const cedar::Schema& schema,
                                                          std::size_t max);

}  // namespace wardlock::lsp
