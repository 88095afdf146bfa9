#pragma once

#include <span>

namespace wardlock::cedar {

/// Both ends belong to it.
struct CodePointRange {
  char32_t first;
  char32_t last;
};

// Unicode 17, beyond ASCII; sorted.

std::span<const CodePointRange> zero_width_ranges();
std::span<const CodePointRange> wide_ranges();
/// Emoji that are narrow until U+FE0F follows.
std::span<const CodePointRange> text_emoji_ranges();

}  // namespace wardlock::cedar
