#pragma once

#include <vector>

#include "cedar/evaluator/evaluator.h"
#include "explain/explanation.h"
#include "explain/shortfall.h"
#include "explain/viewer.h"
#include "explain/words.h"

namespace wardlock::explain {

/// A policy as the reader may know it: its parts by themselves, and what it came to by them.
/// Borrows from the policy.
struct Examined {
  const cedar::Policy* policy = nullptr;
  PolicyRole role = PolicyRole::kPermit;
  std::size_t order = 0;  ///< among those examined
  std::vector<cedar::Part> parts = {};
  std::vector<PartOutcome> outcomes = {};
  PolicyOutcome outcome = PolicyOutcome::kWithheld;
  std::vector<PartValue> missing = {};  ///< of permits, that are not satisfied
  /// Of what is missing, without what cannot be told because a guard before it fails: how many
  /// parts, and how many of those are elements of the scope.
  std::size_t failing = 0;
  std::size_t failing_scope = 0;
};

/// Looks into policies for one request and one reader. All that it says is decided by values that
/// the viewer may see; the others are left out here, before anything is ordered, counted or told.
class Examiner {
 public:
  /// Borrows everything.
  Examiner(const cedar::Request& request, const cedar::EntityView& entities, const Viewer& viewer,
           const Words& words, Arena& arena);

  /// `policy` may be a template, whose slots then have no value: a slot never holds.
  Examined examine(const cedar::Policy& policy, PolicyRole role);

  /// In words, with the values seen.
  ExplainedPolicy describe(const Examined& examined, std::size_t max_parts);

 private:
  PartOutcome outcome_of(const cedar::Policy& policy, const cedar::Part& part);
  std::vector<SeenValue> seen_by(const cedar::Part& part, bool is_withheld);
  ExplainedPart describe_part(const Examined& examined, const Reckoning& reckoning,
                              std::size_t index);

  const cedar::EntityView& entities_;
  const cedar::Request& request_;
  const Viewer& viewer_;
  const Words& words_;
  cedar::Evaluator evaluator_;
};

}  // namespace wardlock::explain
