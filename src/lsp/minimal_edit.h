#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/diagnostic.h"

namespace wardlock::lsp {

struct Edit {
  Span replaced;
  std::string replacement;
};

/// The one change that makes `after` of `before`, without what both begin and end with; nothing
/// where they are the same. It does not cut characters in two. Both are UTF-8.
std::optional<Edit> minimal_edit(std::string_view before, std::string_view after);

}  // namespace wardlock::lsp
