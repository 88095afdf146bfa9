#include "explain/examine.h"

#include <algorithm>

#include "cedar/trace/reads.h"
#include "cedar/trace/short_text.h"
#include "cedar/trace/trace.h"

namespace wardlock::explain {

using cedar::Expr;
using cedar::Part;
using cedar::Policy;

namespace {

constexpr std::size_t kMaxSeen = 8;
constexpr std::size_t kMaxText = 400;  ///< bytes of what an author wrote

PartOutcome to_outcome(const cedar::PartTrace& trace) {
  switch (trace.outcome) {
    case cedar::Outcome::kTrue: return PartOutcome::kTrue;
    case cedar::Outcome::kFalse: return PartOutcome::kFalse;
    case cedar::Outcome::kError:
    case cedar::Outcome::kNotEvaluated: break;
  }
  return PartOutcome::kError;
}

PartState to_state(PartOutcome outcome, bool wanted, bool is_reached) {
  switch (outcome) {
    case PartOutcome::kWithheld: return PartState::kWithheld;
    case PartOutcome::kError: return is_reached ? PartState::kError : PartState::kNotReached;
    case PartOutcome::kTrue:
    case PartOutcome::kFalse: break;
  }
  return (outcome == PartOutcome::kTrue) == wanted ? PartState::kHolds : PartState::kFails;
}

/// The longest expressions that read something, whatever evaluation would come to.
void find_reads(const Expr& expr, std::vector<const Expr*>& found) {
  const auto* binary = std::get_if<cedar::BinaryExpr>(&expr.node);
  const bool is_tag = binary != nullptr && binary->op == cedar::BinaryOp::kGetTag;
  if (is_tag || std::holds_alternative<cedar::GetAttr>(expr.node)) {
    found.push_back(&expr);
    return;
  }
  cedar::for_each_child(expr.node, [&](const Expr& child) { find_reads(child, found); });
}

std::string_view place_of(const cedar::Template& policy, const Part& part) {
  switch (part.kind) {
    case Part::Kind::kPrincipal: return "principal";
    case Part::Kind::kAction: return "action";
    case Part::Kind::kResource: return "resource";
    case Part::Kind::kCondition: break;
  }
  return policy.conditions[part.condition].is_unless ? "unless" : "when";
}

/// Whether the part is a slot that no link fills.
bool is_open_slot(const Policy& policy, const Part& part) {
  const cedar::Template& body = *policy.body;
  if (part.kind == Part::Kind::kPrincipal) {
    return body.principal.has_slot() && policy.principal_slot == nullptr;
  }
  return part.kind == Part::Kind::kResource && body.resource.has_slot() &&
         policy.resource_slot == nullptr;
}

}  // namespace

std::string_view to_string(PartState state) {
  switch (state) {
    case PartState::kHolds: return "holds";
    case PartState::kFails: return "fails";
    case PartState::kError: return "error";
    case PartState::kNotReached: return "not_evaluated";
    case PartState::kWithheld: return "withheld";
  }
  return "unknown";
}

std::string_view to_string(PolicyRole role) {
  switch (role) {
    case PolicyRole::kPermit: return "permit";
    case PolicyRole::kOverride: return "override";
    case PolicyRole::kForbid: return "forbid";
    case PolicyRole::kWaivable: return "waivable";
    case PolicyRole::kObligation: return "obligation";
  }
  return "unknown";
}

std::string_view to_string(Standing standing) {
  switch (standing) {
    case Standing::kDetermining: return "determining";
    case Standing::kNearest: return "nearest";
    case Standing::kCandidate: return "candidate";
  }
  return "unknown";
}

Examiner::Examiner(const cedar::Request& request, const cedar::EntityView& entities,
                   const Viewer& viewer, const Words& words, Arena& arena)
    : entities_(entities),
      request_(request),
      viewer_(viewer),
      words_(words),
      evaluator_(request, entities, arena) {}

PartOutcome Examiner::outcome_of(const Policy& policy, const Part& part) {
  const cedar::Template& body = *policy.body;
  if (is_open_slot(policy, part)) {
    const auto& scope = part.kind == Part::Kind::kPrincipal ? body.principal : body.resource;
    return viewer_.sees_open_slot(scope) ? PartOutcome::kFalse : PartOutcome::kWithheld;
  }
  if (part.kind == Part::Kind::kCondition) {
    const auto reads = cedar::reads_of(*part.expr, evaluator_, entities_);
    if (!viewer_.sees(reads)) return PartOutcome::kWithheld;
  } else if (part.kind == Part::Kind::kPrincipal) {
    if (!viewer_.sees(body.principal, *request_.principal, policy.principal_slot)) {
      return PartOutcome::kWithheld;
    }
  } else if (part.kind == Part::Kind::kResource) {
    if (!viewer_.sees(body.resource, *request_.resource, policy.resource_slot)) {
      return PartOutcome::kWithheld;
    }
  }
  return to_outcome(
      cedar::trace_part(policy, part, evaluator_, entities_, cedar::TraceDetail::kOutcomes));
}

Examined Examiner::examine(const Policy& policy, PolicyRole role) {
  Examined examined{
      .policy = &policy, .role = role, .order = 0, .parts = cedar::parts_of(*policy.body)};
  for (const Part& part : examined.parts) examined.outcomes.push_back(outcome_of(policy, part));
  const Reckoning reckoning(*policy.body, examined.parts, examined.outcomes);
  examined.outcome = reckoning.outcome();
  const bool is_permit = role == PolicyRole::kPermit || role == PolicyRole::kOverride;
  if (is_permit) examined.missing = reckoning.missing();
  for (const PartValue& part : examined.missing) {
    const bool is_guarded =
        examined.outcomes[part.part] == PartOutcome::kError && !reckoning.reached()[part.part];
    examined.failing += is_guarded ? 0 : 1;
    examined.failing_scope += examined.parts[part.part].expr == nullptr ? 1 : 0;
  }
  return examined;
}

std::vector<SeenValue> Examiner::seen_by(const Part& part, bool is_withheld) {
  std::vector<SeenValue> seen;
  if (part.expr == nullptr) return seen;
  if (is_withheld) {
    std::vector<const Expr*> reads;
    find_reads(*part.expr, reads);
    for (const Expr* read : reads) {
      if (seen.size() == kMaxSeen) break;
      seen.push_back({words_.cedar_text(*read), std::nullopt});
    }
    return seen;
  }
  for (const cedar::Read& read : cedar::reads_of(*part.expr, evaluator_, entities_)) {
    // What the part itself comes to is its state.
    const bool is_told = read.is_outermost && read.value && read.expr != part.expr &&
                         read.kind != cedar::Read::Kind::kVariable;
    if (!is_told) continue;
    if (seen.size() == kMaxSeen) break;
    seen.push_back({words_.cedar_text(*read.expr),
                    cedar::to_short_text(*read.value, {}, [this](const cedar::EntityUid& uid) {
                      return viewer_.uid_text(uid);
                    })});
  }
  return seen;
}

ExplainedPart Examiner::describe_part(const Examined& examined, const Reckoning& reckoning,
                                      std::size_t index) {
  const Part& part = examined.parts[index];
  const auto missing = std::ranges::find(examined.missing, index, &PartValue::part);
  ExplainedPart told;
  told.is_missing = missing != examined.missing.end();
  const bool wanted = told.is_missing ? missing->value : reckoning.wanted()[index];
  told.place = place_of(*examined.policy->body, part);
  told.need = words_.need(*examined.policy, part, wanted);
  told.cedar = words_.cedar_text(*examined.policy, part);
  told.state = to_state(examined.outcomes[index], wanted, reckoning.reached()[index]);
  told.seen = seen_by(part, told.state == PartState::kWithheld);
  return told;
}

ExplainedPolicy Examiner::describe(const Examined& examined, std::size_t max_parts) {
  const Policy& policy = *examined.policy;
  const cedar::Template& body = *policy.body;
  const Reckoning reckoning(body, examined.parts, examined.outcomes);
  ExplainedPolicy told{
      .id = cedar::clip(policy.id, kMaxText), .role = examined.role, .outcome = examined.outcome};
  told.is_template = body.has_slot() && !policy.is_link();
  const auto reason = body.annotation("reason");
  told.reason = cedar::clip(reason ? *reason : body.annotation("doc").value_or(""), kMaxText);
  if (examined.role == PolicyRole::kObligation) {
    told.obligation = cedar::clip(body.annotation("obligation").value_or(""), kMaxText);
  }
  for (std::size_t i = 0; i < std::min(examined.parts.size(), max_parts); ++i) {
    told.parts.push_back(describe_part(examined, reckoning, i));
  }
  told.are_parts_cut = examined.parts.size() > max_parts;
  const auto say = [&](const std::vector<PartValue>& parts, std::vector<std::string>& out) {
    for (const PartValue& part : parts) {
      if (out.size() == max_parts) break;
      out.push_back(words_.need(policy, examined.parts[part.part], part.value));
      if (examined.outcomes[part.part] == PartOutcome::kWithheld) {
        out.back() += "; whether that is so is withheld";
      }
    }
  };
  say(examined.missing, told.missing);
  if (examined.outcome == PolicyOutcome::kSatisfied) say(reckoning.held(), told.held);
  told.source = body.source;
  told.span = body.span;
  return told;
}

}  // namespace wardlock::explain
