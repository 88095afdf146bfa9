#pragma once

#include <cstdint>

namespace wardlock::cedar {

/// How much work one decision may still be, so that no policy and no request can make it take long.
/// A step is about one expression evaluated, or one member of a set, 64 bytes of text or one
/// ancestor looked at: some nanoseconds. Not thread-safe; one for each decision.
class StepBudget {
 public:
  /// What a decision is given where nobody says otherwise: milliseconds of work, a thousand times
  /// what the decisions of a hospital need.
  static constexpr std::uint64_t kDefault = 1'000'000;

  explicit StepBudget(std::uint64_t steps = kDefault) : left_(steps) {}

  /// Takes `steps`. False when there are not as many: then it is used up, and stays so.
  bool take(std::uint64_t steps = 1) {
    if (steps > left_) {
      is_used_up_ = true;
      left_ = 0;
      return false;
    }
    left_ -= steps;
    return true;
  }

  /// Whether a `take` has failed. What was decided with it counts for nothing: the decision denies.
  bool is_used_up() const { return is_used_up_; }

 private:
  std::uint64_t left_;
  bool is_used_up_ = false;
};

}  // namespace wardlock::cedar
