#include "administration/recorded_comparisons.h"

namespace wardlock::administration {

std::string_view to_string(ComparisonState state) {
  switch (state) {
    case ComparisonState::kWaiting: return "waiting";
    case ComparisonState::kRunning: return "running";
    case ComparisonState::kDone: return "done";
    case ComparisonState::kFailed: return "failed";
  }
  return "";
}

}  // namespace wardlock::administration
