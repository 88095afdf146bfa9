#pragma once

#include <cstddef>
#include <cstdint>

namespace wardlock::pap {

/// So many tests a content may have.
inline constexpr std::size_t kMostTests = 20'000;

/// So many steps (cedar::StepBudget) all tests of a content may take together: to read what they
/// are asked of, to decide, and to find out what they cover. Half a minute at most, and the same
/// everywhere: whether it is too much does not depend on a clock. Those of policies/hospital take
/// 14 million.
inline constexpr std::uint64_t kMostTestSteps = 500'000'000;

}  // namespace wardlock::pap
