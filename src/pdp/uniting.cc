#include "pdp/uniting.h"

#include <algorithm>

#include "pdp/consented.h"
#include "pdp/notes.h"
#include "pdp/obligation_terms.h"

namespace wardlock::pdp {

bool may_ask(const Snapshot& snapshot, const cedar::EntityUid& who, const cedar::Request& request) {
  if (snapshot.entities.find(who) == nullptr) return false;
  if (snapshot.schema() == nullptr) return snapshot.types.check_principal(who.type).has_value();
  const cedar::ActionType* const action = snapshot.schema()->find_action(*request.action);
  return action != nullptr && action->applies_to_principal(who.type);
}

Uniting::Uniting(const Snapshot& snapshot, const Question& question, Arena& arena,
                 cedar::StepBudget& budget)
    : snapshot_(snapshot),
      question_(question),
      arena_(arena),
      budget_(budget),
      policies_(arena.resource()),
      errors_(arena.resource()),
      obligations_(arena.resource()) {}

Verdict Uniting::decide(const cedar::EntityUid& who, const cedar::Value& context) {
  cedar::Request request = question_.request;
  request.principal = &who;
  request.context = context;
  // What a patient refuses the one, the other may have, and each is asked for.
  request.context =
      with_consent(snapshot_, request, question_.entities, question_.now, arena_).context;
  // Candidates and what they find borrow the request.
  const auto* kept = arena_.make<cedar::Request>(request);
  const auto* asked =
      arena_.make<Question>(Question{.request = *kept,
                                     .entities = question_.entities,
                                     .now = question_.now,
                                     .supported_obligations = question_.supported_obligations,
                                     .grant = nullptr,
                                     .is_override_declared = false});
  const Verdict verdict = pdp::decide(snapshot_.partition(), *asked, arena_, budget_);
  if (verdict.is_allowed) add(verdict);
  return verdict;
}

bool Uniting::allows(const cedar::EntityUid& who, const cedar::Value& context) {
  const bool is_principal = *question_.request.principal == who;
  if (!is_principal && !may_ask(snapshot_, who, question_.request)) return false;
  return decide(who, context).is_allowed;
}

Verdict Uniting::take() const {
  return {.is_allowed = true,
          .cause = Cause::kPermit,
          .policies = arena_.copy(policies_),
          .errors = arena_.copy(errors_),
          .obligations = distinct(arena_, obligations_),
          .terms = terms_};
}

void Uniting::add(const Verdict& verdict) {
  for (const cedar::Policy* policy : verdict.policies) {
    if (std::ranges::find(policies_, policy) == policies_.end()) policies_.push_back(policy);
  }
  errors_.insert(errors_.end(), verdict.errors.begin(), verdict.errors.end());
  obligations_.insert(obligations_.end(), verdict.obligations.begin(), verdict.obligations.end());
  terms_ = unite_terms(terms_, verdict.terms, arena_);
}

}  // namespace wardlock::pdp
