// CBOR: reads or says why not; what was read lies within what was given.
#include "codec/cbor.h"

#include "base/check.h"

using namespace wardlock;

namespace {

void look_at(const codec::Cbor& item, std::string_view whole) {
  for (const auto text : {item.text(), item.bytes()}) {
    if (text && !text->empty()) {
      CHECK(text->data() >= whole.data() &&
            text->data() + text->size() <= whole.data() + whole.size());
    }
  }
  if (const auto* list = item.array()) {
    for (const codec::Cbor& element : *list) look_at(element, whole);
  }
  if (const auto* map = item.map()) {
    for (const codec::CborMember& member : *map) {
      CHECK(member.key.text() ? item.find(*member.key.text()) == &member.value
                              : item.find(*member.key.integer()) == &member.value);
      look_at(member.value, whole);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto item = codec::parse_cbor_item(bytes);
  if (!item) {
    CHECK(!item.error().message.empty() && !codec::parse_cbor(bytes));
    return 0;
  }
  CHECK(item->size > 0 && item->size <= size);
  CHECK(codec::parse_cbor(bytes).has_value() == (item->size == size));
  look_at(item->value, bytes);
  return 0;
}
