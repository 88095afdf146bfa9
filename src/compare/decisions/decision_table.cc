#include "compare/decisions/decision_table.h"

#include <algorithm>
#include <ranges>

namespace wardlock::compare {

std::uint64_t DecisionTable::all_left_out() const {
  std::uint64_t sum = 0;
  for (const LeftOutCount& each : left_out) sum += each.count;
  return sum;
}

bool DecisionTable::changes_access() const {
  return std::ranges::any_of(all_decision_changes(), [&](const DecisionChangeWord& word) {
    return compare::changes_access(word.value) && count_of(word.value) > 0;
  });
}

}  // namespace wardlock::compare
