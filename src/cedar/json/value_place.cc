#include "cedar/json/value_place.h"

#include <fmt/format.h>

#include "cedar/ast/names.h"
#include "cedar/value/value.h"

namespace wardlock::cedar {

std::string ValuePlace::text() const {
  if (outer == nullptr) return std::string(name);
  if (index == kAnyMember) return outer->text() + "[*]";
  if (index) return fmt::format("{}[{}]", outer->text(), *index);
  if (is_identifier(name)) return fmt::format("{}.{}", outer->text(), name);
  return fmt::format("{}[{}]", outer->text(), quote(name));
}

}  // namespace wardlock::cedar
