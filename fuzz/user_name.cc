// Identifiers of people and things: each kind that is read has one form, which stays the same; a
// refusal has places in the text.
#include "base/check.h"
#include "base/utf8.h"
#include "directory/identifier/look_alike.h"
#include "directory/identifier/natural_identifier.h"

using namespace wardlock;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto kinds = directory::natural_identifiers();
  const auto kind = kinds[data[0] % kinds.size()];
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  constexpr std::chrono::year kToday{2026};
  const auto form = directory::read_identifier(kind, text, kToday);
  if (!form) {
    CHECK(!form.error().empty());
    for (const Diagnostic& fault : form.error()) {
      CHECK(fault.span.begin <= fault.span.end && fault.span.end <= text.size());
      CHECK(!fault.message.empty() && !fault.help.empty());
    }
    return 0;
  }
  CHECK(!form->empty() && !find_invalid_utf8(*form));
  const auto again = directory::read_identifier(kind, *form, kToday);
  CHECK(again && *again == *form);
  const std::string skeleton = directory::look_alike_skeleton(*form);
  CHECK(!skeleton.empty() && directory::look_alike_skeleton(skeleton) == skeleton);
  return 0;
}
