#include "directory/feed/known_by.h"

#include <fmt/format.h>

#include "base/utf8.h"
#include "directory/model/schema.h"

namespace wardlock::directory {

Result<void> add_known_by(KnownBy& known_by, std::string_view kind, std::string_view attribute) {
  const auto found = find_kind(kind);
  if (!found) return invalid(fmt::format("there is no kind `{}` of things", printable(kind)));
  const Schema& schema = schema_of(*found);
  if (!schema.cedar_id.empty()) {
    return invalid(fmt::format("policies know {} by their `{}`, and by nothing else", schema.plural,
                               schema.cedar_id));
  }
  const Attribute* wanted = find_attribute(schema.attributes, attribute);
  if (wanted == nullptr) {
    return invalid(fmt::format("{} have no attribute `{}`", schema.plural, printable(attribute)));
  }
  if (!wanted->is_unique || wanted->is_list) {
    return invalid(fmt::format("two {} may have the same `{}`: choose an attribute that is unique",
                               schema.plural, attribute));
  }
  known_by[*found] = attribute;
  return {};
}

}  // namespace wardlock::directory
