// Policy JSON: reads or says why not; what reads can be decided, and writing and reading it again
// gives the same document.
#include "cedar/json/policy_json.h"
#include "world.h"

using namespace wardlock;
using namespace wardlock::cedar;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const World world;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto json = codec::parse_json(text, kPolicyJsonLimits);
  if (!json) return 0;
  if (const auto policy = policy_from_json(*json, "p"); policy) {
    PolicySet one;
    const auto written = policy_to_json(**policy);
    CHECK(written);
    const auto again = policy_from_json(*written, "p");
    CHECK(again);
    CHECK(*policy_to_json(**again) == *written);
  }
  const auto policies = policy_set_from_json(*json);
  if (!policies) {
    CHECK(!policies.error().message.empty());
    return 0;
  }
  world.decide(*policies);
  const auto written = policy_set_to_json(*policies);
  CHECK(written);
  const auto again = policy_set_from_json(*written);
  CHECK(again);
  CHECK(*policy_set_to_json(*again) == *written);
  return 0;
}
