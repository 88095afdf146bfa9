#include "pdp/partition.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

#include "base/suggestion.h"
#include "pdp/obligation_terms.h"

namespace wardlock::pdp {
namespace {

using cedar::Effect;
using cedar::Expr;
using cedar::Template;

constexpr std::string_view kBreakGlass = "break-glass";

constexpr std::array<std::string_view, 7> kKnownKeys = {
    "id", "doc", "reason", "override", "waivable", "obligation", "terms"};

/// As they are written.
const std::vector<std::string>& known_annotations() {
  static const std::vector<std::string> annotations = [] {
    std::vector<std::string> names;
    for (const std::string_view key : kKnownKeys) names.push_back(fmt::format("@{}", key));
    return names;
  }();
  return annotations;
}

bool is_known_key(std::string_view key) {
  return key.starts_with("x_") || std::ranges::find(kKnownKeys, key) != kKnownKeys.end();
}

bool is_context(const Expr& expr) {
  const auto* variable = std::get_if<cedar::Variable>(&expr.node);
  return variable != nullptr && *variable == cedar::Variable::kContext;
}

/// Whether `context.KEY` or `context has KEY` occurs in the expression.
bool tests_context(const Expr& expr, std::string_view key) {
  if (const auto* get = std::get_if<cedar::GetAttr>(&expr.node)) {
    if (get->name == key && is_context(*get->target)) return true;
  }
  if (const auto* has = std::get_if<cedar::HasAttr>(&expr.node)) {
    if (has->path.front() == key && is_context(*has->target)) return true;
  }
  bool found = false;
  cedar::for_each_child(expr.node,
                        [&](const Expr& child) { found = found || tests_context(child, key); });
  return found;
}

/// Whether what the expression says may change with `context.KEY`: it reads it, or the context as a
/// whole.
bool may_depend_on_context(const Expr& expr, std::string_view key) {
  if (is_context(expr)) return true;
  if (const auto* get = std::get_if<cedar::GetAttr>(&expr.node)) {
    if (is_context(*get->target)) return get->name == key;
  }
  if (const auto* has = std::get_if<cedar::HasAttr>(&expr.node)) {
    if (is_context(*has->target)) return has->path.front() == key;
  }
  bool may_depend = false;
  cedar::for_each_child(expr.node, [&](const Expr& child) {
    may_depend = may_depend || may_depend_on_context(child, key);
  });
  return may_depend;
}

bool is_steady(const Template& policy) {
  return std::ranges::none_of(policy.conditions, [](const cedar::Condition& condition) {
    return may_depend_on_context(*condition.body, "authentication") ||
           may_depend_on_context(*condition.body, "override");
  });
}

/// Whether a `when` clause asks for the override.
bool demands_override(const Template& policy) {
  return std::ranges::any_of(policy.conditions, [](const cedar::Condition& condition) {
    return !condition.is_unless && tests_context(*condition.body, "override");
  });
}

/// Adds the methods that the expression names in its string literals.
void add_methods(const Expr& expr, std::uint16_t& methods) {
  if (const auto* literal = std::get_if<cedar::Literal>(&expr.node)) {
    if (!literal->value.is(cedar::Kind::kString)) return;
    const auto method = std::ranges::find(kSignInMethods, literal->value.as_string());
    if (method != kSignInMethods.end()) methods |= 1U << (method - kSignInMethods.begin());
    return;
  }
  cedar::for_each_child(expr.node, [&](const Expr& child) { add_methods(child, methods); });
}

PolicyTraits traits_of(const Template& policy, RulePart part) {
  PolicyTraits traits{.part = part, .is_steady = is_steady(policy)};
  for (const cedar::Condition& condition : policy.conditions) {
    if (!tests_context(*condition.body, "authentication")) continue;
    traits.tests_authentication = true;
    add_methods(*condition.body, traits.methods);
  }
  return traits;
}

/// Whether the id is one that a text's policies get by their place: `policy3`, `ward.policy3`.
bool is_positional(std::string_view id) {
  constexpr std::string_view kWord = "policy";
  const std::size_t at = id.rfind(kWord);
  if (at == std::string_view::npos || (at > 0 && id[at - 1] != '.')) return false;
  const std::string_view digits = id.substr(at + kWord.size());
  return !digits.empty() &&
         std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
}

/// Also of one that is const.
template <typename P>
auto& part_of(P& partition, RulePart part) {
  switch (part) {
    case RulePart::kPermit: return partition.permits;
    case RulePart::kOverride: return partition.overrides;
    case RulePart::kForbid: return partition.forbids;
    case RulePart::kWaivable: return partition.waivables;
    case RulePart::kObligation: break;
  }
  return partition.obligations;
}

/// Reads one policy's annotations into its part of the rule.
class Classifier {
 public:
  Classifier(PartitionResult& result, Severity unknown_keys)
      : result_(result), unknown_keys_(unknown_keys) {}

  void add(const cedar::Policy& policy) {
    policy_ = &policy;
    const Template& body = *policy.body;
    check_keys(body);
    check_terms(body);
    const RulePart part = check_part(body);
    part_of(result_.partition, part).push_back(&policy);
    result_.partition.traits.push_back(traits_of(body, part));
  }

 private:
  RulePart check_part(const Template& body) {
    const auto override_value = body.annotation("override");
    const auto waivable = body.annotation("waivable");
    const auto obligation = body.annotation("obligation");
    if (result_.partition.mode == Mode::kCedar) {
      if (override_value || waivable || obligation) {
        error(
            "`@override`, `@waivable` and `@obligation` have no meaning in plain Cedar; "
            "use `--mode strict`");
      }
      return plain_part(body);
    }
    if (override_value) {
      check_override(body, *override_value);
      return RulePart::kOverride;
    }
    if (!waivable && !obligation) return plain_part(body);
    check_forbid_kind(body, waivable, obligation);
    return waivable ? RulePart::kWaivable : RulePart::kObligation;
  }

  static RulePart plain_part(const Template& body) {
    return body.effect == Effect::kPermit ? RulePart::kPermit : RulePart::kForbid;
  }

  void check_keys(const Template& body) {
    for (const cedar::Annotation& annotation : body.annotations) {
      if (is_known_key(annotation.name)) continue;
      const std::string key = fmt::format("@{}", annotation.name);
      std::string advice = suggestion(key, known_annotations());
      if (advice.empty()) {
        advice = fmt::format("; there are `{}`, and your own begin with `@x_`",
                             fmt::join(known_annotations(), "`, `"));
      }
      report(unknown_keys_, fmt::format("the annotation `{}` is not known{}", key, advice));
    }
  }

  void check_override(const Template& body, std::string_view value) {
    if (body.effect != Effect::kPermit) error("`@override` belongs on a permit");
    check_value("override", value);
    if (body.annotation("waivable") || body.annotation("obligation")) {
      error("`@override` cannot stand beside `@waivable` or `@obligation`");
    }
    if (!demands_override(body)) {
      error(
          "an override permit must test `context.override` in a `when` clause, "
          "e.g. `context has override`");
    }
  }

  void check_forbid_kind(const Template& body, std::optional<std::string_view> waivable,
                         std::optional<std::string_view> obligation) {
    const std::string_view name = waivable ? "waivable" : "obligation";
    if (body.effect != Effect::kForbid) error(fmt::format("`@{}` belongs on a forbid", name));
    if (waivable) {
      check_value("waivable", *waivable);
      // Grants name what they waive; an id that is a place in a file names something else after an
      // edit.
      if (!body.annotation("id") && is_positional(policy_->id)) error("`@waivable` needs an `@id`");
    }
    if (waivable && obligation) error("`@waivable` cannot stand beside `@obligation`");
    if (obligation && obligation->empty()) {
      error(
          "`@obligation` needs the name of what the caller must do, "
          "e.g. `@obligation(\"mask-identity\")`");
    }
  }

  void check_terms(const Template& body) {
    const auto terms = body.annotation("terms");
    if (!terms) return;
    const auto obligation = body.annotation("obligation");
    if (!obligation) return error("`@terms` belongs beside `@obligation`");
    if (const auto fault = find_terms_fault(*terms)) {
      return error(fmt::format("`@terms(\"{}\")`: {}", *terms, *fault));
    }
    for (const TermKind& kind : kinds_of_terms(*terms)) {
      const auto [known, is_new] =
          term_kinds_.try_emplace({*obligation, kind.name}, kind.is_time, policy_);
      if (is_new || known->second.first == kind.is_time) continue;
      error(fmt::format("the term `{}` of the obligation `{}` is {} here and {} in the policy `{}`",
                        kind.name, *obligation, kind.is_time ? "a time" : "words",
                        kind.is_time ? "words" : "a time", known->second.second->id));
    }
  }

  void check_value(std::string_view name, std::string_view value) {
    if (value == kBreakGlass) return;
    error(fmt::format("`@{}(\"{}\")`: the only kind is `\"{}\"`", name, value, kBreakGlass));
  }

  void error(std::string message) { report(Severity::kError, std::move(message)); }
  void report(Severity severity, std::string message) {
    result_.findings.push_back({severity, policy_->id, std::move(message)});
  }

  PartitionResult& result_;
  Severity unknown_keys_;
  const cedar::Policy* policy_ = nullptr;
  /// Of an obligation's terms, whether it is a time, and where it says so first.
  std::map<std::pair<std::string_view, std::string_view>, std::pair<bool, const cedar::Policy*>>
      term_kinds_;
};

}  // namespace

const Partition::Policies& Partition::of(RulePart part) const { return part_of(*this, part); }

std::string_view to_string(Mode mode) { return mode == Mode::kStrict ? "strict" : "cedar"; }

bool withholds(std::string_view obligation) {
  constexpr std::array<std::string_view, 5> kKinds = {"anonymize", "deidentify", "mask",
                                                      "pseudonymize", "redact"};
  const std::string_view kind = obligation.substr(0, obligation.find('-'));
  return std::ranges::find(kKinds, kind) != kKinds.end();
}

bool PartitionResult::has_error() const {
  return std::ranges::any_of(
      findings, [](const PolicyFinding& finding) { return finding.severity == Severity::kError; });
}

PartitionResult partition(const cedar::PolicySet& policies, Mode mode, Severity unknown_keys) {
  PartitionResult result;
  result.partition.mode = mode;
  Classifier classifier(result, unknown_keys);
  result.partition.set = policies.policies();
  for (const cedar::Policy& policy : result.partition.set) classifier.add(policy);
  return result;
}

Partition narrow(const Partition& policies, const cedar::EntityUid& action,
                 const cedar::EntityStore& entities) {
  const cedar::Entity* entity = entities.find(action);
  const auto is_in = [&](const cedar::EntityUid* group) {
    return *group == action || (entity != nullptr && entities.has_ancestor(*entity, *group));
  };
  using Op = cedar::ActionConstraint::Op;
  const auto applies = [&](const cedar::Policy* policy) {
    const cedar::ActionConstraint& scope = policy->body->action;
    if (scope.op == Op::kAny) return true;
    if (scope.op == Op::kEqual) return *scope.actions.front() == action;
    return std::ranges::any_of(scope.actions, is_in);
  };
  const auto keep = [&](const Partition::Policies& part) {
    Partition::Policies kept;
    std::ranges::copy_if(part, std::back_inserter(kept), applies);
    return kept;
  };
  return {.mode = policies.mode,
          .permits = keep(policies.permits),
          .overrides = keep(policies.overrides),
          .forbids = keep(policies.forbids),
          .waivables = keep(policies.waivables),
          .obligations = keep(policies.obligations),
          .set = policies.set,
          .traits = policies.traits};
}

}  // namespace wardlock::pdp
