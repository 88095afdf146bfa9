#pragma once

#include <memory>
#include <unordered_map>

#include "cedar/ast/policy.h"
#include "cedar/schema/schema.h"
#include "cedar/validator/inferred_type.h"
#include "cedar/validator/request_environment.h"
#include "cedar/validator/validation_mode.h"

namespace wardlock::cedar {

class TypePool;

/// The types of a policy's expressions in one request environment. Borrows from the schema and the
/// policy; owns the types. Immutable; may be read by any thread.
class ExprTypes {
 public:
  ExprTypes(ExprTypes&&) noexcept;
  ExprTypes& operator=(ExprTypes&&) noexcept;
  ~ExprTypes();

  /// The type of a node of the policy's conditions, or null: it is never evaluated there (behind a
  /// condition that is always false, say), or it has an error.
  const InferredType* find(const Expr& expr) const;

  /// Whether the policy has no type errors in this environment.
  bool is_well_typed() const { return is_well_typed_; }
  /// Whether the policy cannot be satisfied in this environment, errors apart.
  bool is_impossible() const { return is_impossible_; }

 private:
  friend ExprTypes infer_types(const Template& policy, const Schema& schema,
                               const RequestEnvironment& environment, ValidationMode mode);
  ExprTypes();

  std::unique_ptr<TypePool> pool_;
  std::unordered_map<const Expr*, const InferredType*> types_;
  bool is_well_typed_ = false;
  bool is_impossible_ = false;
};

/// Types the conditions of a policy in one environment; what its scope says does not matter.
ExprTypes infer_types(const Template& policy, const Schema& schema,
                      const RequestEnvironment& environment,
                      ValidationMode mode = ValidationMode::kStrict);

}  // namespace wardlock::cedar
