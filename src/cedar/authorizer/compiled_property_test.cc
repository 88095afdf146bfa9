// Compiled policies answer as the Evaluator does, whatever nobody validated.
#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <vector>

#include "cedar/authorizer/authorizer.h"
#include "cedar/authorizer/engines_agree_for_test.h"
#include "cedar/authorizer/random_decision_for_test.h"

namespace wardlock::cedar {
namespace {

std::vector<std::uint8_t> random_bytes(std::mt19937& random) {
  std::vector<std::uint8_t> bytes(6000);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
  return bytes;
}

TEST(CompiledPolicies, AnswerAsTheEvaluatorDoes) {
  std::mt19937 random(5);
  std::size_t allows = 0, reasons = 0, errors = 0;
  for (int round = 0; round < 1500; ++round) {
    const auto bytes = random_bytes(random);
    RandomDecision decision(bytes);
    ASSERT_EQ(difference_of_engines(decision), "") << "round " << round;
    Arena arena;
    const Response response =
        authorize(decision.policies(), decision.request(), decision.view(), arena);
    allows += response.decision == Decision::kAllow ? 1 : 0;
    reasons += response.reasons.empty() ? 0 : 1;
    errors += response.errors.empty() ? 0 : 1;
  }
  // What is drawn must be able to tell a difference.
  EXPECT_GT(allows, 150U);
  EXPECT_GT(reasons, 300U);
  EXPECT_GT(errors, 300U);
}

}  // namespace
}  // namespace wardlock::cedar
