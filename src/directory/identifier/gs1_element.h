#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "directory/identifier/udi.h"

namespace wardlock::directory {

/// What a GS1 element string says, by its application identifier.
struct Gs1Element {
  std::string_view identifier;  ///< two to four digits
  std::uint8_t min = 0;         ///< characters of the value
  std::uint8_t max = 0;
  UdiPartKind kind = UdiPartKind::kOther;
  std::string_view name;
  /// Of a value that is digits only; a date's layout, for one; empty: any of GS1's characters.
  std::string_view digits;

  /// Whether the next element may follow without a separator: GS1 has laid down the lengths of some
  /// for good (General Specifications, 7.8.5).
  bool has_fixed_length() const;
};

/// The element that `text` begins with, if it is one of those that stand on devices' labels; else
/// nullptr.
const Gs1Element* find_gs1_element(std::string_view text);

}  // namespace wardlock::directory
