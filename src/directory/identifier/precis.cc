#include "directory/identifier/precis.h"

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/utf16.h>

#include <algorithm>
#include <array>

namespace wardlock::directory {
namespace {

using Text = std::span<const char32_t>;

constexpr char32_t kZeroWidthNonJoiner = 0x200C;
constexpr char32_t kZeroWidthJoiner = 0x200D;

bool is_between(char32_t c, char32_t first, char32_t last) { return c >= first && c <= last; }
bool is_arabic_indic_digit(char32_t c) { return is_between(c, 0x0660, 0x0669); }
bool is_extended_arabic_indic_digit(char32_t c) { return is_between(c, 0x06F0, 0x06F9); }

/// RFC 5892, 2.6: what the rules below would judge otherwise.
std::optional<PrecisValue> exception(char32_t c) {
  constexpr std::array<char32_t, 6> kValid = {0x00DF, 0x03C2, 0x06FD, 0x06FE, 0x0F0B, 0x3007};
  constexpr std::array<char32_t, 5> kContext = {0x00B7, 0x0375, 0x05F3, 0x05F4, 0x30FB};
  constexpr std::array<char32_t, 10> kDisallowed = {0x0640, 0x07FA, 0x302E, 0x302F, 0x3031,
                                                    0x3032, 0x3033, 0x3034, 0x3035, 0x303B};
  if (std::ranges::find(kValid, c) != kValid.end()) return PrecisValue::kValid;
  if (std::ranges::find(kDisallowed, c) != kDisallowed.end()) return PrecisValue::kDisallowed;
  const bool is_context = std::ranges::find(kContext, c) != kContext.end();
  if (is_context || is_arabic_indic_digit(c) || is_extended_arabic_indic_digit(c)) {
    return PrecisValue::kContext;
  }
  return std::nullopt;
}

UChar32 as_icu(char32_t c) { return static_cast<UChar32>(c); }

std::int32_t property(char32_t c, UProperty which) {
  return u_getIntPropertyValue(as_icu(c), which);
}

/// RFC 8264, 9.7: a conjoining jamo, of which syllables could be spelled in several ways.
bool is_old_hangul_jamo(char32_t c) {
  const std::int32_t type = property(c, UCHAR_HANGUL_SYLLABLE_TYPE);
  return type == U_HST_LEADING_JAMO || type == U_HST_VOWEL_JAMO || type == U_HST_TRAILING_JAMO;
}

bool is_ignorable(char32_t c) {
  return u_hasBinaryProperty(as_icu(c), UCHAR_DEFAULT_IGNORABLE_CODE_POINT) != 0 ||
         u_hasBinaryProperty(as_icu(c), UCHAR_NONCHARACTER_CODE_POINT) != 0;
}

/// RFC 8264, 9.17: another way to write other characters.
bool has_compatibility_form(char32_t c) {
  UErrorCode status = U_ZERO_ERROR;
  const UNormalizer2* form = unorm2_getNFKCInstance(&status);
  std::array<UChar, 2> text = {};
  std::int32_t size = 0;
  U16_APPEND_UNSAFE(text.data(), size, as_icu(c));
  const UBool is_same = unorm2_isNormalized(form, text.data(), size, &status);
  return U_FAILURE(status) != 0 || is_same == 0;
}

bool is_letter_or_digit_category(char32_t c) {
  constexpr std::uint32_t kCategories = U_GC_LL_MASK | U_GC_LU_MASK | U_GC_LO_MASK | U_GC_ND_MASK |
                                        U_GC_LM_MASK | U_GC_MN_MASK | U_GC_MC_MASK;
  return (U_GET_GC_MASK(as_icu(c)) & kCategories) != 0;
}

std::optional<UScriptCode> script_of(char32_t c) {
  UErrorCode status = U_ZERO_ERROR;
  const UScriptCode script = uscript_getScript(as_icu(c), &status);
  if (U_FAILURE(status) != 0) return std::nullopt;
  return script;
}

bool follows_virama(Text text, std::size_t place) {
  constexpr std::int32_t kVirama = 9;
  return place > 0 && property(text[place - 1], UCHAR_CANONICAL_COMBINING_CLASS) == kVirama;
}

std::int32_t joining_type(char32_t c) { return property(c, UCHAR_JOINING_TYPE); }

/// RFC 5892, A.1: between letters that join, whatever is transparent to that.
bool stands_between_joining(Text text, std::size_t place) {
  std::size_t before = place;
  do {
    if (before == 0) return false;
    --before;
  } while (joining_type(text[before]) == U_JT_TRANSPARENT);
  std::size_t after = place;
  do {
    if (++after == text.size()) return false;
  } while (joining_type(text[after]) == U_JT_TRANSPARENT);
  const std::int32_t left = joining_type(text[before]);
  const std::int32_t right = joining_type(text[after]);
  return (left == U_JT_LEFT_JOINING || left == U_JT_DUAL_JOINING) &&
         (right == U_JT_RIGHT_JOINING || right == U_JT_DUAL_JOINING);
}

bool is_japanese(char32_t c) {
  const auto script = script_of(c);
  return script == USCRIPT_HIRAGANA || script == USCRIPT_KATAKANA || script == USCRIPT_HAN;
}

/// RFC 5892, A.1 to A.9.
bool is_allowed_here(Text text, std::size_t place) {
  const bool is_first = place == 0;
  const bool is_last = place + 1 == text.size();
  switch (text[place]) {
    case kZeroWidthNonJoiner:
      return follows_virama(text, place) || stands_between_joining(text, place);
    case kZeroWidthJoiner: return follows_virama(text, place);
    case 0x00B7: return !is_first && !is_last && text[place - 1] == 'l' && text[place + 1] == 'l';
    case 0x0375: return !is_last && script_of(text[place + 1]) == USCRIPT_GREEK;
    case 0x05F3:
    case 0x05F4: return !is_first && script_of(text[place - 1]) == USCRIPT_HEBREW;
    case 0x30FB: return std::ranges::any_of(text, is_japanese);
    default: break;
  }
  if (is_arabic_indic_digit(text[place])) {
    return std::ranges::none_of(text, is_extended_arabic_indic_digit);
  }
  return std::ranges::none_of(text, is_arabic_indic_digit);
}

std::uint32_t direction(char32_t c) { return U_MASK(u_charDirection(as_icu(c))); }

constexpr std::uint32_t kRight = U_MASK(U_RIGHT_TO_LEFT) | U_MASK(U_RIGHT_TO_LEFT_ARABIC);
constexpr std::uint32_t kLeft = U_MASK(U_LEFT_TO_RIGHT);
constexpr std::uint32_t kEuropean = U_MASK(U_EUROPEAN_NUMBER);
constexpr std::uint32_t kArabic = U_MASK(U_ARABIC_NUMBER);
constexpr std::uint32_t kMark = U_MASK(U_DIR_NON_SPACING_MARK);
constexpr std::uint32_t kNeutral = U_MASK(U_EUROPEAN_NUMBER_SEPARATOR) |
                                   U_MASK(U_COMMON_NUMBER_SEPARATOR) |
                                   U_MASK(U_EUROPEAN_NUMBER_TERMINATOR) | U_MASK(U_OTHER_NEUTRAL) |
                                   U_MASK(U_BOUNDARY_NEUTRAL) | kMark;

}  // namespace

PrecisValue identifier_class(char32_t c) {
  if (const auto value = exception(c)) return *value;
  if (u_charType(as_icu(c)) == U_UNASSIGNED && !is_ignorable(c)) return PrecisValue::kUnassigned;
  if (is_between(c, 0x21, 0x7E)) return PrecisValue::kValid;
  if (c == kZeroWidthNonJoiner || c == kZeroWidthJoiner) return PrecisValue::kContext;
  if (is_old_hangul_jamo(c) || is_ignorable(c)) return PrecisValue::kDisallowed;
  if (!is_letter_or_digit_category(c) || has_compatibility_form(c)) {
    return PrecisValue::kDisallowed;
  }
  return PrecisValue::kValid;
}

PrecisValue freeform_class(char32_t c) {
  const PrecisValue value = identifier_class(c);
  const bool is_excluded = exception(c) || is_old_hangul_jamo(c) || is_ignorable(c);
  if (value != PrecisValue::kDisallowed || is_excluded) return value;
  // RFC 8264, 9.11 and 9.14 to 9.18.
  constexpr std::uint32_t kCategories = U_GC_ZS_MASK | U_GC_S_MASK | U_GC_P_MASK | U_GC_LT_MASK |
                                        U_GC_NL_MASK | U_GC_NO_MASK | U_GC_ME_MASK;
  const bool is_visible =
      (U_GET_GC_MASK(as_icu(c)) & kCategories) != 0 || is_letter_or_digit_category(c);
  return is_visible ? PrecisValue::kValid : PrecisValue::kDisallowed;
}

bool is_blank(char32_t c) { return u_charType(as_icu(c)) == U_SPACE_SEPARATOR; }

std::optional<std::size_t> find_context_fault(Text text) {
  for (std::size_t place = 0; place < text.size(); ++place) {
    const bool is_context = identifier_class(text[place]) == PrecisValue::kContext;
    if (is_context && !is_allowed_here(text, place)) return place;
  }
  return std::nullopt;
}

bool keeps_bidi_rule(Text text) {
  std::uint32_t all = 0;
  for (const char32_t c : text) all |= direction(c);
  if ((all & (kRight | kArabic)) == 0) return true;
  const auto last = std::ranges::find_if(text.rbegin(), text.rend(),
                                         [](char32_t c) { return direction(c) != kMark; });
  if (last == text.rend()) return false;
  const std::uint32_t first = direction(text.front());
  const std::uint32_t end = direction(*last);
  if ((first & kRight) != 0) {
    constexpr std::uint32_t kNumbers = kEuropean | kArabic;
    return (all & ~(kRight | kNumbers | kNeutral)) == 0 && (end & (kRight | kNumbers)) != 0 &&
           (all & kNumbers) != kNumbers;
  }
  return first == kLeft && (all & ~(kLeft | kEuropean | kNeutral)) == 0 &&
         (end & (kLeft | kEuropean)) != 0;
}

}  // namespace wardlock::directory
