#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace wardlock::merkle {

/// The number that a C2SP format writes: ASCII digits, no leading zero but `0` itself, at most
/// 2^63 - 1. Nothing for any other text.
std::optional<std::uint64_t> decimal(std::string_view text);

}  // namespace wardlock::merkle
