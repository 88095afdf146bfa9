#include "cedar/json/expr_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>

#include "cedar/json/operators.h"

namespace wardlock::cedar {
namespace {

std::string_view key_of(const boost::json::key_value_pair& member) {
  return {member.key().data(), member.key().size()};
}

}  // namespace

/// `{"key": body}`, which is how every expression is written.
struct ExprReader::Operation {
  std::string_view key;
  const codec::Json& body;
  const JsonPath& path;  ///< of the body
};

Result<void> ExprReader::check_depth(const JsonPath& path, Depth depth) const {
  if (depth <= limits_.max_depth) return {};
  return path.invalid(
      fmt::format("expressions nest more than {} deep; split the policy", limits_.max_depth));
}

Result<void> ExprReader::check_count(std::size_t count, const JsonPath& path) const {
  if (count <= limits_.max_members) return {};
  return path.invalid(
      fmt::format("more than {} members; split the expression", limits_.max_members));
}

Result<const Expr*> ExprReader::read(const codec::Json& json, const JsonPath& path, Depth depth) {
  TRY_VOID(check_depth(path, depth));
  const auto* object = json.if_object();
  if (object == nullptr || object->size() != 1) {
    return path.invalid(fmt::format(
        "expected an expression, which is an object with one key such as `Value`, found {}",
        object == nullptr ? kind_name(json)
        : object->empty() ? "no key"
                          : "several keys"));
  }
  const std::string_view key = key_of(*object->begin());
  const JsonPath body_path(path, key);
  return read_operation({key, object->begin()->value(), body_path}, depth);
}

Result<const Expr*> ExprReader::read_operation(const Operation& operation, Depth depth) {
  const std::string_view key = operation.key;
  if (key == "Value") return read_value(operation.body, operation.path, depth);
  if (key == "Var") return read_variable(operation);
  if (const auto op = find_unary_op(key)) return read_unary(*op, operation, depth);
  if (const auto op = find_binary_op(key)) return read_binary(*op, operation, depth);
  if (key == "&&") {
    return make_expr(arena_, AndExpr{arena_.copy(TRY(read_chain(operation, depth)))});
  }
  if (key == "||") {
    return make_expr(arena_, OrExpr{arena_.copy(TRY(read_chain(operation, depth)))});
  }
  return read_other(operation, depth);
}

Result<const Expr*> ExprReader::read_other(const Operation& operation, Depth depth) {
  const std::string_view key = operation.key;
  if (key == ".") return read_get_attr(operation, depth);
  if (key == "has") return read_has(operation, depth);
  if (key == "like") return read_like(operation, depth);
  if (key == "is") return read_is(operation, depth);
  if (key == "if-then-else") return read_if(operation, depth);
  if (key == "Set") {
    return make_expr(arena_, SetExpr{arena_.copy(TRY(read_list(operation, depth)))});
  }
  if (key == "Record") return read_record(operation, depth);
  if (key == "Slot") return operation.path.invalid("slots are allowed only in the scope");
  return read_call(operation, depth);
}

Result<const Expr*> ExprReader::read_field(const Fields& fields, std::string_view name,
                                           const JsonPath& path, Depth depth) {
  const codec::Json* json = TRY(fields.get(name));
  return read(*json, JsonPath(path, name), depth + 1);
}

/// The operands of an operator nested to its left, as Cedar nests `a && b && c`. Walks down without
/// recursion: such chains may be far longer than expressions may be deep.
Result<ExprReader::Operands> ExprReader::read_chain(const Operation& operation, Depth depth) {
  struct Right {
    const codec::Json* json;
    const JsonPath* path;
  };
  std::deque<JsonPath> paths;  // a deque leaves its members where they are
  std::vector<Right> rights;
  const codec::Json* body = &operation.body;
  const JsonPath* path = &operation.path;
  const codec::Json* leftmost = nullptr;
  while (leftmost == nullptr) {
    const Fields fields = TRY(Fields::of(*body, *path));
    TRY_VOID(fields.allow_only({"left", "right"}));
    const codec::Json* left = TRY(fields.get("left"));
    rights.push_back({TRY(fields.get("right")), path});
    TRY_VOID(check_count(rights.size() + 1, *path));
    path = &paths.emplace_back(*path, "left");
    const auto* object = left->if_object();
    if (object != nullptr && object->size() == 1 && key_of(*object->begin()) == operation.key) {
      path = &paths.emplace_back(*path, operation.key);
      body = &object->begin()->value();
    } else {
      leftmost = left;
    }
  }
  Operands operands = {TRY(read(*leftmost, *path, depth + 1))};
  for (auto it = rights.rbegin(); it != rights.rend(); ++it) {
    operands.push_back(TRY(read(*it->json, JsonPath(*it->path, "right"), depth + 1)));
  }
  return operands;
}

Result<ExprReader::Operands> ExprReader::read_list(const Operation& operation, Depth depth) {
  const boost::json::array& array = *TRY(as_array(operation.body, operation.path));
  TRY_VOID(check_count(array.size(), operation.path));
  Operands operands;
  operands.reserve(array.size());
  for (std::size_t i = 0; i < array.size(); ++i) {
    operands.push_back(TRY(read(array[i], JsonPath(operation.path, i), depth + 1)));
  }
  return operands;
}

Result<const Expr*> ExprReader::read_variable(const Operation& operation) {
  const std::string_view name = TRY(as_string(operation.body, operation.path));
  if (const auto variable = find_variable(name)) return make_expr(arena_, *variable);
  return operation.path.invalid(fmt::format(
      "unknown variable `{}`; expected `principal`, `action`, `resource` or `context`", name));
}

Result<const Expr*> ExprReader::read_unary(UnaryOp op, const Operation& operation, Depth depth) {
  const Fields fields = TRY(Fields::of(operation.body, operation.path));
  TRY_VOID(fields.allow_only({"arg"}));
  return make_expr(arena_, UnaryExpr{op, TRY(read_field(fields, "arg", operation.path, depth))});
}

Result<const Expr*> ExprReader::read_binary(BinaryOp op, const Operation& operation, Depth depth) {
  const Fields fields = TRY(Fields::of(operation.body, operation.path));
  TRY_VOID(fields.allow_only({"left", "right"}));
  const Expr* left = TRY(read_field(fields, "left", operation.path, depth));
  const Expr* right = TRY(read_field(fields, "right", operation.path, depth));
  return make_expr(arena_, BinaryExpr{op, left, right});
}

Result<const Expr*> ExprReader::read_if(const Operation& operation, Depth depth) {
  const Fields fields = TRY(Fields::of(operation.body, operation.path));
  TRY_VOID(fields.allow_only({"if", "then", "else"}));
  const Expr* condition = TRY(read_field(fields, "if", operation.path, depth));
  const Expr* then_branch = TRY(read_field(fields, "then", operation.path, depth));
  const Expr* else_branch = TRY(read_field(fields, "else", operation.path, depth));
  return make_expr(arena_, IfExpr{condition, then_branch, else_branch});
}

Result<const Expr*> ExprReader::read_get_attr(const Operation& operation, Depth depth) {
  const Fields fields = TRY(Fields::of(operation.body, operation.path));
  TRY_VOID(fields.allow_only({"left", "attr"}));
  const Expr* target = TRY(read_field(fields, "left", operation.path, depth));
  return make_expr(arena_, GetAttr{target, arena_.copy(TRY(fields.get_string("attr")))});
}

/// `attr` is one name or a path of them. Further keys are ignored, as Cedar ignores them here.
Result<const Expr*> ExprReader::read_has(const Operation& operation, Depth depth) {
  const Fields fields = TRY(Fields::of(operation.body, operation.path));
  const Expr* target = TRY(read_field(fields, "left", operation.path, depth));
  const codec::Json& attr = *TRY(fields.get("attr"));
  const JsonPath attr_path(operation.path, "attr");
  std::vector<std::string_view> names;
  if (const auto* array = attr.if_array()) {
    TRY_VOID(check_count(array->size(), attr_path));
    if (array->empty()) return attr_path.invalid("the path is empty; name at least one attribute");
    for (std::size_t i = 0; i < array->size(); ++i) {
      names.push_back(arena_.copy(TRY(as_string((*array)[i], JsonPath(attr_path, i)))));
    }
  } else {
    names.push_back(arena_.copy(TRY(as_string(attr, attr_path))));
  }
  return make_expr(arena_, HasAttr{target, arena_.copy(names)});
}

Result<const Expr*> ExprReader::read_like(const Operation& operation, Depth depth) {
  const Fields fields = TRY(Fields::of(operation.body, operation.path));
  TRY_VOID(fields.allow_only({"left", "pattern"}));
  const Expr* target = TRY(read_field(fields, "left", operation.path, depth));
  const boost::json::array& pattern = *TRY(fields.get_array("pattern"));
  const JsonPath pattern_path(operation.path, "pattern");
  std::vector<std::string_view> segments;
  std::string segment;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const auto* object = pattern[i].if_object();
    const auto* name = pattern[i].if_string();
    const codec::Json* literal =
        object != nullptr && object->size() == 1 ? object->if_contains("Literal") : nullptr;
    if (name != nullptr && *name == "Wildcard") {
      segments.push_back(arena_.copy(std::string_view(segment)));
      segment.clear();
    } else if (literal != nullptr && literal->is_string()) {
      segment += view(literal->get_string());
    } else {
      return JsonPath(pattern_path, i).invalid(R"(expected `"Wildcard"` or `{"Literal": "…"}`)");
    }
    TRY_VOID(check_count(segments.size(), pattern_path));
  }
  segments.push_back(arena_.copy(std::string_view(segment)));
  return make_expr(arena_, LikeExpr{target, arena_.copy(segments)});
}

Result<const Expr*> ExprReader::read_is(const Operation& operation, Depth depth) {
  const Fields fields = TRY(Fields::of(operation.body, operation.path));
  TRY_VOID(fields.allow_only({"left", "entity_type", "in"}));
  const Expr* target = TRY(read_field(fields, "left", operation.path, depth));
  const std::string_view name = TRY(fields.get_string("entity_type"));
  const std::string_view type =
      TRY(read_type_name(name, JsonPath(operation.path, "entity_type"), arena_));
  const codec::Json* group = fields.find("in");
  const bool has_group = group != nullptr && !group->is_null();
  const Expr* in = has_group ? TRY(read_field(fields, "in", operation.path, depth)) : nullptr;
  return make_expr(arena_, IsExpr{target, type, in});
}

Result<const Expr*> ExprReader::read_record(const Operation& operation, Depth depth) {
  const Fields fields = TRY(Fields::of(operation.body, operation.path));
  TRY_VOID(check_count(fields.object().size(), operation.path));
  std::vector<RecordEntry> entries;
  entries.reserve(fields.object().size());
  for (const auto& member : fields.object()) {
    const JsonPath path(operation.path, key_of(member));
    entries.push_back({arena_.copy(key_of(member)), TRY(read(member.value(), path, depth + 1))});
  }
  return make_record_expr(std::move(entries));
}

const Expr* ExprReader::make_record_expr(std::vector<RecordEntry> entries) {
  std::ranges::sort(entries, {}, &RecordEntry::name);
  return make_expr(arena_, RecordExpr{arena_.copy(entries)});
}

/// Any number of arguments: that is checked when the call is evaluated.
Result<const Expr*> ExprReader::read_call(const Operation& operation, Depth depth) {
  const auto function = find_extension_function(operation.key);
  if (!function) {
    return operation.path.invalid(fmt::format("unknown operator or function `{}`", operation.key));
  }
  return make_expr(arena_, ExtensionCall{*function, arena_.copy(TRY(read_list(operation, depth)))});
}

}  // namespace wardlock::cedar
