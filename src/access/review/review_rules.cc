#include "access/review/review_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/utf8.h"

namespace wardlock::access {
namespace {

constexpr std::array<std::string_view, 3> kFindings = {"appropriate", "follow-up", "misuse"};
constexpr std::size_t kMostWords = 1000;

using People = std::set<std::string, std::less<>>;
using Edges = std::map<std::string, People, std::less<>>;

/// All that edges lead to from there.
People reached(const Edges& edges, const std::string& from) {
  People seen;
  std::vector<std::string> waiting = {from};
  while (!waiting.empty()) {
    const std::string one = std::move(waiting.back());
    waiting.pop_back();
    const auto next = edges.find(one);
    if (next == edges.end()) continue;
    for (const std::string& each : next->second) {
      if (seen.insert(each).second) waiting.push_back(each);
    }
  }
  return seen;
}

}  // namespace

std::string_view to_string(Finding finding) {
  return kFindings.at(static_cast<std::size_t>(finding));
}

std::optional<Finding> find_finding(std::string_view name) {
  const auto* const found = std::ranges::find(kFindings, name);
  if (found == kFindings.end()) return std::nullopt;
  return static_cast<Finding>(found - kFindings.begin());
}

std::optional<std::string> draw_reviewer(
    std::span<const ReviewCandidate> candidates, std::string_view person, std::string_view unit,
    std::span<const ReviewPair> lately,
    const std::function<bool(std::string_view, std::string_view)>& same,
    const std::function<std::size_t(std::size_t)>& pick) {
  const auto owes = [&](const ReviewCandidate& each) {
    return std::ranges::any_of(lately, [&](const ReviewPair& pair) {
      return same(pair.reviewer, person) && same(pair.person, each.person);
    });
  };
  // The fewer reasons against them, the sooner: a unit of their own weighs more.
  std::array<std::vector<const ReviewCandidate*>, 4> pots;
  for (const ReviewCandidate& each : candidates) {
    if (same(each.person, person)) continue;
    const bool is_near = !unit.empty() && each.unit == unit;
    pots.at((is_near ? 2U : 0U) + (owes(each) ? 1U : 0U)).push_back(&each);
  }
  for (const auto& pot : pots) {
    if (!pot.empty()) return pot.at(pick(pot.size()))->person;
  }
  return std::nullopt;
}

std::vector<std::vector<std::string>> find_rings(std::span<const ReviewPair> pairs) {
  Edges edges;
  for (const ReviewPair& pair : pairs) {
    if (pair.reviewer != pair.person) edges[pair.reviewer].insert(pair.person);
  }
  std::map<std::string, People> reach;
  for (const auto& [person, next] : edges) reach.emplace(person, reached(edges, person));
  std::vector<std::vector<std::string>> rings;
  People told;
  for (const auto& [person, there] : reach) {
    if (told.contains(person) || !there.contains(person)) continue;
    std::vector<std::string> ring;
    for (const std::string& other : there) {
      const auto back = reach.find(other);
      if (back != reach.end() && back->second.contains(person)) ring.push_back(other);
    }
    told.insert(ring.begin(), ring.end());
    rings.push_back(std::move(ring));
  }
  return rings;
}

Result<void> check_review_words(Finding finding, std::string_view words) {
  if (find_invalid_utf8(words) || find_deceptive_character(words)) {
    return invalid("the words are to be one line of text");
  }
  if (count_code_points(words) > kMostWords) {
    return invalid(fmt::format("the words have at most {} characters", kMostWords));
  }
  if (finding != Finding::kAppropriate && words.find_first_not_of(' ') == std::string_view::npos) {
    return invalid("say what was not as it should be: those who go on from here want to know");
  }
  return {};
}

}  // namespace wardlock::access
