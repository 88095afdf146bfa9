// Policy text: parses or says why not; what parses can be decided, and printing and parsing it
// again gives the same policies (compared as JSON).
#include "cedar/ast/policy_text.h"
#include "cedar/json/policy_json.h"
#include "cedar/parser/parser.h"
#include "world.h"

using namespace wardlock;
using namespace wardlock::cedar;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const World world;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto policies = parse_policies(text);
  if (!policies) {
    CHECK(!policies.error().empty());
    for (const Diagnostic& diagnostic : policies.error()) {
      CHECK(!render(diagnostic, text, "fuzz", true).empty());
    }
    return 0;
  }
  world.decide(*policies);
  const auto json = policy_set_to_json(*policies);
  if (!json) return 0;
  // Templates come first in the text, so compare each policy by itself.
  for (const Policy& policy : policies->policies()) {
    const auto printed = to_text(*policy.body);
    CHECK(printed);
    const auto again = parse_policy(*printed, policy.id);
    CHECK(again);
    CHECK(*policy_to_json(*policy.body) == *policy_to_json(**again));
  }
  return 0;
}
