// Schema JSON: reads or says why not.
#include "base/check.h"
#include "cedar/schema/schema.h"
#include "codec/json.h"

using namespace wardlock;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto json = codec::parse_json({reinterpret_cast<const char*>(data), size});
  if (!json) return 0;
  const auto schema = cedar::schema_from_json(*json);
  CHECK(schema || !schema.error().message.empty());
  return 0;
}
