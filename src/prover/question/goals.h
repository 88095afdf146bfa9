#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "cedar/ast/policy.h"
#include "cedar/trace/parts.h"
#include "prover/condition/conditions.h"
#include "prover/condition/search.h"
#include "prover/question/generator.h"
#include "prover/world/trial.h"

namespace wardlock::prover {

/// What it takes for the evaluation of the policy to come to the part, and for that to have the
/// outcome.
std::vector<Requirement> requirements_of(const cedar::Policy& policy, const cedar::Part& part,
                                         bool outcome, Conditions& conditions);

/// Which goals questions have brought about. Not thread-safe.
class ReachedGoals {
 public:
  /// Notes what the question brings about.
  void add(const TriedQuestion& tried);
  bool has(const Goal& goal) const;

 private:
  using PartOutcome = std::pair<std::size_t, bool>;

  void trace(const cedar::Policy& policy, const cedar::Request& request,
             const TriedQuestion& tried);

  std::map<std::string, std::set<PartOutcome>, std::less<>> parts_;
  std::set<std::string, std::less<>> determining_;
};

/// All goals that the policies have, in their order.
std::vector<Goal> goals_of(const cedar::PolicySet& policies);

}  // namespace wardlock::prover
