#pragma once

#include <span>
#include <string_view>

namespace wardlock::cedar {

/// Whether `text` consists of the literal segments in this order with anything between them; see
/// LikeExpr. Bytes stand for code points, which is sound for valid UTF-8. Linear in the text for
/// each segment, without backtracking.
bool is_like(std::string_view text, std::span<const std::string_view> segments);

}  // namespace wardlock::cedar
