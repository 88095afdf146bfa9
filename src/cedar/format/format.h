#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/diagnostic.h"
#include "cedar/parser/parser.h"

namespace wardlock::cedar {

struct FormatOptions {
  std::size_t line_width = 80;  ///< which a line passes only where it cannot be broken
  std::size_t indent_width = 2;
};

/// The widest line and indent that can be asked for.
inline constexpr std::size_t kMaxLineWidth = 10'000;
inline constexpr std::size_t kMaxIndentWidth = 100;

/// The policies of `text` laid out as the reference's formatter does it, comments kept and in
/// order. The result means the same policies, and formatting it again changes nothing. Time is
/// linear in the text.
///
/// Errors: those of parsing; a width beyond the limits above.
Parsed<std::string> format_policies(std::string_view text, const FormatOptions& options = {},
                                    const ParseLimits& limits = {});

}  // namespace wardlock::cedar
