#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// How drafts and records are framed. Private to this room.
namespace wardlock::event {

/// Writes so many bytes, the most significant first.
template <std::size_t kBytes>
void put_number(std::size_t number, char* out) {
  for (std::size_t i = 0; i < kBytes; ++i) {
    out[i] = static_cast<char>(number >> (8 * (kBytes - 1 - i)));
  }
}

/// Takes what it reads from the front of a text. Each member returns false where that is too short.
class FrameReader {
 public:
  explicit FrameReader(std::string_view text) : text_(text) {}

  bool take(std::size_t size, std::string_view& out) {
    if (text_.size() < size) return false;
    out = text_.substr(0, size);
    text_.remove_prefix(size);
    return true;
  }

  /// A text after its length.
  template <std::size_t kBytes>
  bool take_framed(std::string_view& out) {
    std::string_view digits;
    if (!take(kBytes, digits)) return false;
    std::size_t size = 0;
    for (const char c : digits) size = size << 8 | static_cast<std::uint8_t>(c);
    return take(size, out);
  }

  bool is_at_end() const { return text_.empty(); }

 private:
  std::string_view text_;
};

}  // namespace wardlock::event
