#pragma once

#include <algorithm>
#include <array>
#include <ctime>

namespace wardlock::authn {

inline constexpr int kRounds = 7;

/// Of this process.
inline double processor_seconds() {
  timespec now = {};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

template <typename Work>
double seconds_of(int times, const Work& work) {
  const double begin = processor_seconds();
  for (int i = 0; i < times; ++i) work();
  return (processor_seconds() - begin) / times;
}

/// Seconds of processor time for one of each.
struct Pair {
  double bare = 0;
  double ours = 0;
};

/// The median over rounds in which both do their work, one after the other, so that a busy machine
/// is as slow for both.
template <typename Bare, typename Ours>
Pair measure(int times, const Bare& bare, const Ours& ours) {
  std::array<double, kRounds> bare_seconds = {};
  std::array<double, kRounds> our_seconds = {};
  for (int round = 0; round < kRounds; ++round) {
    bare_seconds.at(round) = seconds_of(times, bare);
    our_seconds.at(round) = seconds_of(times, ours);
  }
  std::ranges::sort(bare_seconds);
  std::ranges::sort(our_seconds);
  return {.bare = bare_seconds[kRounds / 2], .ours = our_seconds[kRounds / 2]};
}

}  // namespace wardlock::authn
