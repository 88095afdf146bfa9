// What a policy's `Value` holds: JSON data with `__entity` and `__extn` escapes, read as the
// expression that builds it.

#include <fmt/format.h>

#include "cedar/ast/names.h"
#include "cedar/json/escapes.h"
#include "cedar/json/expr_reader.h"

namespace wardlock::cedar {

Result<std::string_view> read_type_name(std::string_view name, const JsonPath& path, Arena& arena) {
  if (is_name(name)) return arena.copy(name);
  return path.invalid(fmt::format(
      "`{}` is not the name of an entity type; write identifiers joined by `::`", name));
}

Result<const EntityUid*> read_uid(const codec::Json& json, const JsonPath& path, Arena& arena) {
  const auto* object = json.if_object();
  const codec::Json* inner = object == nullptr ? nullptr : object->if_contains("__entity");
  const auto uid = as_type_and_id(inner == nullptr ? &json : inner);
  if (!uid) return path.invalid(R"(expected an entity, `{"type": "…", "id": "…"}`)");
  return make_uid(arena, TRY(read_type_name(uid->type, path, arena)), uid->id);
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
  if (as_type_and_id(only_member(object, "__entity"))) {
    return make_expr(arena_, Literal{Value::entity(TRY(read_uid(json, path, arena_)))});
  }
  if (const auto call = as_call(only_member(object, "__extn"))) {
    return read_value_call(*call, JsonPath(path, "__extn"), depth);
  }
  if (is_expr_escape(object)) {
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

Result<const Expr*> ExprReader::read_value_call(const CallEscape& call, const JsonPath& path,
                                                Depth depth) {
  const auto function = find_extension_function(call.function);
  if (!function) {
    return JsonPath(path, "fn").invalid(fmt::format("unknown function `{}`", call.function));
  }
  TRY_VOID(check_count(call.arguments.size(), path));
  const JsonPath list(path, call.is_list ? "args" : "arg");
  Operands arguments;
  for (const codec::Json* argument : call.arguments) {
    const JsonPath member(list, arguments.size());
    arguments.push_back(TRY(read_value(*argument, call.is_list ? member : list, depth + 1)));
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
