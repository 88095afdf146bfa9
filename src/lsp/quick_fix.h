#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/diagnostic.h"

namespace wardlock::lsp {

/// A change that does what a diagnostic suggests.
struct QuickFix {
  std::string title;
  Span replaced;
  std::string replacement;
};

/// The change that `did you mean …?` proposes, if the diagnostic does.
std::optional<QuickFix> quick_fix(const Diagnostic& diagnostic, std::string_view text);

}  // namespace wardlock::lsp
