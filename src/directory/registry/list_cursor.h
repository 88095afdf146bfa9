#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "base/error.h"

namespace wardlock::directory {

/// Where a page of a list ended: behind this thing.
struct ListCursor {
  std::size_t phase = 0;                        ///< which part of the list it is in
  std::variant<std::string, std::int64_t> key;  ///< what the thing is sorted by there
  std::string id;

  /// As others hand it back: letters, digits, `-` and `_`.
  std::string text() const;
  /// Error: kInvalidArgument, it is none.
  static Result<ListCursor> read(std::string_view text);
};

}  // namespace wardlock::directory
