// UDIs: what is read has a normal form that is read again as the same, and what is refused is
// explained, with places in the text.
#include "directory/identifier/udi.h"
#include "base/check.h"

using namespace wardlock;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  constexpr std::chrono::year kToday{2026};
  const auto udi = directory::parse_udi(text, kToday);
  if (!udi) {
    CHECK(!udi.error().empty());
    for (const Diagnostic& fault : udi.error()) {
      CHECK(fault.span.begin <= fault.span.end && fault.span.end <= size);
      CHECK(!fault.message.empty() && !fault.help.empty());
      CHECK(!render(fault, text, "udi").empty());
    }
    return 0;
  }
  const auto again = directory::parse_udi(udi->text, kToday);
  CHECK(again && again->text == udi->text && again->agency == udi->agency);
  CHECK(again->parts == udi->parts);
  CHECK(!udi->device_identifier().empty());
  return 0;
}
