#pragma once

#include <string>

#include "compare/decisions/posed_question.h"
#include "suite/suite.h"

namespace wardlock::compare {

/// The questions of policy tests, whatever is expected of them. Tests that are skipped are asked,
/// too: why they are not run has to do with their answer.
class SuiteQuestions final : public QuestionSource {
 public:
  /// Borrows it.
  explicit SuiteQuestions(const suite::Suite& suite) : suite_(suite) {}

  Result<void> give(QuestionTaker& taker) override;

 private:
  const suite::Suite& suite_;
};

/// Who asks in a comparison: anything may be asked, and nothing is explained.
pdp::Caller comparing_caller(std::string id);

}  // namespace wardlock::compare
