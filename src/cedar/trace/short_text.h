#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "cedar/value/value.h"

namespace wardlock::cedar {

/// How much of a value is shown.
struct ShortTextLimits {
  std::size_t max_members = 5;  ///< of a set or record, at each level
  std::size_t max_depth = 3;    ///< of sets and records in each other; deeper ones are `[…]`, `{…}`
  std::size_t max_bytes = 64;   ///< of a string or an id
};

/// The value as Cedar text, shortened where it is long: `[User::"ann", User::"bob", … 40 more]`.
/// Its size is bounded whatever the value, but for names of types and attributes, which are the
/// schema's. `uid_text` says how an entity is written.
std::string to_short_text(const Value& value, const ShortTextLimits& limits,
                          const std::function<std::string(const EntityUid&)>& uid_text);
std::string to_short_text(const Value& value, const ShortTextLimits& limits = {});

/// A uid whose id is shortened.
std::string to_short_text(const EntityUid& uid, const ShortTextLimits& limits = {});

/// At most so many bytes of the text, cut between characters, with `…` where something was cut.
/// Requires valid UTF-8.
std::string clip(std::string_view text, std::size_t max_bytes);

}  // namespace wardlock::cedar
