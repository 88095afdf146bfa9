// What a log's folder says of its former keys. No input but a real one is to be believed: each
// change is signed by both of its keys, so that what is read is what was written.
#include "audit/log/key_change.h"
#include "base/check.h"

using namespace wardlock;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto changes = audit::read_key_changes(text);
  if (!changes) return 0;
  std::string again;
  for (const audit::KeyChange& change : *changes) again += change.note;
  CHECK(again == text);
  return 0;
}
