#include "directory/identifier/unicode_form.h"

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <unicode/utf16.h>

#include <array>
#include <cstdint>
#include <cstring>

#include "base/utf8.h"

namespace wardlock::directory {
namespace {

std::u16string to_utf16(std::u32string_view text) {
  std::u16string out;
  out.reserve(2 * text.size());
  for (const char32_t c : text) {
    std::array<UChar, 2> units = {};
    std::int32_t size = 0;
    U16_APPEND_UNSAFE(units.data(), size, static_cast<UChar32>(c));
    out.append(units.data(), static_cast<std::size_t>(size));
  }
  return out;
}

std::u32string to_utf32(std::u16string_view text) {
  std::u32string out;
  out.reserve(text.size());
  for (std::size_t place = 0; place < text.size();) {
    UChar32 c = 0;
    U16_NEXT(text.data(), place, text.size(), c);
    out += static_cast<char32_t>(c);
  }
  return out;
}

std::int32_t size_of(std::u16string_view text) { return static_cast<std::int32_t>(text.size()); }

/// `transform` writes to room for so many units and returns how many it needed.
template <typename Transform>
std::optional<std::u16string> transformed(std::size_t room, const Transform& transform) {
  std::u16string out(room, u'\0');
  UErrorCode status = U_ZERO_ERROR;
  const std::int32_t size = transform(out.data(), size_of(out), &status);
  if (U_FAILURE(status) != 0) return std::nullopt;
  out.resize(static_cast<std::size_t>(size));
  return out;
}

/// No character becomes longer than three units (Unicode's stability policies).
constexpr std::size_t kGrowth = 4;

std::optional<std::u16string> compose(std::u16string_view units) {
  UErrorCode status = U_ZERO_ERROR;
  const UNormalizer2* form = unorm2_getNFCInstance(&status);
  if (U_FAILURE(status) != 0) return std::nullopt;
  return transformed(
      units.size() * kGrowth + 1, [&](UChar* out, std::int32_t room, UErrorCode* error) {
        return unorm2_normalize(form, units.data(), size_of(units), out, room, error);
      });
}

}  // namespace

std::u32string width_mapped(char32_t c) {
  const auto point = static_cast<UChar32>(c);
  const std::int32_t type = u_getIntPropertyValue(point, UCHAR_DECOMPOSITION_TYPE);
  if (type != U_DT_WIDE && type != U_DT_NARROW) return std::u32string(1, c);
  UErrorCode status = U_ZERO_ERROR;
  const UNormalizer2* form = unorm2_getNFKCInstance(&status);
  std::array<UChar, 8> units = {};
  const std::int32_t size =
      unorm2_getRawDecomposition(form, point, units.data(), units.size(), &status);
  if (U_FAILURE(status) != 0 || size < 0) return std::u32string(1, c);
  return to_utf32({units.data(), static_cast<std::size_t>(size)});
}

std::optional<std::string> nfc(std::u32string_view text) {
  std::u16string units = to_utf16(text);
  auto composed = compose(units);
  explicit_bzero(units.data(), units.size() * sizeof(char16_t));
  if (!composed) return std::nullopt;
  std::u32string points = to_utf32(*composed);
  explicit_bzero(composed->data(), composed->size() * sizeof(char16_t));
  std::string bytes;
  bytes.reserve(4 * points.size());  // room for all, so that no copy stays behind
  for (const char32_t c : points) append_utf8(bytes, c);
  explicit_bzero(points.data(), points.size() * sizeof(char32_t));
  return bytes;
}

std::optional<std::string> lowercase_nfc(std::u32string_view text) {
  const std::u16string units = to_utf16(text);
  const auto lower = transformed(
      units.size() * kGrowth + 1, [&](UChar* out, std::int32_t room, UErrorCode* status) {
        return u_strToLower(out, room, units.data(), size_of(units), "", status);
      });
  if (!lower) return std::nullopt;
  const auto composed = compose(*lower);
  if (!composed) return std::nullopt;
  std::string bytes;
  for (const char32_t c : to_utf32(*composed)) append_utf8(bytes, c);
  return bytes;
}

}  // namespace wardlock::directory
