#include "pap/shadow.h"

#include <array>

namespace wardlock::pap {
namespace {

constexpr std::size_t kMostExamples = 20;
constexpr std::array<std::string_view, 5> kEnds = {"running", "stopped", "limit", "replaced",
                                                   "in_force"};

}  // namespace

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
    for (const std::string& example : each.examples) {
      if (sum.examples.size() < kMostExamples) sum.examples.push_back(example);
    }
  }
  return sum;
}

}  // namespace wardlock::pap
