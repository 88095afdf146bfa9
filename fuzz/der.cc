// DER, all elements and those within: each lies within the one around it.
#include "codec/der.h"

#include "base/check.h"

using namespace wardlock;

namespace {

void read_all(std::string_view der, int depth) {
  codec::DerReader reader(der);
  while (!reader.at_end()) {
    const auto element = reader.next();
    if (!element) return;
    const std::string_view contents = element->contents;
    CHECK(contents.data() >= der.data() &&
          contents.data() + contents.size() <= der.data() + der.size());
    if (const auto number = codec::der_unsigned(*element)) CHECK(!contents.empty());
    if (depth < 32) read_all(contents, depth + 1);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  read_all({reinterpret_cast<const char*>(data), size}, 0);
  return 0;
}
