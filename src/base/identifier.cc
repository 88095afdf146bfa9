#include "base/identifier.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include "base/eight_bytes.h"

namespace wardlock {
namespace {

constexpr std::string_view kInvisible =
    "holds a control, bidirectional or otherwise invisible character";
constexpr std::string_view kNotNormal = "is not in Unicode normalization form C (NFC)";

/// Shown as nothing, though their category is that of letters or marks (Unicode's
/// Default_Ignorable_Code_Point).
bool is_ignorable(utf8proc_int32_t c) {
  constexpr std::array<std::array<utf8proc_int32_t, 2>, 8> kRanges = {{{0x034F, 0x034F},
                                                                       {0x115F, 0x1160},
                                                                       {0x17B4, 0x17B5},
                                                                       {0x180B, 0x180F},
                                                                       {0x3164, 0x3164},
                                                                       {0xFE00, 0xFE0F},
                                                                       {0xFFA0, 0xFFA0},
                                                                       {0xE0000, 0xE0FFF}}};
  return std::ranges::any_of(kRanges, [c](const auto& r) { return r[0] <= c && c <= r[1]; });
}

bool is_visible(utf8proc_int32_t c) {
  switch (utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP: return false;
    case UTF8PROC_CATEGORY_ZS: return c == ' ';
    default: return !is_ignorable(c);
  }
}

bool are_eight_printable_ascii(const char* at) {
  const std::uint64_t eight = load_eight(at);
  return (find_control(eight) | find_byte(eight, 0x7f) | (eight & kHighBits)) == 0;
}

bool is_printable_ascii(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  if (text.size() < 8) {
    return std::all_of(at, end, [](char c) { return c >= ' ' && c <= '~'; });
  }
  for (; end - at > 8; at += 8) {
    if (!are_eight_printable_ascii(at)) return false;
  }
  return are_eight_printable_ascii(end - 8);
}

const auto* bytes(std::string_view text) {
  return reinterpret_cast<const utf8proc_uint8_t*>(text.data());
}

bool is_visible(std::string_view text) {
  while (!text.empty()) {
    utf8proc_int32_t c = 0;
    const auto size = utf8proc_iterate(bytes(text), static_cast<utf8proc_ssize_t>(text.size()), &c);
    if (size <= 0 || !is_visible(c)) return false;
    text.remove_prefix(static_cast<std::size_t>(size));
  }
  return true;
}

bool is_normal(std::string_view text) {
  utf8proc_uint8_t* composed = nullptr;
  constexpr auto kNfc = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE);
  const auto size =
      utf8proc_map(bytes(text), static_cast<utf8proc_ssize_t>(text.size()), &composed, kNfc);
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(composed, &std::free);
  return size >= 0 && text == std::string_view(reinterpret_cast<const char*>(composed),
                                               static_cast<std::size_t>(size));
}

}  // namespace

std::optional<std::string_view> find_identifier_fault(std::string_view text) {
  if (is_printable_ascii(text)) return std::nullopt;
  if (!is_visible(text)) return kInvisible;
  if (!is_normal(text)) return kNotNormal;
  return std::nullopt;
}

}  // namespace wardlock
