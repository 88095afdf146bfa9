#include "pap/approval.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/check.h"

namespace wardlock::pap {

bool ApprovalStanding::is_complete() const {
  return std::ranges::all_of(given, &ApprovalGiven::is_met);
}

std::string ApprovalStanding::missing() const {
  std::string text;
  for (const ApprovalGiven& each : given) {
    if (each.is_met()) continue;
    if (!text.empty()) text += ", ";
    text += each.need.meaning;
    if (each.need.people > 1) {
      text += fmt::format(" ({} of {})", each.people.size(), each.need.people);
    }
  }
  return text;
}

ApprovalStanding standing_of(std::span<const ApprovalNeed> needs,
                             std::span<const Signature> signatures, std::string_view content,
                             std::span<const std::string> writers,
                             const std::function<std::string(std::string_view person)>& natural) {
  CHECK(!needs.empty());
  std::set<std::string> spent;  // natural people whose signature counts nowhere else
  for (const std::string& writer : writers) spent.insert(natural(writer));
  ApprovalStanding standing;
  for (const ApprovalNeed& need : needs) standing.given.push_back({.need = need});
  for (const Signature& signature : signatures) {
    if (signature.content != content) continue;
    const auto given = std::ranges::find_if(standing.given, [&](const ApprovalGiven& each) {
      return each.need.meaning == signature.meaning;
    });
    if (given == standing.given.end()) continue;
    if (!spent.insert(natural(signature.person)).second) continue;
    given->people.push_back(signature.person);
  }
  return standing;
}

}  // namespace wardlock::pap
