#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace wardlock::cedar {

// From the Unicode Character Database; see tools/unicode_tables.py. Sorted, without overlaps.

struct CharacterRange {
  char32_t first;
  char32_t last;
};

/// Scripts as bits.
using ScriptSet = std::array<std::uint64_t, 3>;

struct ScriptRange {
  char32_t first;
  char32_t last;
  std::uint16_t set;  ///< of `script_sets`
};

/// What is allowed in identifiers beyond ASCII (UTS 39, Identifier_Status).
std::span<const CharacterRange> allowed_in_identifiers();

/// The scripts that a character is used in, with those written in several (UTS 39, section 5.1).
/// Characters of all scripts, such as digits, have all; what is not in it has none.
std::span<const ScriptRange> script_ranges();
std::span<const ScriptSet> script_sets();

}  // namespace wardlock::cedar
