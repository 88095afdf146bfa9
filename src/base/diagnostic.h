#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace wardlock {

/// A half-open range of bytes in a source text.
struct Span {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

enum class Severity : std::uint8_t { kError, kWarning };

/// One finding about a source text. Messages follow the rules of `Error`.
struct Diagnostic {
  Severity severity = Severity::kError;
  std::string message;
  Span span;
  std::string help;  ///< what was expected, or what to do; may be empty
};

using Diagnostics = std::vector<Diagnostic>;

/// What parsers and validators of source text return: a value, or everything that is wrong.
template <typename T>
using Parsed = std::expected<T, Diagnostics>;

/// A place in a text, both counted from 1; columns count Unicode code points.
struct Position {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
};
/// Counts from the start of the text; for many places there is `LineIndex`.
Position position_at(std::string_view text, std::uint32_t offset);

/// The diagnostic for a person: `file:line:column: error: message`, the line with a caret under
/// the span, and the help. `colour` adds ANSI escapes.
std::string render(const Diagnostic& diagnostic, std::string_view text, std::string_view file,
                   bool colour = false);

/// All diagnostics as one error, for callers that deal in `Result`.
Error to_error(const Diagnostics& diagnostics, std::string_view text, std::string_view file);

}  // namespace wardlock
