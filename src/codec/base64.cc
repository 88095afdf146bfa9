#include "codec/base64.h"

#include <algorithm>

#include "codec/base64url.h"

namespace wardlock::codec {

std::string to_base64(std::span<const std::uint8_t> bytes) {
  std::string text = to_base64url(bytes);
  std::ranges::replace(text, '-', '+');
  std::ranges::replace(text, '_', '/');
  text.append((4 - text.size() % 4) % 4, '=');
  return text;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0 || text.find_first_of("-_") != std::string_view::npos) {
    return std::nullopt;
  }
  // With two characters of padding at most, as the length tells; any other `=` is no letter.
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  std::string letters(text);
  std::ranges::replace(letters, '+', '-');
  std::ranges::replace(letters, '/', '_');
  return from_base64url(letters);
}

}  // namespace wardlock::codec
