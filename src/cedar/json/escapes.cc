#include "cedar/json/escapes.h"

#include "cedar/json/fields.h"

namespace wardlock::cedar {
namespace {

const boost::json::string* find_string(const boost::json::object& object, std::string_view key) {
  const codec::Json* member = object.if_contains(key);
  return member == nullptr ? nullptr : member->if_string();
}

const boost::json::object* as_object(const codec::Json* json) {
  return json == nullptr ? nullptr : json->if_object();
}

}  // namespace

const codec::Json* only_member(const boost::json::object& object, std::string_view key) {
  return object.size() == 1 ? object.if_contains(key) : nullptr;
}

std::optional<TypeAndId> as_type_and_id(const codec::Json* json) {
  const boost::json::object* object = as_object(json);
  if (object == nullptr) return std::nullopt;
  const auto* type = find_string(*object, "type");
  const auto* id = find_string(*object, "id");
  if (type == nullptr || id == nullptr) return std::nullopt;
  return TypeAndId{view(*type), view(*id)};
}

std::optional<CallEscape> as_call(const codec::Json* json) {
  const boost::json::object* object = as_object(json);
  const auto* function = object == nullptr ? nullptr : find_string(*object, "fn");
  if (function == nullptr) return std::nullopt;
  CallEscape call{view(*function), {}, false};
  if (const codec::Json* argument = object->if_contains("arg")) {
    call.arguments.push_back(argument);
    return call;
  }
  const codec::Json* arguments = object->if_contains("args");
  if (arguments == nullptr || !arguments->is_array()) return std::nullopt;
  call.is_list = true;
  for (const codec::Json& argument : arguments->get_array()) call.arguments.push_back(&argument);
  return call;
}

bool is_expr_escape(const boost::json::object& object) {
  const codec::Json* text = only_member(object, "__expr");
  return text != nullptr && text->is_string();
}

}  // namespace wardlock::cedar
