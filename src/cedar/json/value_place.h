#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wardlock::cedar {

/// Where inside a value we are, for messages. Lives on the stack and points outward, so that it
/// costs nothing until there is something to say.
struct ValuePlace {
  /// For members of a set that is read already: it has no order.
  static constexpr std::size_t kAnyMember = SIZE_MAX;

  const ValuePlace* outer;
  std::string_view name;  ///< of the field; of the outermost place, its whole text
  std::optional<std::size_t> index = std::nullopt;  ///< in a set, instead of a name
  std::size_t depth = outer == nullptr ? 0 : outer->depth + 1;

  /// E.g. `context.location["ward id"][2]`.
  std::string text() const;
};

}  // namespace wardlock::cedar
