#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "base/utf8.h"
#include "cedar/validator/near_names.h"
#include "cedar/validator/validator.h"
#include "prover/invariant/check.h"
#include "prover/invariant/subject_matter.h"

namespace wardlock::prover {
namespace {

/// Finds out what is wrong with what a sentence names.
class NamesCheck {
 public:
  NamesCheck(const Sentence& sentence, const Trial& trial) : sentence_(sentence), trial_(trial) {}

  Diagnostics run() {
    check_those(sentence_.who);
    check_those(sentence_.what);
    for (const NamedAction& each : sentence_.actions) check_action(each);
    for (const NamedObligation& each : sentence_.without) check_obligation(each);
    if (!findings_.empty()) return std::move(findings_);
    const auto environments = environments_of(sentence_, trial_.schema());
    if (environments.empty()) {
      refuse(sentence_.span, "there is no question of which this speaks",
             "the schema says which principals and resources an action is asked about");
    }
    for (const Proviso& each : sentence_.provisos) check_proviso(each, environments);
    return std::move(findings_);
  }

 private:
  void refuse(Span span, std::string message, std::string help) {
    findings_.push_back({Severity::kError, std::move(message), span, std::move(help)});
  }

  bool check_type(std::string_view type, Span span) {
    if (type.empty() || trial_.schema().find_entity_type(type) != nullptr) return true;
    refuse(span, fmt::format("there is no entity type `{}`", type),
           cedar::nearest_type_help(type, trial_.schema()));
    return false;
  }

  void check_those(const std::vector<Those>& all) {
    for (const Those& each : all) {
      if (!check_type(each.type, each.span)) continue;
      if (each.in == nullptr || !check_type(each.in->type, each.span)) continue;
      if (trial_.knows(*each.in)) continue;
      refuse(each.span,
             fmt::format("neither policies nor entities have {}", printable(to_text(*each.in))),
             cedar::nearest_help(each.in->id, trial_.known_ids(each.in->type)));
    }
  }

  void check_action(const NamedAction& action) {
    if (trial_.schema().find_action(*action.uid) != nullptr) return;
    refuse(action.span, fmt::format("there is no action {}", printable(to_text(*action.uid))),
           cedar::nearest_action_help(*action.uid, trial_.schema()));
  }

  void check_obligation(const NamedObligation& obligation) {
    std::vector<std::string> names;
    for (const cedar::Policy* policy : trial_.snapshot().partition().obligations) {
      names.emplace_back(policy->body->annotation("obligation").value_or(""));
    }
    if (std::ranges::find(names, obligation.name) != names.end()) return;
    refuse(obligation.span,
           fmt::format("no policy has the obligation `{}`", printable(obligation.name)),
           cedar::nearest_help(obligation.name, names));
  }

  /// As the condition of a policy about what the sentence speaks of, in one environment at a time.
  void check_proviso(const Proviso& proviso,
                     const std::vector<cedar::RequestEnvironment>& environments) {
    for (const cedar::RequestEnvironment& each : environments) {
      auto policy = std::make_unique<cedar::Template>();
      policy->id = "proviso";
      policy->principal = {.op = cedar::ScopeConstraint::Op::kIs, .type = each.principal};
      policy->resource = {.op = cedar::ScopeConstraint::Op::kIs, .type = each.resource};
      const std::array actions = {each.action->uid};
      policy->action = {.op = cedar::ActionConstraint::Op::kEqual,
                        .actions = policy->arena->copy(actions)};
      const std::array conditions = {
          cedar::Condition{.is_unless = proviso.is_unless, .body = proviso.body}};
      policy->conditions = policy->arena->copy(conditions);
      cedar::PolicySet policies;
      if (!policies.add(std::move(policy))) return;
      if (add_errors(proviso, cedar::validate(policies, trial_.schema()), each)) return;
    }
  }

  bool add_errors(const Proviso& proviso, const std::vector<cedar::PolicyDiagnostic>& found,
                  const cedar::RequestEnvironment& environment) {
    bool has_errors = false;
    for (const cedar::PolicyDiagnostic& each : found) {
      if (each.diagnostic.severity != Severity::kError) continue;
      has_errors = true;
      Diagnostic diagnostic = each.diagnostic;
      diagnostic.span.begin += proviso.offset;
      diagnostic.span.end += proviso.offset;
      diagnostic.message += fmt::format(" (asked about {})", cedar::to_string(environment));
      findings_.push_back(std::move(diagnostic));
    }
    return has_errors;
  }

  const Sentence& sentence_;
  const Trial& trial_;
  Diagnostics findings_;
};

}  // namespace

std::vector<const cedar::EntityUid*> named_in(std::span<const Sentence> sentences) {
  std::vector<const cedar::EntityUid*> out;
  for (const Sentence& sentence : sentences) {
    for (const auto* all : {&sentence.who, &sentence.what}) {
      for (const Those& each : *all) {
        if (each.in != nullptr) out.push_back(each.in);
      }
    }
    for (const Proviso& each : sentence.provisos) {
      const auto look = [&](const auto& self, const cedar::Expr& expr) -> void {
        const auto* literal = std::get_if<cedar::Literal>(&expr.node);
        if (literal != nullptr && literal->value.is(cedar::Kind::kEntity)) {
          out.push_back(&literal->value.as_entity());
        }
        cedar::for_each_child(expr.node, [&](const cedar::Expr& child) { self(self, child); });
      };
      look(look, *each.body);
    }
  }
  return out;
}

Diagnostics check_names(const Sentence& sentence, const Trial& trial) {
  return NamesCheck(sentence, trial).run();
}

}  // namespace wardlock::prover
