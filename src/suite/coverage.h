#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "cedar/evaluator/step_budget.h"
#include "cedar/trace/trace.h"
#include "codec/json.h"
#include "pdp/access.h"
#include "pdp/snapshot.h"
#include "suite/run.h"

namespace wardlock::suite {

/// One of the two outcomes of a part.
struct OutcomeCoverage {
  std::size_t count = 0;       ///< how often it was seen
  bool is_impossible = false;  ///< the schema rules it out
  std::string excuse = {};     ///< why it need not be seen; empty: it must be

  bool is_missing() const { return count == 0 && !is_impossible && excuse.empty(); }
  bool is_counted() const { return count > 0 || is_missing(); }
};

struct PartCoverage {
  std::string text;  ///< as Cedar, on one line
  Position place;
  OutcomeCoverage when_true;
  OutcomeCoverage when_false;
  std::size_t errors = 0;  ///< how often it erred: neither true nor false
};

/// A policy, or a template with all its links.
struct PolicyCoverage {
  std::string id;
  std::string file;  ///< may be empty
  Position place;
  std::size_t matched = 0;     ///< in how many tests it was satisfied
  std::size_t determined = 0;  ///< in how many it determined the answer, or its obligation came
  std::string excuse = {};     ///< why it need not determine any
  std::vector<PartCoverage> parts;

  bool is_missing() const { return determined == 0 && excuse.empty(); }
};

/// So many of so many.
struct Share {
  std::size_t covered = 0;
  std::size_t total = 0;

  double percent() const;
};

/// What tests cover of a set of policies.
///
/// A policy is covered when it determined an answer. A part of a policy (`cedar::parts_of`) is
/// covered when it was seen to be true and seen to be false: with both, it cannot be taken out, or
/// replaced by either, without some question being evaluated otherwise. Policies are evaluated as
/// the decision rule does: those of an override with the grant named, or with one that could be
/// opened; where somebody acts for the principal, for both; and else, where the principal's own
/// right does not allow it, with each delegation to the principal that covers the question. Not
/// thread-safe.
class Coverage {
 public:
  /// Of the policies of this snapshot, and of others made of the same texts. `sources` tell lines.
  Coverage(const pdp::Snapshot& snapshot, const pdp::Sources& sources);

  /// Counts what the test's question evaluates. Requires the test to have an answer. `budget`,
  /// where there is one, as in `run_test`.
  void add(const pdp::Snapshot& snapshot, const Test& test, const Answer& answer,
           cedar::StepBudget* budget = nullptr);

  /// Takes out what a suite excuses; to be called after all tests. Findings: excuses of what there
  /// is not, and of what is covered all the same.
  Diagnostics excuse(const Suite& suite);

  std::span<const PolicyCoverage> policies() const { return policies_; }
  Share policy_share() const;
  Share condition_share() const;

 private:
  void count(const cedar::Policy& policy, const cedar::Request& request,
             const cedar::EntityView& entities, Arena& arena, cedar::StepBudget* budget);
  bool excuse_part(const Excuse& excuse, PolicyCoverage& policy, Diagnostics& findings);

  std::vector<PolicyCoverage> policies_;
  std::map<std::string, std::size_t, std::less<>> index_;  ///< by the body's id
  std::vector<bool> matched_;                              ///< in the test being counted
};

/// For people: what is missing, what is excused, and the shares.
std::string text_report(const Coverage& coverage);

/// Every policy and part with its counts.
boost::json::object json_report(const Coverage& coverage);

}  // namespace wardlock::suite
