// A set of keys: reads or says why not; what reads is the same when written and read again.
#include "base/check.h"
#include "jose/jwk.h"

using namespace wardlock;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto set = jose::KeySet::parse({reinterpret_cast<const char*>(data), size});
  if (!set) {
    CHECK(!set.error().message.empty());
    return 0;
  }
  const auto again = jose::KeySet::parse(codec::to_json_text(set->to_json()));
  CHECK(again && again->keys().size() == set->keys().size());
  for (std::size_t i = 0; i < set->keys().size(); ++i) {
    CHECK(again->keys()[i].key == set->keys()[i].key);
    CHECK(again->keys()[i].algorithm == set->keys()[i].algorithm);
    CHECK(jose::thumbprint(again->keys()[i].key) == jose::thumbprint(set->keys()[i].key));
  }
  return 0;
}
