#include "codec/der.h"

#include <fmt/format.h>

namespace wardlock::codec {
namespace {

std::unexpected<Error> ends_early() { return invalid("a DER element ends early"); }

/// Takes the first byte.
Result<std::uint8_t> take(std::string_view& rest) {
  if (rest.empty()) return ends_early();
  const auto byte = static_cast<std::uint8_t>(rest.front());
  rest.remove_prefix(1);
  return byte;
}

/// X.690, 8.1.2.4: seven bits a byte, for numbers from 31 on.
Result<std::uint32_t> read_long_tag(std::string_view& rest) {
  std::uint32_t number = 0;
  for (int i = 0; i < 4; ++i) {
    const std::uint8_t byte = TRY(take(rest));
    if (i == 0 && byte == 0x80) return invalid("a DER tag is not in its shortest form");
    number = number << 7 | (byte & 0x7F);
    if ((byte & 0x80) != 0) continue;
    if (number < 31) return invalid("a DER tag is not in its shortest form");
    return number;
  }
  return invalid("a DER tag is too large");
}

Result<std::size_t> read_length(std::string_view& rest) {
  const std::uint8_t first = TRY(take(rest));
  if (first < 0x80) return first;
  const int count = first & 0x7F;
  if (count == 0) return invalid("a DER element has no definite length");
  if (count > 4) return invalid("a DER element is too long");
  std::size_t length = 0;
  for (int i = 0; i < count; ++i) length = length << 8 | TRY(take(rest));
  if (length < 0x80 || length >> (8 * (count - 1)) == 0) {
    return invalid("a DER length is not in its shortest form");
  }
  return length;
}

}  // namespace

Result<DerElement> DerReader::next() {
  DerElement element;
  element.first_byte = TRY(take(rest_));
  element.number = element.first_byte & 0x1F;
  if (element.number == 0x1F) element.number = TRY(read_long_tag(rest_));
  const std::size_t length = TRY(read_length(rest_));
  if (length > rest_.size()) return ends_early();
  element.contents = rest_.substr(0, length);
  rest_.remove_prefix(length);
  return element;
}

Result<DerElement> DerReader::next(DerTag tag) {
  const DerElement element = TRY(next());
  if (!element.is(tag)) {
    return invalid(fmt::format("a DER element has the tag 0x{:02x} instead of 0x{:02x}",
                               element.first_byte, static_cast<std::uint8_t>(tag)));
  }
  return element;
}

std::optional<std::uint64_t> der_unsigned(const DerElement& element) {
  if (!element.is(DerTag::kInteger) && !element.is(DerTag::kEnumerated)) return std::nullopt;
  std::string_view digits = element.contents;
  if (digits.empty() || (static_cast<std::uint8_t>(digits.front()) & 0x80) != 0)
    return std::nullopt;
  if (digits.size() > 1 && digits.front() == 0) {
    digits.remove_prefix(1);
    if ((static_cast<std::uint8_t>(digits.front()) & 0x80) == 0) return std::nullopt;
  }
  if (digits.size() > 8) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : digits) value = value << 8 | static_cast<std::uint8_t>(c);
  return value;
}

}  // namespace wardlock::codec
