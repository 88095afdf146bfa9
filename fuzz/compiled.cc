// Compiled policies against the Evaluator: the bytes choose policies, entities and a request.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "cedar/authorizer/engines_agree_for_test.h"
#include "cedar/authorizer/random_decision_for_test.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  wardlock::cedar::RandomDecision decision({data, size});
  const std::string found = wardlock::cedar::difference_of_engines(decision);
  if (!found.empty()) {
    std::fprintf(stderr, "%s\n", found.c_str());
    std::abort();
  }
  return 0;
}
