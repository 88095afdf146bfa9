#include "explain/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <tuple>
#include <unordered_set>

#include "explain/examine.h"
#include "explain/sentences.h"
#include "explain/words.h"
#include "pdp/acting.h"
#include "pdp/delegated.h"
#include "pdp/override.h"
#include "pdp/resolve.h"
#include "pdp/step_up.h"

namespace wardlock::explain {
namespace {

using cedar::Policy;

constexpr std::size_t kMaxPartsExamined = 20'000;

/// How narrow a policy's scope is: of two that miss as much, the more specific one is nearer.
int specificity(const cedar::Template& policy) {
  const auto weight = [](cedar::ScopeConstraint::Op op) {
    using Op = cedar::ScopeConstraint::Op;
    switch (op) {
      case Op::kAny: return 0;
      case Op::kIs: return 1;
      case Op::kIn: return 2;
      case Op::kIsIn: return 3;
      case Op::kEqual: return 4;
    }
    return 0;
  };
  using Op = cedar::ActionConstraint::Op;
  const int action = policy.action.op == Op::kAny ? 0 : policy.action.op == Op::kIn ? 1 : 2;
  return weight(policy.principal.op) + weight(policy.resource.op) + action;
}

std::size_t size_of(const ExplainedPolicy& policy) {
  constexpr std::size_t kAround = 120;  // names of members, brackets
  std::size_t bytes = kAround + policy.id.size() + policy.reason.size() + policy.obligation.size();
  for (const ExplainedPart& part : policy.parts) {
    bytes += kAround + part.need.size() + part.cedar.size();
    for (const SeenValue& seen : part.seen) {
      bytes += kAround / 2 + seen.of.size() + seen.value.value_or("").size();
    }
  }
  for (const std::string& text : policy.missing) bytes += text.size();
  for (const std::string& text : policy.held) bytes += text.size();
  return bytes;
}

/// One explanation in the making.
class Explainer {
 public:
  Explainer(const pdp::Snapshot& snapshot, const Asked& asked, const Viewer& viewer, Arena& arena,
            const ExplanationLimits& limits)
      : snapshot_(snapshot),
        asked_(asked),
        viewer_(viewer),
        arena_(arena),
        limits_(limits),
        policies_(snapshot.policies_for(*asked.question.request.action)),
        budget_(asked.max_steps),
        candidates_(snapshot.partition(), asked.question.request, asked.question.entities, arena,
                    budget_),
        verdict_(pdp::decide(candidates_, asked.question)),
        overridden_(verdict_.grant == nullptr
                        ? asked.question.request
                        : pdp::with_override(asked.question.request, *verdict_.grant, arena)),
        words_(snapshot.schema(), asked.question.request, viewer),
        examiner_(asked.question.request, asked.question.entities, viewer, words_, arena),
        override_examiner_(overridden_, asked.question.entities, viewer, words_, arena) {}

  Explanation run() {
    Explanation out;
    out.is_allowed = verdict_.is_allowed;
    out.cause = verdict_.cause;
    for (const Policy* policy : verdict_.policies) determining_.insert(policy);
    examine_all();
    tell(out);
    write_sentences(
        {.verdict = verdict_,
         .asked = asked_,
         .step_up = verdict_.is_allowed
                        ? std::nullopt
                        : pdp::find_step_up(candidates_, asked_.question, asked_.authentication),
         .satisfied_permit = satisfied_permit(),
         .action = words_of(asked_.question.request.action->id)},
        out);
    out.is_truncated = is_truncated_;
    return out;
  }

 private:
  void examine_all() {
    for (const Policy* policy : verdict_.policies) examine(*policy, role_of(*policy));
    using Role = PolicyRole;
    for (const auto& [part, role] : {std::pair(&policies_.permits, Role::kPermit),
                                     std::pair(&policies_.overrides, Role::kOverride),
                                     std::pair(&policies_.forbids, Role::kForbid),
                                     std::pair(&policies_.waivables, Role::kWaivable),
                                     std::pair(&policies_.obligations, Role::kObligation)}) {
      for (const Policy* policy : *part) {
        if (!determining_.contains(policy) && is_told(*policy)) examine(*policy, role);
      }
    }
    examine_templates();
  }

  /// Of links only the ones for this question, and only to those who may know which there are: who
  /// is linked with whom is as telling as an attribute.
  bool is_told(const Policy& policy) const {
    if (!policy.is_link()) return true;
    const cedar::Request& request = asked_.question.request;
    const cedar::Evaluator evaluator(request, asked_.question.entities, arena_);
    return viewer_.sees_links() &&
           viewer_.sees(policy.body->principal, *request.principal, policy.principal_slot) &&
           viewer_.sees(policy.body->resource, *request.resource, policy.resource_slot) &&
           evaluator.matches_principal(policy) && evaluator.matches_resource(policy);
  }

  /// A template stands for the links that there might be.
  void examine_templates() {
    const cedar::Evaluator evaluator(asked_.question.request, asked_.question.entities, arena_);
    for (const cedar::Template* body : snapshot_.policies().templates()) {
      const auto is_its_link = [&](const Examined& each) { return each.policy->body == body; };
      if (body->effect == cedar::Effect::kForbid) continue;
      if (std::ranges::any_of(examined_, is_its_link)) continue;
      unlinked_.push_back(std::make_unique<Policy>(Policy{.id = body->id, .body = body}));
      if (!evaluator.matches_action(*unlinked_.back())) continue;
      examine(*unlinked_.back(),
              body->annotation("override") ? PolicyRole::kOverride : PolicyRole::kPermit);
    }
  }

  static PolicyRole role_of(const Policy& policy) {
    const cedar::Template& body = *policy.body;
    if (body.effect == cedar::Effect::kPermit) {
      return body.annotation("override") ? PolicyRole::kOverride : PolicyRole::kPermit;
    }
    if (body.annotation("waivable")) return PolicyRole::kWaivable;
    return body.annotation("obligation") ? PolicyRole::kObligation : PolicyRole::kForbid;
  }

  Examiner& examiner_for(PolicyRole role) {
    const bool is_overridden = role == PolicyRole::kOverride || role == PolicyRole::kForbid ||
                               role == PolicyRole::kObligation;
    return is_overridden ? override_examiner_ : examiner_;
  }

  void examine(const Policy& policy, PolicyRole role) {
    if (examined_.size() >= limits_.max_examined || parts_examined_ >= kMaxPartsExamined) {
      is_truncated_ = true;
      return;
    }
    Examined examined = examiner_for(role).examine(policy, role);
    parts_examined_ += examined.parts.size();
    if (determining_.contains(&policy)) {
      // The decision itself tells what became of it.
      examined.outcome = verdict_.cause == pdp::Cause::kForbidError ? PolicyOutcome::kError
                                                                    : PolicyOutcome::kSatisfied;
      examined.missing.clear();
    }
    examined.order = examined_.size();
    examined_.push_back(std::move(examined));
  }

  /// In the order in which they are told.
  void tell(Explanation& out) {
    std::ranges::sort(examined_, {}, [&](const Examined& each) {
      // Of two that fail in as many parts, the one whose scope holds is nearer: a person can find
      // a workstation sooner than another role.
      return std::tuple(!determining_.contains(each.policy), each.role, each.failing,
                        each.failing_scope, -specificity(*each.policy->body), each.order);
    });
    std::size_t bytes = 0, nearest = 0;
    for (const Examined& each : examined_) {
      if (out.policies.size() >= limits_.max_policies) {
        is_truncated_ = true;
        return;
      }
      ExplainedPolicy told = examiner_for(each.role).describe(each, limits_.max_parts);
      is_truncated_ = is_truncated_ || told.are_parts_cut;
      bytes += size_of(told);
      if (bytes > limits_.max_bytes) {
        is_truncated_ = true;
        return;
      }
      const bool is_near = !verdict_.is_allowed && each.role == PolicyRole::kPermit &&
                           !each.missing.empty() && nearest < limits_.max_nearest;
      if (determining_.contains(each.policy)) {
        told.standing = Standing::kDetermining;
      } else if (is_near) {
        told.standing = Standing::kNearest;
        ++nearest;
      }
      out.policies.push_back(std::move(told));
    }
  }

  /// A permit that would allow, were there nothing against it.
  std::string satisfied_permit() const {
    const auto it = std::ranges::find_if(examined_, [](const Examined& each) {
      return each.role == PolicyRole::kPermit && each.outcome == PolicyOutcome::kSatisfied;
    });
    return it == examined_.end() ? "" : it->policy->id;
  }

  const pdp::Snapshot& snapshot_;
  const Asked& asked_;
  const Viewer& viewer_;
  Arena& arena_;
  const ExplanationLimits& limits_;
  pdp::Partition policies_;
  cedar::StepBudget budget_;
  pdp::Candidates candidates_;
  pdp::Verdict verdict_;
  cedar::Request overridden_;
  Words words_;
  Examiner examiner_;
  Examiner override_examiner_;
  std::unordered_set<const Policy*> determining_;
  std::vector<std::unique_ptr<Policy>> unlinked_;
  std::vector<Examined> examined_;
  std::size_t parts_examined_ = 0;
  bool is_truncated_ = false;
};

}  // namespace

namespace {

/// Of a question in which somebody acts whom no policy is asked about.
Explanation no_policy_asked(const pdp::Verdict& verdict) {
  Explanation out;
  out.cause = verdict.cause;
  out.sentence = words_of_cause(verdict.cause);
  return out;
}

/// Whose part of a question is explained in which somebody acts for the principal.
std::string_view words_of_part(const pdp::ActingVerdict& acted) {
  if (!acted.denied_part) {
    return "Somebody acts for the principal: both may. Shown is the principal's part.";
  }
  switch (*acted.denied_part) {
    case pdp::ActingPart::kPrincipal:
      return "Somebody acts for the principal, who may not do it themselves.";
    case pdp::ActingPart::kPrincipalActed:
      return "The principal may do it themselves, and not have it done by who acts for them.";
    case pdp::ActingPart::kActor:
      return "The principal may, and who acts for them may not: shown is the part of who acts.";
  }
  return "";
}

}  // namespace

std::size_t size_of(const Explanation& explanation) {
  std::size_t bytes = explanation.sentence.size();
  for (const std::string& hint : explanation.hints) bytes += hint.size();
  for (const ExplainedPolicy& policy : explanation.policies) bytes += size_of(policy);
  return bytes;
}

Explanation explain(const pdp::Snapshot& snapshot, const Asked& asked, const Viewer& viewer,
                    Arena& arena, const ExplanationLimits& limits) {
  return Explainer(snapshot, asked, viewer, arena, limits).run();
}

Result<Explanation> explain(const pdp::Snapshot& snapshot, const pdp::AccessRequest& access,
                            std::int64_t now, const ExplanationLimits& limits) {
  if (!access.caller->may_explain) {
    return fail(ErrorCode::kPermissionDenied,
                fmt::format("the caller `{}` may not have decisions explained; it needs the right "
                            "`explain`",
                            access.caller->id));
  }
  Arena arena(16 << 10);
  const pdp::ResolvedRequest resolved = TRY(pdp::resolve(snapshot, access, now, arena));
  const cedar::EntityView entities(snapshot.entities, resolved.overlay);
  cedar::Request request = resolved.request;
  const pdp::Question question{
      .request = request,
      .entities = entities,
      .now = now,
      .supported_obligations = access.supported_obligations,
      .grant = resolved.acting ? nullptr : pdp::find_grant(snapshot, access.grant),
      .is_override_declared = resolved.is_override_declared};
  cedar::StepBudget budget(access.max_steps);
  std::string_view whose_part;
  if (resolved.acting) {
    const pdp::Acting& acting = *resolved.acting;
    const auto acted = pdp::decide_acting(snapshot, question, acting, arena, budget);
    if (!acted.verdict.is_allowed && !acted.denied_part) return no_policy_asked(acted.verdict);
    const auto part = acted.denied_part.value_or(pdp::ActingPart::kPrincipal);
    if (auto other = pdp::request_of(part, snapshot, question, acting, arena)) request = *other;
    whose_part = words_of_part(acted);
  } else if (!pdp::decide(snapshot.partition(), question, arena, budget).is_allowed) {
    // What a delegation allows is explained as it was decided for the principal: under it.
    const auto delegated = pdp::decide_delegated(snapshot, question, arena, budget);
    if (delegated) {
      request.context = pdp::with_delegation(request.context, *delegated->delegation, arena);
    }
  }
  const Viewer viewer(snapshot, access.caller->scope, request);
  const Asked asked{.question = question,
                    .authentication = pdp::authentication_of(access),
                    .names_grant = !access.grant.empty(),
                    .max_steps = access.max_steps};
  Explanation out = explain(snapshot, asked, viewer, arena, limits);
  if (!whose_part.empty()) out.hints.emplace(out.hints.begin(), whose_part);
  return out;
}

}  // namespace wardlock::explain
