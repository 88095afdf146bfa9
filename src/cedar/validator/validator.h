#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "cedar/ast/policy.h"
#include "cedar/schema/schema.h"
#include "cedar/validator/request_environment.h"
#include "cedar/validator/validation_mode.h"

namespace wardlock::cedar {

struct ValidationOptions {
  ValidationMode mode = ValidationMode::kStrict;
  /// How many entities one access may go through (RFC 76), e.g. 1 for `principal.name` and 2 for
  /// `principal.ward.name`; not checked without.
  std::optional<std::uint32_t> level = {};
  /// A bound on the work: expressions typed, over all policies and environments. What is left
  /// unchecked after it is reported as an error. The default is some seconds.
  std::uint64_t max_steps = 60'000'000;
  std::size_t max_diagnostics = 10'000;  ///< no further policy is then checked: an error too
};

/// What kind of finding, for programs.
enum class ValidationCode : std::uint8_t {
  // Errors.
  kUnknownEntityType,
  kUnknownAction,
  kUndeclaredId,
  kTypeMismatch,
  kIncompatibleTypes,
  kUnknownAttribute,
  kUnguardedAttribute,
  kUnguardedTag,
  kNoTags,
  kEmptySet,
  kNotLiteral,
  kBadArgument,
  kArgumentCount,
  kLevelExceeded,
  kLiteralDereferenced,
  kNoEnvironment,
  kTooMuchWork,
  // Warnings.
  kImpossiblePolicy,
  kRedundantCondition,
  kBidirectionalText,
  kConfusableIdentifier,
  kMixedScripts,
};

/// E.g. `unknown_attribute`.
std::string_view to_string(ValidationCode code);

/// One finding about one policy, template or link.
struct PolicyDiagnostic {
  std::string policy;  ///< its id
  ValidationCode code;
  Diagnostic diagnostic;  ///< the span is in the policy's source text; empty if it came as JSON
  /// The first few environments that show it; empty where all that the scope admits do, or where it
  /// does not depend on them. Borrows from the schema.
  std::vector<RequestEnvironment> environments = {};
  std::size_t environment_count = 0;  ///< of how many those are the first
};

/// The finding as one diagnostic: its message begins with the policy, its help ends with the
/// environments, where those matter.
Diagnostic describe(const PolicyDiagnostic& finding);

/// Checks all policies, templates and links against the schema. Errors and warnings, policy by
/// policy in the order added (static policies and links, then templates); within a policy by place.
/// Warnings never make a policy invalid. Recursion is bounded by the depth of the expressions and
/// types (ParseLimits, SchemaLimits).
std::vector<PolicyDiagnostic> validate(const PolicySet& policies, const Schema& schema,
                                       const ValidationOptions& options = {});

bool has_errors(const std::vector<PolicyDiagnostic>& diagnostics);

}  // namespace wardlock::cedar
