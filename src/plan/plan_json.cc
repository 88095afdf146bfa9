#include "plan/plan_json.h"

#include <string>
#include <utility>
#include <vector>

#include "cedar/ast/policy_text.h"
#include "cedar/json/value_json.h"

namespace wardlock::plan {
namespace {

using boost::json::array;
using boost::json::object;
using cedar::Expr;
using cedar::Knowledge;
using codec::Json;

Json text(std::string_view text) { return boost::json::string(text.data(), text.size()); }

std::string_view name_of(cedar::UnaryOp op) {
  switch (op) {
    case cedar::UnaryOp::kNot: return "not";
    case cedar::UnaryOp::kNegate: return "negate";
    case cedar::UnaryOp::kIsEmpty: break;
  }
  return "isEmpty";
}

std::string_view name_of(cedar::BinaryOp op) {
  using cedar::BinaryOp;
  switch (op) {
    case BinaryOp::kEqual: return "==";
    case BinaryOp::kNotEqual: return "!=";
    case BinaryOp::kLess: return "<";
    case BinaryOp::kLessEqual: return "<=";
    case BinaryOp::kGreater: return ">";
    case BinaryOp::kGreaterEqual: return ">=";
    case BinaryOp::kIn: return "in";
    case BinaryOp::kAdd: return "+";
    case BinaryOp::kSubtract: return "-";
    case BinaryOp::kMultiply: return "*";
    case BinaryOp::kContains: return "contains";
    case BinaryOp::kContainsAll: return "containsAll";
    case BinaryOp::kContainsAny: return "containsAny";
    case BinaryOp::kGetTag: return "getTag";
    case BinaryOp::kHasTag: break;
  }
  return "hasTag";
}

std::string_view name_of(cedar::Variable variable) {
  switch (variable) {
    case cedar::Variable::kPrincipal: return "principal";
    case cedar::Variable::kAction: return "action";
    case cedar::Variable::kResource: return "resource";
    case cedar::Variable::kContext: break;
  }
  return "context";
}

/// The type for programs: `User`, `long`, `set of User`.
std::string name_of(const cedar::Type& type) {
  if (type.kind == cedar::Kind::kEntity) return std::string(type.entity_type);
  if (type.kind != cedar::Kind::kSet || type.element == nullptr) {
    return std::string(to_string(type.kind));
  }
  return "set of " + name_of(*type.element);
}

/// What tells an expression from others, without its type and its arguments.
struct Head {
  object operator()(const cedar::Literal& e) const {
    auto value = cedar::value_to_json(e.value);
    return {{"value", value ? *std::move(value) : text(to_text(e.value))}};
  }
  object operator()(cedar::Variable e) const { return {{"variable", name_of(e)}}; }
  object operator()(const cedar::UnaryExpr& e) const { return {{"operator", name_of(e.op)}}; }
  object operator()(const cedar::BinaryExpr& e) const { return {{"operator", name_of(e.op)}}; }
  object operator()(const cedar::AndExpr&) const { return {{"operator", "and"}}; }
  object operator()(const cedar::OrExpr&) const { return {{"operator", "or"}}; }
  object operator()(const cedar::IfExpr&) const { return {{"operator", "if"}}; }
  object operator()(const cedar::GetAttr& e) const { return {{"attribute", text(e.name)}}; }
  object operator()(const cedar::HasAttr& e) const {
    array path;
    for (const std::string_view name : e.path) path.push_back(text(name));
    return {{"operator", "has"}, {"path", std::move(path)}};
  }
  object operator()(const cedar::LikeExpr& e) const {
    array segments;
    for (const std::string_view segment : e.segments) segments.push_back(text(segment));
    return {{"operator", "like"}, {"segments", std::move(segments)}};
  }
  object operator()(const cedar::IsExpr& e) const {
    return {{"operator", "is"}, {"entity_type", text(e.type)}};
  }
  object operator()(const cedar::SetExpr&) const { return {{"operator", "set"}}; }
  object operator()(const cedar::RecordExpr& e) const {
    array names;
    for (const cedar::RecordEntry& entry : e.entries) names.push_back(text(entry.name));
    return {{"operator", "record"}, {"names", std::move(names)}};
  }
  object operator()(const cedar::ExtensionCall& e) const {
    return {{"operator", to_string(e.function)}};
  }
};

class PlanWriter {
 public:
  PlanWriter(const cedar::PartialEvaluator& evaluator, Arena& arena)
      : evaluator_(evaluator), arena_(arena) {}

  Result<Json> condition(const Condition& condition) {
    switch (condition.kind) {
      case Condition::Kind::kNever: return false;
      case Condition::Kind::kAlways: return true;
      case Condition::Kind::kTest: return test(condition);
      case Condition::Kind::kAll:
      case Condition::Kind::kAny: break;
    }
    array parts;
    for (const Condition& part : condition.parts) parts.push_back(TRY(this->condition(part)));
    return Json{{condition.kind == Condition::Kind::kAll ? "all" : "any", std::move(parts)}};
  }

  Result<object> path(const Path& path) {
    Json all = TRY(condition(path.condition));
    object out{{"condition", std::move(all)}};
    array owed;
    for (const Owed& each : path.obligations) {
      Json where = TRY(condition(each.condition));
      owed.push_back(
          object{{"obligation", text(each.obligation)}, {"condition", std::move(where)}});
    }
    if (!owed.empty()) out["obligations"] = std::move(owed);
    return out;
  }

 private:
  Result<Json> test(const Condition& test) {
    array is;
    if (test.is.has(Outcome::kTrue)) is.emplace_back("true");
    if (test.is.has(Outcome::kFalse)) is.emplace_back("false");
    if (test.is.has(Outcome::kError)) is.emplace_back("error");
    Knowledge knowledge;
    const std::string text = TRY(to_text(*cedar::spell_out(*test.expression, arena_)));
    object out{{"is", std::move(is)},
               {"can_err", test.can_err},
               {"text", text},
               {"expression", expression(*test.expression, knowledge)}};
    if (test.policy != nullptr) out["policy"] = test.policy->id;
    return out;
  }

  /// With the type of each part, as far as the schema tells it.
  object expression(const Expr& expr, Knowledge& knowledge) {
    array arguments;
    std::vector<Knowledge> children;
    for_each_child(expr.node, [&](const Expr& child) {
      arguments.push_back(expression(child, children.emplace_back()));
    });
    knowledge = evaluator_.typing().of(expr.node, children);
    if (const auto* variable = std::get_if<cedar::Variable>(&expr.node)) {
      knowledge = {evaluator_.type_of(*variable), true};
    }
    object out = std::visit(Head{}, expr.node);
    if (knowledge.type != nullptr) out["type"] = name_of(*knowledge.type);
    if (!arguments.empty()) out["arguments"] = std::move(arguments);
    return out;
  }

  const cedar::PartialEvaluator& evaluator_;
  Arena& arena_;
};

Json parameter(const cedar::Value& value) {
  if (value.is(cedar::Kind::kBool)) return value.as_bool();
  if (value.is(cedar::Kind::kLong)) return value.as_long();
  return text(value.as_string());
}

}  // namespace

Result<Json> to_json(const QueryPlan& plan, const cedar::PartialEvaluator& evaluator,
                     Arena& arena) {
  PlanWriter writer(evaluator, arena);
  object out{{"kind", to_string(plan.kind())}};
  object strict = TRY(writer.path(plan.strict));
  for (auto& [key, value] : strict) out[key] = std::move(value);
  if (plan.grant != nullptr) {
    object under_override = TRY(writer.path(plan.under_override));
    under_override["grant"] = plan.grant->id;
    out["under_override"] = std::move(under_override);
  }
  return out;
}

Json to_json(const SqlStatement& statement, SqlDialect dialect) {
  array parameters, columns;
  columns.push_back(object{{"name", "id"}});
  for (const cedar::Value& value : statement.parameters) parameters.push_back(parameter(value));
  for (const auto& [name, obligation] : statement.obligations) {
    columns.push_back(object{{"name", name}, {"obligation", obligation}});
  }
  if (statement.tells_override) columns.push_back(object{{"name", "under_override"}});
  return {{"dialect", to_string(dialect)},
          {"statement", statement.text},
          {"parameters", std::move(parameters)},
          {"columns", std::move(columns)}};
}

}  // namespace wardlock::plan
