#include "api/authzen/reply_explanation.h"

#include <algorithm>
#include <string>

#include "explain/explain.h"
#include "explain/explanation_json.h"

namespace wardlock::authzen {
namespace {

void write_truncated(codec::JsonWriter& json) {
  json.begin_object();
  json.key("truncated");
  json.boolean(true);
  json.end_object();
}

}  // namespace

void write_explanation(Evaluation& evaluation, const Surroundings& surroundings,
                       codec::JsonWriter& json) {
  if (!evaluation.wants_explanation || !surroundings.caller.may_explain) return;
  ExplanationBudget& budget = evaluation.explanation_budget;
  json.key("explanation");
  if (budget.explanations == 0 || budget.bytes == 0) return write_truncated(json);
  explain::ExplanationLimits limits;
  limits.max_bytes = std::min(limits.max_bytes, budget.bytes);
  const auto explanation =
      explain::explain(surroundings.deciding(evaluation.access, surroundings.arena),
                       evaluation.access, surroundings.now, limits);
  if (!explanation) return write_truncated(json);
  --budget.explanations;
  budget.bytes -= std::min(budget.bytes, explain::size_of(*explanation));
  explain::write_json(*explanation, json);
}

}  // namespace wardlock::authzen
