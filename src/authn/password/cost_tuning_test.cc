#include "authn/password/cost_tuning.h"

#include <gtest/gtest.h>

#include <vector>

#include "authn/password/password_verifier.h"

namespace wardlock::authn {
namespace {

using crypto::Argon2idCost;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

/// A machine whose time is proportional to passes and memory.
struct Machine {
  double ns_per_kib_and_pass;
  int measured = 0;

  MeasureHash measure() {
    return [this](const Argon2idCost& cost) {
      ++measured;
      return nanoseconds(
          static_cast<std::int64_t>(ns_per_kib_and_pass * cost.passes * cost.memory_kib));
    };
  }
};

constexpr std::uint32_t kMib = 1024;

TEST(TuneCost, TakesMemoryBeforePasses) {
  Machine machine{.ns_per_kib_and_pass = 500};
  const TunedCost tuned = tune_cost(machine.measure(), milliseconds(100), 1024 * kMib);
  EXPECT_TRUE(tuned.is_within);
  EXPECT_EQ(tuned.cost.passes, 2U);
  EXPECT_GT(tuned.cost.memory_kib, 85U * kMib);
  EXPECT_LE(tuned.taken, milliseconds(100));
  EXPECT_GE(tuned.taken, milliseconds(88));
  EXPECT_LE(machine.measured, 12);
}

TEST(TuneCost, GoesOnWithPassesWhereThereIsNoMoreMemory) {
  Machine machine{.ns_per_kib_and_pass = 500};
  const TunedCost tuned = tune_cost(machine.measure(), milliseconds(300), 64 * kMib);
  EXPECT_EQ(tuned.cost.memory_kib, 64U * kMib);
  EXPECT_EQ(tuned.cost.passes, 9U);
  EXPECT_LE(tuned.taken, milliseconds(300));
}

TEST(TuneCost, NeverFallsBelowTheFloors) {
  Machine slow{.ns_per_kib_and_pass = 50'000};
  const TunedCost tuned = tune_cost(slow.measure(), milliseconds(100), 1024 * kMib);
  EXPECT_FALSE(tuned.is_within);
  EXPECT_EQ(tuned.cost, Argon2idCost());
  for (const double speed : {50.0, 500.0, 2'000.0, 2'600.0}) {
    Machine machine{.ns_per_kib_and_pass = speed};
    for (const std::uint32_t most : {19U * kMib, 47U * kMib, 512U * kMib}) {
      const TunedCost found = tune_cost(machine.measure(), milliseconds(100), most);
      EXPECT_TRUE(checked_cost(found.cost)) << speed << " " << most;
      EXPECT_LE(found.cost.memory_kib, most) << speed << " " << most;
      EXPECT_LE(found.cost.passes, 16U);
    }
  }
}

TEST(TuneCost, AMachineThatIsBusyNowAndThenIsNotBelieved) {
  int measured = 0;
  const MeasureHash restless = [&](const Argon2idCost& cost) {
    ++measured;
    const std::int64_t honest = std::int64_t{500} * cost.passes * cost.memory_kib;
    return nanoseconds(measured % 2 == 0 ? honest * 3 : honest);
  };
  const TunedCost tuned = tune_cost(restless, milliseconds(100), 1024 * kMib);
  EXPECT_LE(tuned.taken, milliseconds(100));
  EXPECT_LE(measured, 13);
}

TEST(MeasureHash, TakesTime) { EXPECT_GT(measure_hash(Argon2idCost()), nanoseconds(0)); }

}  // namespace
}  // namespace wardlock::authn
