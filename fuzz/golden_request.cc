// A line of golden requests: is read or said why not; what is read is the same when written and
// read again.
#include "compare/golden/golden_request.h"
#include "base/check.h"

using namespace wardlock;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto request = compare::read_golden({reinterpret_cast<const char*>(data), size});
  if (!request) {
    CHECK(!request.error().message.empty());
    return 0;
  }
  const std::string text = compare::write_golden(*request);
  const auto again = compare::read_golden(text);
  CHECK(again.has_value());
  CHECK(compare::write_golden(*again) == text);
  if (request->answer) CHECK(again->answer->side == request->answer->side);
  return 0;
}
