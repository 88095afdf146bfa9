#pragma once

#include "cedar/ast/policy.h"
#include "cedar/validator/findings.h"
#include "cedar/validator/type_pool.h"
#include "cedar/validator/typechecker.h"

namespace wardlock::cedar {

/// What levels are checked with. Borrows everything.
struct LevelSetting {
  std::uint32_t max_level;
  const RequestEnvironment& environment;
  TypePool& pool;
  const TypeMap& types;  ///< of the policy in that environment
  Findings& findings;
  Steps& steps;
};

/// Reports where a policy without type errors goes through more entities than `max_level`, or
/// through one that is not reached from the request (Cedar RFC 76): then the entities that a
/// decision needs cannot be told from the request.
void check_level(const Template& policy, const LevelSetting& setting);

}  // namespace wardlock::cedar
