#pragma once

#include <cstdint>

namespace wardlock::cedar {

/// Strict: what the symbolic analysis and the compiled engine need; the types of a set's elements,
/// of both sides of `==` and of both branches of an `if` are the same, no set literal is empty, and
/// extension values are literals. Permissive: only what could err when it is evaluated is refused.
enum class ValidationMode : std::uint8_t { kStrict, kPermissive };

}  // namespace wardlock::cedar
