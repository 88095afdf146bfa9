#include "pdp/entity_name.h"

#include <array>

namespace wardlock::pdp {

using cedar::Kind;
using cedar::Value;

std::optional<cedar::EntityUid> named_entity(const Value* value) {
  if (value == nullptr || !value->is(Kind::kRecord)) return std::nullopt;
  const Value* type = find_field(value->as_record(), "type");
  const Value* id = find_field(value->as_record(), "id");
  const auto is_text = [](const Value* text) {
    return text != nullptr && text->is(Kind::kString) && !text->as_string().empty();
  };
  if (!is_text(type) || !is_text(id)) return std::nullopt;
  return cedar::EntityUid{type->as_string(), id->as_string(),
                          cedar::hash_uid(type->as_string(), id->as_string())};
}

Value sample_name(Arena& arena) {
  std::array<cedar::Field, 2> fields = {{{"id", Value::string("")}, {"type", Value::string("")}}};
  return cedar::make_record(arena, fields);
}

}  // namespace wardlock::pdp
