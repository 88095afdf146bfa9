#include "directory/identifier/user_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <vector>

#include "base/utf8.h"
#include "directory/identifier/code_points.h"
#include "directory/identifier/look_alike.h"
#include "directory/identifier/precis.h"
#include "directory/identifier/refusal.h"
#include "directory/identifier/unicode_form.h"

namespace wardlock::directory {
namespace {

std::u32string values_of(const std::vector<CodePoint>& characters) {
  std::u32string values;
  std::ranges::transform(characters, std::back_inserter(values), &CodePoint::value);
  return values;
}

std::string why_disallowed(char32_t c, PrecisValue value) {
  const std::string name = code_point_name(c);
  if (value == PrecisValue::kUnassigned) {
    return fmt::format("a user name may not hold {}, which is no character yet", name);
  }
  if (c == ' ') return "a user name may not hold a blank";
  std::string shown;
  append_utf8(shown, c);
  return fmt::format("a user name may not hold {} (`{}`)", name, printable(shown));
}

/// RFC 8265, 3.3.2: every character, wide ones mapped, is one of the IdentifierClass.
Parsed<std::u32string> prepare(std::string_view text, std::size_t offset) {
  std::u32string prepared;
  for (const CodePoint& character : code_points(text)) {
    for (const char32_t c : width_mapped(character.value)) {
      const PrecisValue value = identifier_class(c);
      if (value == PrecisValue::kValid || value == PrecisValue::kContext) {
        prepared += c;
        continue;
      }
      const std::size_t begin = offset + character.begin;
      std::string as_bytes;
      append_utf8(as_bytes, character.value);
      return refuse(begin, begin + as_bytes.size(), why_disallowed(character.value, value),
                    "it consists of letters, digits and ASCII's signs, without blanks and symbols");
    }
  }
  return prepared;
}

}  // namespace

Parsed<std::string> normalise_user_name(std::string_view text) {
  const Trimmed given = TRY(trim(text, "user name", kMaxUserNameBytes));
  const std::size_t end = given.begin + given.text.size();
  const std::u32string prepared = TRY(prepare(given.text, given.begin));
  const auto mapped = lowercase_nfc(prepared);
  if (!mapped || mapped->empty()) {
    return refuse(given.begin, end, "nothing is left of this user name", "give another");
  }
  const std::vector<CodePoint> characters = code_points(*mapped);
  const std::u32string values = values_of(characters);
  if (const auto wrong = find_context_fault(values)) {
    return refuse(given.begin, end,
                  fmt::format("{} may not stand where it does in this user name",
                              code_point_name(values[*wrong])),
                  "it belongs between the letters of certain languages only");
  }
  if (!keeps_bidi_rule(values)) {
    return refuse(given.begin, end,
                  "this user name mixes directions, so that it could be shown in another order",
                  "let a name that is written from right to left have no letters of the other "
                  "direction");
  }
  // RFC 8264, 7: what the rules would change again has no one form.
  const auto again = prepare(*mapped, 0);
  if (!again || lowercase_nfc(*again) != mapped) {
    return refuse(given.begin, end, "this user name has no form that stays the same",
                  "leave out what is not a usual letter or digit");
  }
  if (mapped->size() > kMaxUserNameBytes) {
    return refuse(given.begin, end, "this is too long for a user name",
                  fmt::format("it has at most {} bytes", kMaxUserNameBytes));
  }
  if (mixes_scripts(*mapped)) {
    return refuse(given.begin, end,
                  "this user name mixes scripts, so that it could be taken for another",
                  "write it with the letters of one script");
  }
  return *mapped;
}

}  // namespace wardlock::directory
