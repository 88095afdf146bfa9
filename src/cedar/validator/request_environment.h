#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cedar/ast/policy.h"
#include "cedar/schema/schema.h"

namespace wardlock::cedar {

/// One of the combinations a schema allows: what the parts of a request are. Borrows from the
/// schema.
struct RequestEnvironment {
  std::string_view principal;  ///< the type's full name
  const ActionType* action;    ///< never null
  std::string_view resource;   ///< the type's full name
};

/// E.g. `User, Action::"view", Photo`.
std::string to_string(const RequestEnvironment& environment);

/// All environments of the schema, action by action in the order written.
std::vector<RequestEnvironment> environments_of(const Schema& schema);

/// The environments that a policy's scope admits, in the same order. A slot admits what some link
/// could.
std::vector<RequestEnvironment> environments_of(const Template& policy, const Schema& schema);

/// The environments that a policy's scope admits, the slots of a link filled.
std::vector<RequestEnvironment> environments_of(const Policy& policy, const Schema& schema);

}  // namespace wardlock::cedar
