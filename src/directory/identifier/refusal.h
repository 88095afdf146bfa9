#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

#include "base/diagnostic.h"

namespace wardlock::directory {

/// One finding: what is wrong with the bytes from `begin` to `end`, and what was expected.
std::unexpected<Diagnostics> refuse(std::size_t begin, std::size_t end, std::string message,
                                    std::string help);

/// A text that somebody typed or pasted, without the blanks and line ends around it.
struct Trimmed {
  std::string_view text;
  std::size_t begin = 0;  ///< where it begins in what was given
};

/// Error: there is nothing left, it is longer than `max_bytes`, or it is not UTF-8. `name` is what
/// it should be: `e-mail address`.
Parsed<Trimmed> trim(std::string_view text, std::string_view name, std::size_t max_bytes);

}  // namespace wardlock::directory
