#include "suite/coverage.h"

#include <fmt/format.h>

#include <algorithm>

#include "cedar/ast/policy_text.h"
#include "pdp/acting.h"
#include "pdp/delegated.h"
#include "pdp/override.h"
#include "pdp/resolve.h"
#include "suite/key_check.h"
#include "suite/possible_outcomes.h"
#include "suite/why.h"

namespace wardlock::suite {
namespace {

using cedar::Outcome;
using cedar::Part;

std::string_view text_of(const pdp::Sources& sources, std::string_view name) {
  const auto it = std::ranges::find(sources.policies, name, &pdp::Source::name);
  return it == sources.policies.end() ? std::string_view() : std::string_view(it->text);
}

std::string part_text(const cedar::Template& policy, const Part& part) {
  if (part.kind != Part::Kind::kCondition) return scope_text(policy, part.kind);
  // What came as JSON may have no text.
  return cedar::to_text(*part.expr).value_or(fmt::format("condition {}", part.condition + 1));
}

PolicyCoverage describe(const cedar::Template& policy, const pdp::Snapshot& snapshot,
                        std::string_view source) {
  PolicyCoverage out{.id = policy.id,
                     .file = policy.source,
                     .place = position_at(source, policy.span.begin),
                     .parts = {}};
  const std::vector<Part> parts = cedar::parts_of(policy);
  std::vector<Possible> possible(parts.size());
  if (snapshot.schema()) possible = possible_outcomes(policy, *snapshot.schema());
  for (std::size_t i = 0; i < parts.size(); ++i) {
    PartCoverage covered{.text = part_text(policy, parts[i]),
                         .place = position_at(source, parts[i].span.begin),
                         .when_true = {},
                         .when_false = {}};
    covered.when_true.is_impossible = !possible[i].is_true;
    covered.when_false.is_impossible = !possible[i].is_false;
    out.parts.push_back(std::move(covered));
  }
  return out;
}

/// The grant that the policies of an override are asked with, if they are.
std::optional<pdp::Grant> grant_for(const pdp::Snapshot& snapshot, const pdp::Question& question,
                                    const Test& test, const Answer& answer, Arena& arena) {
  const bool is_asked = answer.cause != pdp::Cause::kPermit && question.is_override_declared &&
                        !snapshot.partition().overrides.empty();
  if (!is_asked) return std::nullopt;
  const auto named = std::ranges::find(snapshot.grants, test.asked.grant, &pdp::Grant::id);
  if (answer.grant && named != snapshot.grants.end()) return *named;
  return pdp::hypothetical_grant(question, arena);
}

/// Whether the principal's own right does.
bool is_allowed(const pdp::Partition& policies, const pdp::Question& question, Arena& arena,
                cedar::StepBudget* budget) {
  return budget == nullptr ? pdp::decide(policies, question, arena).is_allowed
                           : pdp::decide(policies, question, arena, *budget).is_allowed;
}

/// The question as each delegation to the principal asks it that covers it.
std::vector<cedar::Request> delegated_requests(const pdp::Snapshot& snapshot,
                                               const pdp::Question& question, Arena& arena) {
  std::vector<cedar::Request> requests;
  if (!pdp::declares_delegation(snapshot, *question.request.action)) return requests;
  const cedar::EntityUid& principal = *question.request.principal;
  for (const pdp::Delegation& each : pdp::delegations_to(snapshot.delegations, principal)) {
    if (each.delegate != principal || !pdp::covers(each, question)) continue;
    requests.push_back(question.request);
    requests.back().context = pdp::with_delegation(question.request.context, each, arena);
  }
  return requests;
}

/// The question as it is asked besides where somebody acts for the principal.
std::vector<cedar::Request> acting_requests(const pdp::Snapshot& snapshot,
                                            const pdp::Question& question,
                                            const pdp::Acting& acting, Arena& arena) {
  std::vector<cedar::Request> requests;
  if (!pdp::may_act(snapshot, question, acting)) return requests;
  for (const auto part : {pdp::ActingPart::kPrincipalActed, pdp::ActingPart::kActor}) {
    if (auto request = pdp::request_of(part, snapshot, question, acting, arena)) {
      requests.push_back(*request);
    }
  }
  return requests;
}

/// Blanks of any kind and length are as one.
std::string on_one_line(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool is_blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (!is_blank) out += c;
    if (is_blank && !out.empty() && out.back() != ' ') out += ' ';
  }
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

}  // namespace

double Share::percent() const {
  constexpr double kAll = 100;
  return total == 0 ? kAll : kAll * static_cast<double>(covered) / static_cast<double>(total);
}

Coverage::Coverage(const pdp::Snapshot& snapshot, const pdp::Sources& sources) {
  const auto add = [&](const cedar::Template& policy) {
    if (!index_.emplace(policy.id, policies_.size()).second) return;
    policies_.push_back(describe(policy, snapshot, text_of(sources, policy.source)));
  };
  for (const cedar::Policy& policy : snapshot.policies().policies()) add(*policy.body);
  for (const cedar::Template* policy : snapshot.policies().templates()) add(*policy);
}

void Coverage::count(const cedar::Policy& policy, const cedar::Request& request,
                     const cedar::EntityView& entities, Arena& arena, cedar::StepBudget* budget) {
  if (budget != nullptr && !budget->take(kTraceSteps)) return;
  const std::size_t index = index_.at(policy.body->id);
  const cedar::PolicyTrace traced =
      cedar::trace(policy, request, entities, arena, cedar::TraceDetail::kOutcomes, budget);
  if (traced.outcome == Outcome::kTrue) matched_[index] = true;
  for (std::size_t i = 0; i < traced.parts.size(); ++i) {
    PartCoverage& part = policies_[index].parts[i];
    switch (traced.parts[i].outcome) {
      case Outcome::kTrue: ++part.when_true.count; break;
      case Outcome::kFalse: ++part.when_false.count; break;
      case Outcome::kError: ++part.errors; break;
      case Outcome::kNotEvaluated: break;
    }
  }
}

void Coverage::add(const pdp::Snapshot& snapshot, const Test& test, const Answer& answer,
                   cedar::StepBudget* budget) {
  Arena arena;
  const pdp::Caller caller = pdp::Caller::unrestricted(test.asked.pep);
  const pdp::AccessRequest access = to_request(test.asked, caller, arena);
  auto resolved = pdp::resolve(snapshot, access, test.asked.at, arena);
  if (!resolved) return;
  const cedar::EntityView entities(snapshot.entities, resolved->overlay);
  const pdp::Question question{.request = resolved->request,
                               .entities = entities,
                               .now = test.asked.at,
                               .supported_obligations = access.supported_obligations,
                               .grant = nullptr,
                               .is_override_declared = resolved->is_override_declared};
  const auto count_all = [&](const pdp::Partition::Policies& policies,
                             const cedar::Request& request) {
    for (const cedar::Policy* policy : policies) {
      count(*policy, request, entities, arena, budget);
    }
  };
  matched_.assign(policies_.size(), false);
  const pdp::Partition& all = snapshot.partition();
  const auto count_everyday = [&](const cedar::Request& request) {
    for (const auto* policies : {&all.forbids, &all.waivables, &all.obligations, &all.permits}) {
      count_all(*policies, request);
    }
  };
  count_everyday(resolved->request);
  if (resolved->acting) {
    std::ranges::for_each(acting_requests(snapshot, question, *resolved->acting, arena),
                          count_everyday);
  } else if (!is_allowed(all, question, arena, budget)) {
    std::ranges::for_each(delegated_requests(snapshot, question, arena), count_everyday);
  }
  if (const auto grant = grant_for(snapshot, question, test, answer, arena)) {
    const cedar::Request request = pdp::with_override(resolved->request, *grant, arena);
    for (const auto* policies : {&all.overrides, &all.forbids, &all.obligations}) {
      count_all(*policies, request);
    }
  }
  for (std::size_t i = 0; i < policies_.size(); ++i) policies_[i].matched += matched_[i] ? 1 : 0;
  for (const std::string& id : answer.policies) {
    ++policies_[index_.at(snapshot.policies().find_policy(id)->body->id)].determined;
  }
  for (const cedar::Policy* policy : all.obligations) {
    const std::size_t index = index_.at(policy->body->id);
    const auto name = policy->body->annotation("obligation").value_or("");
    const bool is_owed = std::ranges::find(answer.obligations, name) != answer.obligations.end();
    if (is_owed && matched_[index]) ++policies_[index].determined;
  }
}

bool Coverage::excuse_part(const Excuse& excuse, PolicyCoverage& policy, Diagnostics& findings) {
  bool is_known = false;
  for (PartCoverage& part : policy.parts) {
    if (on_one_line(excuse.part->text) != part.text) continue;
    is_known = true;
    if (!excuse.never && part.when_true.count > 0 && part.when_false.count > 0) {
      findings.push_back({Severity::kError, fmt::format("`{}` is covered", part.text), excuse.span,
                          "take the excuse out"});
    }
    for (auto [outcome, value] : {std::pair(&part.when_true, true), {&part.when_false, false}}) {
      if (excuse.never && *excuse.never != value) continue;
      if (excuse.never && outcome->count > 0) {
        findings.push_back({Severity::kError,
                            fmt::format("`{}` was {} in some test", part.text, value), excuse.span,
                            "take the excuse out"});
      }
      if (outcome->count == 0) outcome->excuse = excuse.reason;
    }
  }
  return is_known;
}

Diagnostics Coverage::excuse(const Suite& suite) {
  Findings findings;
  std::vector<std::string> ids;
  for (const auto& [id, index] : index_) ids.push_back(id);
  for (const Excuse& each : suite.excuses) {
    const auto it = index_.find(each.policy.text);
    if (it == index_.end()) {
      refuse_unknown(each.policy.span, "there is no policy", each.policy.text, ids, findings);
      continue;
    }
    PolicyCoverage& policy = policies_[it->second];
    if (!each.part) {
      if (policy.determined > 0) {
        findings.refuse(each.span, fmt::format("`{}` determined some answer", policy.id),
                        "take the excuse out");
      }
      policy.excuse = each.reason;
    } else if (!excuse_part(each, policy, findings.list())) {
      std::vector<std::string> texts;
      for (const PartCoverage& part : policy.parts) texts.push_back(part.text);
      refuse_unknown(each.part->span, fmt::format("`{}` has no part", policy.id), each.part->text,
                     texts, findings);
    }
  }
  return std::move(findings.list());
}

Share Coverage::policy_share() const {
  Share share;
  for (const PolicyCoverage& policy : policies_) {
    if (!policy.excuse.empty()) continue;
    ++share.total;
    share.covered += policy.is_missing() ? 0 : 1;
  }
  return share;
}

Share Coverage::condition_share() const {
  Share share;
  for (const PolicyCoverage& policy : policies_) {
    for (const PartCoverage& part : policy.parts) {
      for (const OutcomeCoverage* outcome : {&part.when_true, &part.when_false}) {
        share.total += outcome->is_counted() ? 1 : 0;
        share.covered += outcome->is_counted() && outcome->count > 0 ? 1 : 0;
      }
    }
  }
  return share;
}

}  // namespace wardlock::suite
