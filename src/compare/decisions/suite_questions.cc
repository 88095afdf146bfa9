#include "compare/decisions/suite_questions.h"

#include <utility>

#include "suite/run.h"

namespace wardlock::compare {

pdp::Caller comparing_caller(std::string id) {
  pdp::Caller caller = pdp::Caller::unrestricted(std::move(id));
  caller.may_explain = false;
  return caller;
}

Result<void> SuiteQuestions::give(QuestionTaker& taker) {
  for (const suite::Test& test : suite_.tests) {
    Arena arena;
    const pdp::Caller caller = comparing_caller(test.asked.pep);
    const std::string name = suite_.name_of(test);
    taker.take({.access = suite::to_request(test.asked, caller, arena),
                .at = test.asked.at,
                .name = name});
  }
  return {};
}

}  // namespace wardlock::compare
