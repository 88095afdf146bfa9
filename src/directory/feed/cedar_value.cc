#include "directory/feed/cedar_value.h"

#include <vector>

#include "cedar/extension/extension.h"
#include "directory/model/moment.h"

namespace wardlock::directory {
namespace {

using CedarKind = cedar::Kind;
using cedar::Value;

template <typename T>
std::optional<Value> made(std::optional<T> read, Value (*make)(T)) {
  if (!read) return std::nullopt;
  return make(*read);
}

std::optional<Value> from_text(std::string_view text, const cedar::Type& type, Arena& arena) {
  switch (type.kind) {
    case CedarKind::kString: return Value::string(arena.copy(text));
    case CedarKind::kDatetime:
      if (const auto time = parse_time(text)) return Value::datetime(*time);
      return made(cedar::parse_datetime(text), &Value::datetime);
    case CedarKind::kDuration: return made(cedar::parse_duration(text), &Value::duration);
    case CedarKind::kDecimal: return made(cedar::parse_decimal(text), &Value::decimal);
    case CedarKind::kIp: {
      const auto address = cedar::parse_ip(text);
      if (!address) return std::nullopt;
      return Value::ip(arena.make<cedar::IpAddress>(*address));
    }
    default: return std::nullopt;
  }
}

std::optional<Value> from_list(const boost::json::array& list, const cedar::Type& type,
                               Arena& arena) {
  if (type.kind != CedarKind::kSet || type.element == nullptr) return std::nullopt;
  std::vector<Value> members;
  for (const codec::Json& item : list) {
    const auto member = to_value(item, *type.element, arena);
    if (!member) return std::nullopt;
    members.push_back(*member);
  }
  return cedar::make_set(arena, members);
}

std::optional<Value> from_object(const boost::json::object& object, const cedar::Type& type,
                                 Arena& arena) {
  if (type.kind != CedarKind::kRecord) return std::nullopt;
  std::vector<cedar::Field> fields;
  for (const cedar::Attribute& declared : type.attributes) {
    const codec::Json* json = object.if_contains(declared.name);
    if (json == nullptr) continue;  // whether it must be there is checked later
    const auto value = to_value(*json, *declared.type, arena);
    if (!value) return std::nullopt;
    fields.push_back({declared.name, *value});
  }
  return cedar::make_record(arena, fields);
}

}  // namespace

std::optional<Value> to_value(const codec::Json& json, const cedar::Type& type, Arena& arena) {
  if (const auto* text = json.if_string()) return from_text(*text, type, arena);
  if (const auto* list = json.if_array()) return from_list(*list, type, arena);
  if (const auto* object = json.if_object()) return from_object(*object, type, arena);
  if (json.is_bool() && type.kind == CedarKind::kBool) return Value::boolean(json.get_bool());
  if (json.is_number() && type.kind == CedarKind::kLong) {
    boost::system::error_code failed;
    const auto number = json.to_number<std::int64_t>(failed);
    if (!failed) return Value::integer(number);
  }
  return std::nullopt;
}

}  // namespace wardlock::directory
