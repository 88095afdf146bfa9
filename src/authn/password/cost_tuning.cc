#include "authn/password/cost_tuning.h"

#include <algorithm>
#include <array>

#include "base/secret.h"

namespace wardlock::authn {
namespace {

using crypto::Argon2idCost;
using std::chrono::nanoseconds;

constexpr std::uint32_t kMib = 1024;
constexpr std::uint32_t kMostPasses = 16;  // as `checked_cost` has it
constexpr int kMostSteps = 6;
/// Nearer than that nobody comes on a machine that does something else as well.
constexpr double kNear = 0.9;
/// What is aimed at, so that what is measured does not lie above as often as below.
constexpr double kAim = 0.97;

double share(nanoseconds wanted, nanoseconds taken) {
  return static_cast<double>(wanted.count()) /
         static_cast<double>(std::max<std::int64_t>(taken.count(), 1));
}

/// In whole MiB, never below the floor of two passes.
std::uint32_t scaled(std::uint32_t memory_kib, double factor, std::uint32_t most_kib) {
  const double wanted = std::min(memory_kib * factor, static_cast<double>(most_kib));
  const auto whole = static_cast<std::uint32_t>(wanted) / kMib * kMib;
  return std::max(whole, Argon2idCost{}.memory_kib);
}

}  // namespace

TunedCost tune_cost(const MeasureHash& measure, nanoseconds wanted, std::uint32_t most_memory_kib) {
  const Argon2idCost least;
  TunedCost best{.cost = least, .taken = measure(least)};
  best.is_within = best.taken <= wanted;
  if (!best.is_within) return best;
  TunedCost last = best;
  for (int i = 0; i < kMostSteps && share(best.taken, wanted) < kNear; ++i) {
    Argon2idCost next = last.cost;
    next.memory_kib = scaled(next.memory_kib, share(wanted, last.taken) * kAim, most_memory_kib);
    if (next == last.cost) break;
    last = {.cost = next, .taken = measure(next)};
    if (last.taken <= wanted) best = last;
  }
  if (best.cost.memory_kib / kMib < most_memory_kib / kMib) return best;
  for (int i = 0; i < kMostSteps && best.cost.passes < kMostPasses; ++i) {
    Argon2idCost next = best.cost;
    const double passes = next.passes * share(wanted, best.taken);
    next.passes = static_cast<std::uint32_t>(std::min<double>(passes, kMostPasses));
    if (next.passes <= best.cost.passes) break;
    const nanoseconds taken = measure(next);
    if (taken > wanted) break;
    best = {.cost = next, .taken = taken};
  }
  return best;
}

nanoseconds measure_hash(const Argon2idCost& cost) {
  const Secret password("a password that nobody has");
  std::array<nanoseconds, 3> taken;
  for (nanoseconds& each : taken) {
    const auto begin = std::chrono::steady_clock::now();
    [[maybe_unused]] const std::string hash = crypto::hash_password(password, cost);
    each = std::chrono::steady_clock::now() - begin;
  }
  std::ranges::sort(taken);
  return taken[1];
}

}  // namespace wardlock::authn
