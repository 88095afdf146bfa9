// Schema text: parses or says why not.
#include "base/check.h"
#include "cedar/schema/schema.h"

using namespace wardlock;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto schema = cedar::parse_schema(text);
  if (schema) return 0;
  CHECK(!schema.error().empty());
  for (const Diagnostic& diagnostic : schema.error()) {
    CHECK(!render(diagnostic, text, "fuzz", true).empty());
  }
  return 0;
}
