#include "directory/identifier/opaque_string.h"

#include <fmt/format.h>

#include <cstring>
#include <string>
#include <vector>

#include "base/utf8.h"
#include "directory/identifier/code_points.h"
#include "directory/identifier/precis.h"
#include "directory/identifier/unicode_form.h"

namespace wardlock::directory {
namespace {

Result<void> check_character(char32_t c) {
  switch (freeform_class(c)) {
    case PrecisValue::kValid:
    case PrecisValue::kContext: return {};
    case PrecisValue::kUnassigned:
      return invalid(
          fmt::format("a password may not hold {}, which is no character yet", code_point_name(c)));
    case PrecisValue::kDisallowed: break;
  }
  return invalid(
      fmt::format("a password may not hold {}, which cannot be seen or is typed "
                  "differently elsewhere",
                  code_point_name(c)));
}

/// A password in parts, zeroed when it has been worked on.
struct Characters {
  explicit Characters(std::string_view text) : points(code_points(text)) {
    values.reserve(points.size());
    for (const CodePoint& point : points) {
      values += is_blank(point.value) ? U' ' : point.value;
    }
  }
  Characters(const Characters&) = delete;
  Characters& operator=(const Characters&) = delete;
  ~Characters() {
    explicit_bzero(points.data(), points.size() * sizeof(CodePoint));
    explicit_bzero(values.data(), values.size() * sizeof(char32_t));
  }

  std::vector<CodePoint> points;
  std::u32string values;
};

}  // namespace

Result<Secret> opaque_string(const Secret& text) {
  if (find_invalid_utf8(text.reveal())) return invalid("a password is text in UTF-8");
  auto composed = nfc(Characters(text.reveal()).values);
  if (!composed) return invalid("a password is text in UTF-8");
  Secret prepared(*composed);
  wipe(*composed);
  // Composed, for then nothing changes any more; some keyboards type Hangul in parts.
  const Characters characters(prepared.reveal());
  for (const char32_t c : characters.values) TRY_VOID(check_character(c));
  if (find_context_fault(characters.values)) {
    return invalid(
        "a password may hold joiners and the like between the letters of their languages only");
  }
  return prepared;
}

}  // namespace wardlock::directory
