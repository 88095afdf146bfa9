#include "pap/draft.h"

#include <algorithm>
#include <array>

namespace wardlock::pap {
namespace {

constexpr std::array<std::string_view, 5> kStates = {"open", "in_review", "rejected", "withdrawn",
                                                     "activated"};
constexpr std::array<std::string_view, 7> kSteps = {"begin",    "write",    "submit", "reject",
                                                    "withdraw", "activate", "overdue"};
constexpr std::array<std::string_view, 3> kOutcomes = {"passed", "failed", "undecided"};

}  // namespace

std::string_view to_string(DraftState state) { return kStates.at(static_cast<std::size_t>(state)); }

std::optional<DraftState> find_draft_state(std::string_view name) {
  const auto* const found = std::ranges::find(kStates, name);
  if (found == kStates.end()) return std::nullopt;
  return static_cast<DraftState>(found - kStates.begin());
}

std::string_view to_string(DraftStep step) { return kSteps.at(static_cast<std::size_t>(step)); }

std::string_view to_string(CheckOutcome outcome) {
  return kOutcomes.at(static_cast<std::size_t>(outcome));
}

}  // namespace wardlock::pap
