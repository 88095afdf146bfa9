#include "cedar/validator/expr_types.h"

#include <limits>

#include "cedar/validator/typechecker.h"

namespace wardlock::cedar {

ExprTypes::ExprTypes() = default;
ExprTypes::ExprTypes(ExprTypes&&) noexcept = default;
ExprTypes& ExprTypes::operator=(ExprTypes&&) noexcept = default;
ExprTypes::~ExprTypes() = default;

const InferredType* ExprTypes::find(const Expr& expr) const {
  const auto it = types_.find(&expr);
  return it == types_.end() ? nullptr : it->second;
}

ExprTypes infer_types(const Template& policy, const Schema& schema,
                      const RequestEnvironment& environment, ValidationMode mode) {
  ExprTypes types;
  types.pool_ = std::make_unique<TypePool>(schema, mode);
  CapabilityTable capabilities;
  Findings findings;
  Steps steps(std::numeric_limits<std::uint64_t>::max());
  Typechecker checker(*types.pool_, capabilities, environment, findings, steps, &types.types_);
  types.is_impossible_ = checker.check(policy).is_impossible;
  types.is_well_typed_ = findings.error_count() == 0;
  return types;
}

}  // namespace wardlock::cedar
