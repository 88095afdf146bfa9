#include "lsp/text_document.h"

#include <algorithm>
#include <utility>

namespace wardlock::lsp {
namespace {

/// The length in bytes of the character that `text` begins with; what is no UTF-8 goes byte by
/// byte.
std::size_t character_bytes(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t wanted = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
  std::size_t length = 1;
  while (length < std::min(wanted, text.size()) &&
         (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80) {
    ++length;
  }
  return length;
}

/// How many units the character of so many bytes takes.
std::uint32_t units(std::size_t bytes, PositionEncoding encoding) {
  if (encoding == PositionEncoding::kUtf8) return static_cast<std::uint32_t>(bytes);
  return bytes == 4 ? 2 : 1;
}

}  // namespace

TextDocument::TextDocument(std::string text) : text_(std::move(text)) { index_lines(); }

void TextDocument::index_lines() {
  lines_.assign(1, 0);
  for (std::size_t at = text_.find_first_of("\r\n"); at != std::string::npos;
       at = text_.find_first_of("\r\n", at)) {
    at += text_.compare(at, 2, "\r\n") == 0 ? 2 : 1;
    lines_.push_back(static_cast<std::uint32_t>(at));
  }
}

std::string_view TextDocument::line_text(std::size_t line) const {
  const std::size_t end = line + 1 < lines_.size() ? lines_[line + 1] : text_.size();
  std::string_view text = std::string_view(text_).substr(lines_[line], end - lines_[line]);
  if (line + 1 == lines_.size()) return text;
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

Place TextDocument::place_at(std::uint32_t offset, PositionEncoding encoding) const {
  offset = static_cast<std::uint32_t>(std::min<std::size_t>(offset, text_.size()));
  const auto after = std::ranges::upper_bound(lines_, offset);
  const auto line = static_cast<std::size_t>(after - lines_.begin()) - 1;
  std::string_view before = std::string_view(text_).substr(lines_[line], offset - lines_[line]);
  Place place{static_cast<std::uint32_t>(line), 0};
  while (!before.empty()) {
    const std::size_t bytes = character_bytes(before);
    place.character += units(bytes, encoding);
    before.remove_prefix(bytes);
  }
  return place;
}

std::uint32_t TextDocument::offset_at(const Place& place, PositionEncoding encoding) const {
  if (place.line >= lines_.size()) return static_cast<std::uint32_t>(text_.size());
  std::string_view rest = line_text(place.line);
  std::size_t offset = lines_[place.line];
  std::uint32_t left = place.character;
  while (!rest.empty()) {
    const std::size_t bytes = character_bytes(rest);
    if (units(bytes, encoding) > left) break;
    left -= units(bytes, encoding);
    offset += bytes;
    rest.remove_prefix(bytes);
  }
  return static_cast<std::uint32_t>(offset);
}

void TextDocument::replace(Span span, std::string_view replacement) {
  text_.replace(span.begin, span.end - span.begin, replacement);
  index_lines();
}

}  // namespace wardlock::lsp
