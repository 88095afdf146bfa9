#include "cedar/validator/validator.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "cedar/validator/environment_index.h"
#include "cedar/validator/findings.h"
#include "cedar/validator/level_check.h"
#include "cedar/validator/name_checks.h"
#include "cedar/validator/suspicious_text.h"
#include "cedar/validator/typechecker.h"

namespace wardlock::cedar {
namespace {

/// One call of `validate`.
class Validation {
 public:
  Validation(const Schema& schema, const ValidationOptions& options)
      : options_(options), index_(schema), pool_(schema, options.mode), steps_(options.max_steps) {}

  void check_body(const Template& policy) {
    Findings findings;
    check_names(policy, schema(), findings, steps_);
    check_text(policy, findings);
    check_action_list(policy, findings);
    const std::vector<EnvironmentClass> classes = classes_of(policy);
    check_conditions(policy, classes, findings);
    std::size_t count = 0;
    for (const EnvironmentClass& environments : classes) count += environments.count;
    // What already has an error, such as a wrong name, need not be told that nothing has that name.
    if (count == 0 && findings.error_count() == 0) {
      report_empty_scope(PolicyScope(policy), policy, findings);
    }
    if (steps_.are_used_up()) {
      findings.set_environments(nullptr);
      findings.error(policy.span, nullptr, ValidationCode::kTooMuchWork,
                     "the policies were not checked further: it is too much work",
                     "narrow the scopes, so that fewer kinds of requests must be looked at");
    }
    std::move(findings).move_to(diagnostics_, policy.id, count);
  }

  void check_link(const Policy& link) {
    Findings findings;
    check_slots(link, schema(), findings, steps_);
    const PolicyScope scope(link);
    if (findings.error_count() == 0 && !admits_any(scope))
      report_empty_scope(scope, *link.body, findings);
    std::move(findings).move_to(diagnostics_, link.id, 0);
  }

  bool is_done() const {
    return steps_.are_used_up() || diagnostics_.size() > options_.max_diagnostics;
  }

  std::vector<PolicyDiagnostic> finish(bool is_complete) && {
    if (!is_complete && !steps_.are_used_up() && !diagnostics_.empty()) {
      diagnostics_.push_back({diagnostics_.back().policy,
                              ValidationCode::kTooMuchWork,
                              {Severity::kError,
                               "the policies behind this one were not checked: there are too many "
                               "findings already",
                               {},
                               "mend those first"}});
    }
    return std::move(diagnostics_);
  }

 private:
  const Schema& schema() const { return index_.schema(); }

  /// What a scope's list of actions would be as a set literal: of one type and not empty, in strict
  /// mode. It is looked at where the principal may be in scope.
  void check_action_list(const Template& policy, Findings& findings) {
    const auto& actions = policy.action.actions;
    if (!pool_.is_strict() || policy.action.op != ActionConstraint::Op::kIn) return;
    const bool is_mixed = std::ranges::any_of(
        actions, [&](const EntityUid* action) { return action->type != actions.front()->type; });
    if (!actions.empty() && !is_mixed) return;
    const bool is_reached = std::ranges::any_of(schema().actions(), [&](const ActionType& action) {
      return !action.resources.empty() &&
             !index_.admitted(policy.principal, action.principals).empty();
    });
    if (!is_reached) return;
    if (actions.empty()) {
      findings.error(policy.action.span, &policy.action, ValidationCode::kEmptySet,
                     "a list of no actions admits nothing", "name the actions");
    } else {
      findings.error(policy.action.span, &policy.action, ValidationCode::kIncompatibleTypes,
                     "the actions of a list must be of one type",
                     "write a policy for each namespace");
    }
  }

  bool admits_any(const PolicyScope& scope) const {
    return std::ranges::any_of(index_.actions(scope.action), [&](const ActionType* action) {
      return !index_.admitted(scope.principal, action->principals).empty() &&
             !index_.admitted(scope.resource, action->resources).empty();
    });
  }

  /// The environments of the policy's scope; those that its conditions cannot tell apart are one.
  std::vector<EnvironmentClass> classes_of(const Template& policy) {
    const UsedVariables used = used_variables(policy);
    using Key =
        std::tuple<std::string_view, const ActionType*, std::string_view, const InferredType*>;
    std::map<Key, std::size_t> numbers;
    std::vector<EnvironmentClass> classes;
    for (const ActionType* action : index_.actions(policy.action)) {
      const auto principals = index_.admitted(policy.principal, action->principals);
      const auto resources = index_.admitted(policy.resource, action->resources);
      steps_.spend(1 + action->principals.size() + action->resources.size());
      const InferredType* context = used.context ? pool_.from_schema(*action->context) : nullptr;
      const std::size_t repeated =
          (used.principal ? 1 : principals.size()) * (used.resource ? 1 : resources.size());
      for (const std::string_view principal : used.principal ? principals : one_of(principals)) {
        steps_.spend(resources.size());
        if (steps_.are_used_up()) return classes;
        for (const std::string_view resource : used.resource ? resources : one_of(resources)) {
          const Key key = {used.principal ? principal : "", used.action ? action : nullptr,
                           used.resource ? resource : "", context};
          const auto [it, is_new] = numbers.try_emplace(key, classes.size());
          if (is_new) classes.push_back({{principal, action, resource}, {}, 0});
          EnvironmentClass& environments = classes[it->second];
          environments.count += repeated;
          if (environments.first.size() < EnvironmentClass::kMaxShown) {
            environments.first.push_back({principal, action, resource});
          }
        }
      }
    }
    return classes;
  }

  static std::vector<std::string_view> one_of(const std::vector<std::string_view>& types) {
    return {types.begin(), types.begin() + (types.empty() ? 0 : 1)};
  }

  void check_conditions(const Template& policy, const std::vector<EnvironmentClass>& classes,
                        Findings& findings) {
    CapabilityTable capabilities;
    bool is_impossible = !classes.empty();
    std::vector<bool> is_reached(policy.conditions.size());
    std::vector<bool> is_redundant(policy.conditions.size(), true);
    for (const EnvironmentClass& environments : classes) {
      if (steps_.are_used_up()) return;
      findings.set_environments(&environments);
      const RequestEnvironment& environment = environments.representative;
      const std::size_t errors = findings.error_count();
      TypeMap types;
      Typechecker checker(pool_, capabilities, environment, findings, steps_,
                          options_.level ? &types : nullptr);
      const ConditionsTyping typing = checker.check(policy);
      if (options_.level && findings.error_count() == errors) {
        check_level(policy, {*options_.level, environment, pool_, types, findings, steps_});
      }
      is_impossible = is_impossible && typing.is_impossible;
      for (std::size_t i = 0; i < typing.conditions.size(); ++i) {
        if (typing.conditions[i] == nullptr) continue;
        is_reached[i] = true;
        if (!typing.conditions[i]->is_always(!policy.conditions[i].is_unless)) {
          is_redundant[i] = false;
        }
      }
    }
    findings.set_environments(nullptr);
    if (findings.error_count() > 0) return;
    if (is_impossible) {
      findings.warning(policy.span, &policy, ValidationCode::kImpossiblePolicy,
                       "the policy can never apply: its conditions are false for every request "
                       "that its scope admits",
                       "mend the condition, or remove the policy");
      return;
    }
    for (std::size_t i = 0; i < policy.conditions.size(); ++i) {
      if (!is_reached[i] || !is_redundant[i]) continue;
      const Condition& condition = policy.conditions[i];
      findings.warning(condition.body->span, condition.body, ValidationCode::kRedundantCondition,
                       fmt::format("the condition is always {}, so it restricts nothing",
                                   condition.is_unless ? "false" : "true"),
                       "mend the condition, or leave it out");
    }
  }

  /// The reference made this a warning in 4.13; its corpora, and we, refuse it.
  void report_empty_scope(const PolicyScope& scope, const Template& policy, Findings& findings) {
    findings.set_environments(nullptr);
    findings.error(policy.span, &scope, ValidationCode::kNoEnvironment,
                   "the policy can never apply: no action in its scope applies to such a "
                   "principal and such a resource",
                   in_instead_of_equal(scope));
  }

  /// `principal == Group::"g"`, where the group's members are what the actions apply to.
  std::string in_instead_of_equal(const PolicyScope& scope) const {
    const auto actions = index_.actions(scope.action);
    const auto should_be_in = [&](const ScopeConstraint& part, auto types_of) {
      if (part.op != ScopeConstraint::Op::kEqual || part.entity == nullptr) return false;
      ScopeConstraint in = part;
      in.op = ScopeConstraint::Op::kIn;
      return std::ranges::any_of(actions, [&](const ActionType* action) {
        const auto types = types_of(*action);
        return index_.admitted(part, types).empty() && !index_.admitted(in, types).empty();
      });
    };
    if (should_be_in(scope.principal, [](const ActionType& a) { return a.principals; })) {
      return fmt::format("did you mean `principal in {}`?", to_text(*scope.principal.entity));
    }
    if (should_be_in(scope.resource, [](const ActionType& a) { return a.resources; })) {
      return fmt::format("did you mean `resource in {}`?", to_text(*scope.resource.entity));
    }
    return "compare the scope with the schema's `appliesTo`";
  }

  const ValidationOptions& options_;
  EnvironmentIndex index_;
  TypePool pool_;
  Steps steps_;
  std::vector<PolicyDiagnostic> diagnostics_;
};

}  // namespace

std::string_view to_string(ValidationCode code) {
  switch (code) {
    case ValidationCode::kUnknownEntityType: return "unknown_entity_type";
    case ValidationCode::kUnknownAction: return "unknown_action";
    case ValidationCode::kUndeclaredId: return "undeclared_id";
    case ValidationCode::kTypeMismatch: return "type_mismatch";
    case ValidationCode::kIncompatibleTypes: return "incompatible_types";
    case ValidationCode::kUnknownAttribute: return "unknown_attribute";
    case ValidationCode::kUnguardedAttribute: return "unguarded_attribute";
    case ValidationCode::kUnguardedTag: return "unguarded_tag";
    case ValidationCode::kNoTags: return "no_tags";
    case ValidationCode::kEmptySet: return "empty_set";
    case ValidationCode::kNotLiteral: return "not_literal";
    case ValidationCode::kBadArgument: return "bad_argument";
    case ValidationCode::kArgumentCount: return "argument_count";
    case ValidationCode::kLevelExceeded: return "level_exceeded";
    case ValidationCode::kLiteralDereferenced: return "literal_dereferenced";
    case ValidationCode::kTooMuchWork: return "too_much_work";
    case ValidationCode::kImpossiblePolicy: return "impossible_policy";
    case ValidationCode::kNoEnvironment: return "no_environment";
    case ValidationCode::kRedundantCondition: return "redundant_condition";
    case ValidationCode::kBidirectionalText: return "bidirectional_text";
    case ValidationCode::kConfusableIdentifier: return "confusable_identifier";
    case ValidationCode::kMixedScripts: return "mixed_scripts";
  }
  return "unknown";
}

std::vector<PolicyDiagnostic> validate(const PolicySet& policies, const Schema& schema,
                                       const ValidationOptions& options) {
  Validation validation(schema, options);
  bool is_complete = true;
  for (const Policy& policy : policies.policies()) {
    if (!(is_complete = !validation.is_done())) break;
    policy.is_link() ? validation.check_link(policy) : validation.check_body(*policy.body);
  }
  for (const Template* body : policies.templates()) {
    if (!is_complete || !(is_complete = !validation.is_done())) break;
    validation.check_body(*body);
  }
  return std::move(validation).finish(is_complete);
}

bool has_errors(const std::vector<PolicyDiagnostic>& diagnostics) {
  return std::ranges::any_of(diagnostics, [](const PolicyDiagnostic& d) {
    return d.diagnostic.severity == Severity::kError;
  });
}

}  // namespace wardlock::cedar
