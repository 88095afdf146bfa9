#include "cedar/json/expr_writer.h"

#include <fmt/format.h>

#include <initializer_list>
#include <utility>

#include "cedar/json/operators.h"
#include "cedar/json/policy_json.h"

namespace wardlock::cedar {
namespace {

using boost::json::array;
using boost::json::object;
using codec::Json;

/// Moves into place, which a literal of Boost.JSON would not: the trees are deep.
struct Member {
  std::string_view key;
  Json value;
};
template <typename... Members>
Json make_object(Members... members) {
  object out;
  out.reserve(sizeof...(members));
  (out.emplace(to_json_view(members.key), std::move(members.value)), ...);
  return out;
}

/// `{"key": body}`.
Json operation(std::string_view key, Json body) {
  return make_object(Member{key, std::move(body)});
}

Json text(std::string_view text) { return boost::json::string(to_json_view(text)); }

Json write_literal(const Value& value) {
  switch (value.kind()) {
    case Kind::kBool: return value.as_bool();
    case Kind::kLong: return value.as_long();
    case Kind::kString: return text(value.as_string());
    default: return operation("__entity", write_uid(value.as_entity()));
  }
}

/// Each character of a pattern stands alone.
array write_pattern(std::span<const std::string_view> segments) {
  array out;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (i > 0) out.emplace_back("Wildcard");
    for (std::size_t begin = 0; begin < segments[i].size();) {
      std::size_t end = begin + 1;
      while (end < segments[i].size() && (segments[i][end] & 0xC0) == 0x80) ++end;
      out.push_back(operation("Literal", text(segments[i].substr(begin, end - begin))));
      begin = end;
    }
  }
  return out;
}

Json write_path(std::span<const std::string_view> path) {
  if (path.size() == 1) return text(path.front());
  array out;
  for (const std::string_view name : path) out.push_back(text(name));
  return out;
}

/// Writes one expression; its operands stand two levels deeper, inside an operation and its body.
class ExprWriter {
 public:
  explicit ExprWriter(std::size_t level) : level_(level) {}

  Result<Json> operator()(const Literal& e) { return operation("Value", write_literal(e.value)); }
  Result<Json> operator()(Variable variable) { return operation("Var", text(json_name(variable))); }
  Result<Json> operator()(const UnaryExpr& e) {
    return operation(json_key(e.op), make_object(Member{"arg", TRY(write(e.argument))}));
  }
  Result<Json> operator()(const BinaryExpr& e) {
    Json left = TRY(write(e.left));
    Json right = TRY(write(e.right));
    return operation(json_key(e.op), make_object(Member{"left", std::move(left)},
                                                 Member{"right", std::move(right)}));
  }
  Result<Json> operator()(const AndExpr& e) { return write_chain("&&", e.operands); }
  Result<Json> operator()(const OrExpr& e) { return write_chain("||", e.operands); }
  Result<Json> operator()(const IfExpr& e) {
    Json condition = TRY(write(e.condition));
    Json then_branch = TRY(write(e.then_branch));
    Json else_branch = TRY(write(e.else_branch));
    return operation("if-then-else", make_object(Member{"if", std::move(condition)},
                                                 Member{"then", std::move(then_branch)},
                                                 Member{"else", std::move(else_branch)}));
  }
  Result<Json> operator()(const GetAttr& e) {
    return on_target(".", e.target, "attr", text(e.name));
  }
  Result<Json> operator()(const HasAttr& e) {
    return on_target("has", e.target, "attr", write_path(e.path));
  }
  Result<Json> operator()(const LikeExpr& e) {
    return on_target("like", e.target, "pattern", write_pattern(e.segments));
  }
  Result<Json> operator()(const IsExpr& e) {
    Json target = TRY(write(e.target));
    Json body = make_object(Member{"left", std::move(target)}, Member{"entity_type", text(e.type)});
    if (e.in != nullptr) body.get_object().emplace("in", TRY(write(e.in)));
    return operation("is", std::move(body));
  }
  Result<Json> operator()(const SetExpr& e) { return operation("Set", TRY(write_list(e.members))); }
  Result<Json> operator()(const RecordExpr& e) {
    object out;
    out.reserve(e.entries.size());
    for (const RecordEntry& entry : e.entries) {
      out.emplace(to_json_view(entry.name), TRY(write(entry.value)));
    }
    return operation("Record", std::move(out));
  }
  Result<Json> operator()(const ExtensionCall& e) {
    return operation(to_string(e.function), TRY(write_list(e.arguments)));
  }

 private:
  Result<Json> write(const Expr* expression) { return write_expression(*expression, level_ + 2); }

  /// What is asked of a target: `{"has": {"left": …, "attr": …}}`.
  Result<Json> on_target(std::string_view key, const Expr* target, std::string_view of, Json what) {
    Json left = TRY(write(target));
    return operation(key,
                     make_object(Member{"left", std::move(left)}, Member{of, std::move(what)}));
  }

  Result<Json> write_list(std::span<const Expr* const> expressions) {
    array out;
    out.reserve(expressions.size());
    for (const Expr* expression : expressions) out.push_back(TRY(write(expression)));
    return out;
  }

  /// Nests to the left: the first operand is the deepest.
  Result<Json> write_chain(std::string_view key, std::span<const Expr* const> operands) {
    std::size_t level = level_ + 2 * (operands.size() - 1);
    Json left = TRY(write_expression(*operands.front(), level));
    for (const Expr* right : operands.subspan(1)) {
      Json written = TRY(write_expression(*right, level));
      left = operation(
          key, make_object(Member{"left", std::move(left)}, Member{"right", std::move(written)}));
      level -= 2;
    }
    return left;
  }

  std::size_t level_;
};

}  // namespace

Json write_uid(const EntityUid& uid) {
  return make_object(Member{"type", text(uid.type)}, Member{"id", text(uid.id)});
}

Result<Json> write_expression(const Expr& expression, std::size_t level) {
  constexpr std::size_t kLevelsOfALeaf = 4;  // `{"Value": {"__entity": {"type": …}}}`
  if (level + kLevelsOfALeaf > kPolicyJsonLimits.max_depth) {
    return fail(ErrorCode::kOutOfRange,
                fmt::format("the policy would nest more than {} deep in JSON; split its longest "
                            "chain of `&&` or `||`",
                            kPolicyJsonLimits.max_depth));
  }
  return std::visit(ExprWriter(level), expression.node);
}

}  // namespace wardlock::cedar
