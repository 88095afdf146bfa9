// What a policy's `Value` holds: JSON data with `__entity` and `__extn` escapes, read as the
// expression that builds it.

#include <fmt/format.h>

#include "cedar/ast/names.h"
#include "cedar/json/expr_reader.h"

namespace wardlock::cedar {
namespace {

/// The body of an object that has `key` and no other key; an object that has others is a record.
const codec::Json* escape(const boost::json::object& object, std::string_view key) {
  return object.size() == 1 ? object.if_contains(key) : nullptr;
}

const boost::json::string* string_member(const boost::json::object& object, std::string_view key) {
  const codec::Json* member = object.if_contains(key);
  return member == nullptr ? nullptr : member->if_string();
}

bool is_type_and_id(const codec::Json& json) {
  const auto* object = json.if_object();
  return object != nullptr && string_member(*object, "type") != nullptr &&
         string_member(*object, "id") != nullptr;
}

bool is_function_call(const codec::Json& json) {
  const auto* object = json.if_object();
  if (object == nullptr || string_member(*object, "fn") == nullptr) return false;
  const codec::Json* arguments = object->if_contains("args");
  return object->contains("arg") || (arguments != nullptr && arguments->is_array());
}

}  // namespace

Result<std::string_view> read_type_name(std::string_view name, const JsonPath& path, Arena& arena) {
  if (is_name(name)) return arena.copy(name);
  return path.invalid(fmt::format(
      "`{}` is not the name of an entity type; write identifiers joined by `::`", name));
}

Result<const EntityUid*> read_uid(const codec::Json& json, const JsonPath& path, Arena& arena) {
  const auto* object = json.if_object();
  const codec::Json* inner = object == nullptr ? nullptr : object->if_contains("__entity");
  const codec::Json& uid = inner == nullptr ? json : *inner;
  if (!is_type_and_id(uid)) {
    return path.invalid(R"(expected an entity, `{"type": "…", "id": "…"}`)");
  }
  const boost::json::object& fields = uid.get_object();
  const std::string_view type =
      TRY(read_type_name(view(*string_member(fields, "type")), path, arena));
  return make_uid(arena, type, view(*string_member(fields, "id")));
}

Result<const Expr*> ExprReader::read_value(const codec::Json& json, const JsonPath& path,
                                           Depth depth) {
  TRY_VOID(check_depth(path, depth));
  if (const auto* b = json.if_bool()) return make_expr(arena_, Literal{Value::boolean(*b)});
  if (const auto* n = json.if_int64()) return make_expr(arena_, Literal{Value::integer(*n)});
  if (const auto* text = json.if_string()) {
    return make_expr(arena_, Literal{Value::string(arena_.copy(view(*text)))});
  }
  if (const auto* array = json.if_array()) {
    return make_expr(arena_, SetExpr{arena_.copy(TRY(read_values(*array, path, depth)))});
  }
  if (json.is_object()) return read_value_object(json, path, depth);
  if (json.is_null()) return path.invalid("null is not a value in Cedar; leave the key out");
  return path.invalid("expected an integer of 64 bits, without fraction or exponent");
}

Result<const Expr*> ExprReader::read_value_object(const codec::Json& json, const JsonPath& path,
                                                  Depth depth) {
  const boost::json::object& object = json.get_object();
  const codec::Json* entity = escape(object, "__entity");
  if (entity != nullptr && is_type_and_id(*entity)) {
    return make_expr(arena_, Literal{Value::entity(TRY(read_uid(json, path, arena_)))});
  }
  const codec::Json* call = escape(object, "__extn");
  if (call != nullptr && is_function_call(*call)) {
    return read_value_call(call->get_object(), JsonPath(path, "__extn"), depth);
  }
  const codec::Json* text = escape(object, "__expr");
  if (text != nullptr && text->is_string()) {
    return path.invalid("`__expr` is no longer part of Cedar; write `__entity` or `__extn`");
  }
  TRY_VOID(check_count(object.size(), path));
  std::vector<RecordEntry> entries;
  entries.reserve(object.size());
  for (const auto& member : object) {
    const std::string_view key(member.key().data(), member.key().size());
    entries.push_back(
        {arena_.copy(key), TRY(read_value(member.value(), JsonPath(path, key), depth + 1))});
  }
  return make_record_expr(std::move(entries));
}

/// `{"fn": …, "arg": …}` or `{"fn": …, "args": […]}`; `arg` wins.
Result<const Expr*> ExprReader::read_value_call(const boost::json::object& call,
                                                const JsonPath& path, Depth depth) {
  const std::string_view name = view(*string_member(call, "fn"));
  const auto function = find_extension_function(name);
  if (!function) return JsonPath(path, "fn").invalid(fmt::format("unknown function `{}`", name));
  Operands arguments;
  if (const codec::Json* argument = call.if_contains("arg")) {
    arguments.push_back(TRY(read_value(*argument, JsonPath(path, "arg"), depth + 1)));
  } else {
    arguments = TRY(read_values(call.at("args").get_array(), JsonPath(path, "args"), depth));
  }
  return make_expr(arena_, ExtensionCall{*function, arena_.copy(arguments)});
}

Result<ExprReader::Operands> ExprReader::read_values(const boost::json::array& array,
                                                     const JsonPath& path, Depth depth) {
  TRY_VOID(check_count(array.size(), path));
  Operands members;
  members.reserve(array.size());
  for (std::size_t i = 0; i < array.size(); ++i) {
    members.push_back(TRY(read_value(array[i], JsonPath(path, i), depth + 1)));
  }
  return members;
}

}  // namespace wardlock::cedar
