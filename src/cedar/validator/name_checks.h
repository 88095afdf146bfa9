#pragma once

#include "cedar/ast/policy.h"
#include "cedar/schema/schema.h"
#include "cedar/validator/findings.h"

namespace wardlock::cedar {

/// Whether all types, actions and ids of enumerated types that a policy names are declared.
void check_names(const Template& policy, const Schema& schema, Findings& findings, Steps& steps);
/// Whether the types of what fills a link's slots are declared.
void check_slots(const Policy& link, const Schema& schema, Findings& findings, Steps& steps);

/// Whether anything in the policy depends on what a request's parts are.
struct UsedVariables {
  bool principal = false;
  bool action = false;
  bool resource = false;
  bool context = false;
};
UsedVariables used_variables(const Template& policy);

}  // namespace wardlock::cedar
