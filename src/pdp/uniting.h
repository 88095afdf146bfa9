#pragma once

#include <memory_resource>
#include <span>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "cedar/evaluator/step_budget.h"
#include "pdp/rule.h"
#include "pdp/snapshot.h"

namespace wardlock::pdp {

/// Whether the question can be asked for them at all. Of whom nothing is known has no right.
bool may_ask(const Snapshot& snapshot, const cedar::EntityUid& who, const cedar::Request& request);

/// Decides a question that several must be allowed, one after the other, and unites what is found
/// of them: what any of them owes is owed, and of two bounds the stricter counts. Each by rules 1
/// and 2 (rule.h), never as an override. Borrows everything; not thread-safe.
class Uniting {
 public:
  Uniting(const Snapshot& snapshot, const Question& question, Arena& arena,
          cedar::StepBudget& budget);

  /// Decides for one of them, in that context, in which what patients agreed to is put in anew.
  Verdict decide(const cedar::EntityUid& who, const cedar::Value& context);
  /// Whether they may ask it at all, and may.
  bool allows(const cedar::EntityUid& who, const cedar::Value& context);

  /// Requires all of them to have been allowed.
  Verdict take() const;

 private:
  void add(const Verdict& verdict);

  const Snapshot& snapshot_;
  const Question& question_;
  Arena& arena_;
  cedar::StepBudget& budget_;
  std::pmr::vector<const cedar::Policy*> policies_;
  std::pmr::vector<cedar::PolicyError> errors_;
  std::pmr::vector<std::string_view> obligations_;
  std::span<const ObligationTerm> terms_;
};

}  // namespace wardlock::pdp
