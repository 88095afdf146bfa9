// What decisions execute among few and among many grants, delegations, consents and approvals.

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <ctime>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "bench/access/parts.h"
#include "bench/access/world.h"
#include "codec/json.h"

#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
#else
#define CALLGRIND_START_INSTRUMENTATION
#define CALLGRIND_STOP_INSTRUMENTATION
#define CALLGRIND_ZERO_STATS
#define CALLGRIND_DUMP_STATS_AT(name)
#endif

namespace wardlock::bench {
namespace {

constexpr int kTimes = 20;

/// Each question, so many times. Returns how many stand on what they are about.
std::size_t decide_all(const pdp::Snapshot& there, std::span<const AccessQuestion> questions,
                       const pdp::Caller& caller, std::span<std::byte> memory) {
  std::size_t standing = 0;
  for (int i = 0; i < kTimes; ++i) {
    for (const AccessQuestion& asked : questions) {
      Arena arena{memory};
      const auto decided = pdp::decide(there, request_of(asked, caller), kAskedAt, arena);
      standing += decided && stands(*decided, asked.standing) ? 1 : 0;
    }
  }
  return standing;
}

/// How long a snapshot with other entities takes, as each change of the directory makes one, in ms:
/// the best of three.
Result<double> time_snapshot(const pdp::Snapshot& there) {
  double best = std::numeric_limits<double>::infinity();
  for (int i = 0; i < 3; ++i) {
    const std::clock_t begin = std::clock();
    TRY(pdp::make_snapshot(there.rulebook, there.entities, there.types, there.revision + 1));
    const auto ticks = static_cast<double>(std::clock() - begin);
    best = std::min(best, ticks * 1000 / static_cast<double>(CLOCKS_PER_SEC));
  }
  return best;
}

}  // namespace

Result<bool> count_decisions(const std::string& policies, std::size_t count) {
  const AccessWorld world = TRY(AccessWorld::read(policies));
  const auto there = TRY(world.with(count));
  const pdp::Caller caller = pdp::Caller::unrestricted("bench");
  std::vector<std::byte> memory(std::size_t{64} << 10);
  boost::json::object out = {{"snapshot_ms", TRY(time_snapshot(*there))}};
  CALLGRIND_START_INSTRUMENTATION;
  for (const Standing standing : kStandings) {
    const auto questions = world.questions(standing);
    CALLGRIND_ZERO_STATS;
    const std::size_t stood = decide_all(*there, questions, caller, memory);
    CALLGRIND_DUMP_STATS_AT(to_string(standing).data());
    if (stood != kTimes * questions.size()) {
      return invalid(fmt::format("not all decisions stand on {}", to_string(standing)));
    }
    out[to_string(standing)] = stood;
  }
  CALLGRIND_STOP_INSTRUMENTATION;
  fmt::print("{}\n", codec::to_json_text(out));
  return true;
}

}  // namespace wardlock::bench
