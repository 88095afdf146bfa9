#include "pap/shadow.h"

#include <algorithm>
#include <array>
#include <tuple>

namespace wardlock::pap {
namespace {

constexpr std::array<std::string_view, 5> kEnds = {"running", "stopped", "limit", "replaced",
                                                   "in_force"};

void add(const ShadowDifference& difference, std::vector<ShadowDifference>& kinds) {
  const auto known = std::ranges::find_if(
      kinds, [&](const ShadowDifference& each) { return each.is_like(difference); });
  if (known == kinds.end()) {
    kinds.push_back(difference);
  } else {
    known->count += difference.count;
  }
}

/// The most frequent first, and of those the same order for all.
void sort_by_count(std::vector<ShadowDifference>& kinds) {
  std::ranges::sort(kinds, [](const ShadowDifference& a, const ShadowDifference& b) {
    return std::tie(b.count, a.who, a.action, a.resource_type, a.is_gain) <
           std::tie(a.count, b.who, b.action, b.resource_type, b.is_gain);
  });
}

}  // namespace

bool ShadowDifference::is_like(const ShadowDifference& other) const {
  return std::tie(who, action, resource_type, is_gain) ==
         std::tie(other.who, other.action, other.resource_type, other.is_gain);
}

std::string_view to_string(ShadowEnd end) { return kEnds.at(static_cast<std::size_t>(end)); }

bool is_beyond(const DifferenceLimit& limit, const ShadowCount& count) {
  const std::uint64_t differing = count.differing();
  // Counts are far below 2^53.
  return differing > limit.count && differing * 1000 > count.compared * limit.permille;
}

ShadowCount sum_of(const std::vector<ShadowCount>& counts) {
  ShadowCount sum;
  for (const ShadowCount& each : counts) {
    sum.compared += each.compared;
    sum.skipped += each.skipped;
    sum.gained += each.gained;
    sum.lost += each.lost;
    for (const ShadowDifference& kind : each.kinds) add(kind, sum.kinds);
  }
  sort_by_count(sum.kinds);
  if (sum.kinds.size() > kMostShadowKinds) sum.kinds.resize(kMostShadowKinds);
  return sum;
}

}  // namespace wardlock::pap
