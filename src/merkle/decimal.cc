#include "merkle/decimal.h"

#include <charconv>

#include "merkle/hash.h"

namespace wardlock::merkle {

std::optional<std::uint64_t> decimal(std::string_view text) {
  if (text.empty() || (text.front() == '0' && text.size() > 1)) return std::nullopt;
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || rest != end || value > kMaxTreeSize) return std::nullopt;
  return value;
}

}  // namespace wardlock::merkle
