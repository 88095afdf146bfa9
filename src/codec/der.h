#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/error.h"

namespace wardlock::codec {

/// What an element of DER is called by its first byte (X.690, 8.1.2).
enum class DerTag : std::uint8_t {
  kBoolean = 0x01,
  kInteger = 0x02,
  kOctetString = 0x04,
  kEnumerated = 0x0A,
  kSequence = 0x30,
  kSet = 0x31,
};

/// An element that was read. `contents` borrows from what was read.
struct DerElement {
  std::uint8_t first_byte = 0;
  std::uint32_t number = 0;  ///< of the tag, within its class
  std::string_view contents;

  bool is(DerTag tag) const { return first_byte == static_cast<std::uint8_t>(tag); }
  /// `[n]` that holds other elements: a member of a sequence that may be absent.
  bool is_context(std::uint32_t n) const { return (first_byte & 0xE0) == 0xA0 && number == n; }
};

/// Reads elements of DER (X.690) one after another: definite lengths, at their shortest. For what a
/// library has no name for, such as a maker's extension of a certificate; certificates themselves
/// are OpenSSL's to read. Borrows what it reads. Not thread-safe.
class DerReader {
 public:
  explicit DerReader(std::string_view der) : rest_(der) {}

  bool at_end() const { return rest_.empty(); }
  Result<DerElement> next();
  /// The next one, which must have that tag; otherwise an error that says so.
  Result<DerElement> next(DerTag tag);

 private:
  std::string_view rest_;
};

/// An INTEGER or ENUMERATED that is not negative and fits; otherwise nothing.
std::optional<std::uint64_t> der_unsigned(const DerElement& element);

}  // namespace wardlock::codec
