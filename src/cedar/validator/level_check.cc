#include "cedar/validator/level_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace wardlock::cedar {
namespace {

class LevelChecker {
 public:
  explicit LevelChecker(const LevelSetting& setting) : setting_(setting) {}

  /// What is never evaluated has no type, and no level.
  void check(const Expr& expr) {
    setting_.steps.spend(1);
    if (setting_.steps.are_used_up() || type_of(expr) == nullptr) return;
    if (const auto* binary = std::get_if<BinaryExpr>(&expr.node))
      return check_binary(expr, *binary);
    if (const auto* get = std::get_if<GetAttr>(&expr.node)) return check_get(expr, *get->target);
    if (const auto* has = std::get_if<HasAttr>(&expr.node)) return check_has(expr, *has);
    if (const auto* is = std::get_if<IsExpr>(&expr.node)) return check_is(expr, *is);
    for_each_child(expr.node, [&](const Expr& child) { check(child); });
  }

  void check_scope(const Template& policy) {
    if (setting_.max_level > 0) return;
    const auto goes_up = [](const ScopeConstraint& scope) {
      return scope.op == ScopeConstraint::Op::kIn || scope.op == ScopeConstraint::Op::kIsIn;
    };
    if (goes_up(policy.principal)) report(policy.principal.span, &policy.principal, 1);
    if (policy.action.op == ActionConstraint::Op::kIn) {
      report(policy.action.span, &policy.action, 1);
    }
    if (goes_up(policy.resource)) report(policy.resource.span, &policy.resource, 1);
  }

 private:
  /// The attributes that will be taken of a record, the next one last.
  using Path = std::vector<std::string_view>;

  const InferredType* type_of(const Expr& expr) const {
    const auto it = setting_.types.find(&expr);
    return it == setting_.types.end() ? nullptr : it->second;
  }
  bool is_entity(const Expr& expr) const {
    const InferredType* type = type_of(expr);
    return type != nullptr && type->is(Kind::kEntity);
  }

  void check_binary(const Expr& at, const BinaryExpr& e) {
    const bool goes_into_entity =
        e.op == BinaryOp::kIn || e.op == BinaryOp::kHasTag || e.op == BinaryOp::kGetTag;
    if (goes_into_entity) {
      enter(at, *e.left);
    } else {
      check(*e.left);
    }
    check(*e.right);
  }

  void check_get(const Expr& at, const Expr& target) {
    is_entity(target) ? enter(at, target) : check(target);
  }

  /// `x is T in y` looks into `x` only where it is evaluated that far.
  void check_is(const Expr& at, const IsExpr& e) {
    check(*e.target);
    if (e.in == nullptr || type_of(*e.in) == nullptr) return;
    enter(at, *e.target);
    check(*e.in);
  }

  /// One step for each entity on the path, the last name apart: whether it is there is known where
  /// the one before it is.
  void check_has(const Expr& at, const HasAttr& e) {
    if (e.path.size() == 1) return check_get(at, *e.target);
    const InferredType* type = type_of(*e.target);
    if (type == nullptr) return;
    const bool is_record = type->is(Kind::kRecord);
    std::uint32_t cost = is_record ? 0 : 1;
    Path to_entity;  // from a record to the first entity
    bool finds_entity = !is_record;
    for (const std::string_view name : e.path.first(e.path.size() - 1)) {
      const auto attribute = setting_.pool.find_attribute(*type, name);
      if (!attribute) break;
      type = attribute->type;
      if (!finds_entity) to_entity.insert(to_entity.begin(), name);
      if (!type->is(Kind::kEntity)) continue;
      ++cost;
      finds_entity = true;
    }
    if (cost > setting_.max_level) return report(at.span, &at, cost);
    if (is_record) check(*e.target);
    if (!finds_entity) return;
    const std::uint32_t level = level_of(*e.target, to_entity);
    if (level + cost > setting_.max_level) report(at.span, &at, level + cost);
  }

  void enter(const Expr& at, const Expr& entity) {
    const std::uint32_t level = level_of(entity, {});
    if (level >= setting_.max_level) report(at.span, &at, level + 1);
  }

  /// How many entities were gone through to get the entity that `expr` is, or that is found in it
  /// along `path`.
  std::uint32_t level_of(const Expr& expr, Path path) {
    setting_.steps.spend(1 + path.size());
    if (setting_.steps.are_used_up()) return 0;
    if (const auto* get = std::get_if<GetAttr>(&expr.node)) {
      if (is_entity(*get->target)) return level_of(*get->target, std::move(path)) + 1;
      path.push_back(get->name);
      return level_of(*get->target, std::move(path));
    }
    if (const auto* e = std::get_if<IfExpr>(&expr.node)) {
      check(*e->condition);
      std::uint32_t level = 0;
      for (const Expr* branch : {e->then_branch, e->else_branch}) {
        if (type_of(*branch) != nullptr) level = std::max(level, level_of(*branch, path));
      }
      return level;
    }
    if (const auto* tag = std::get_if<BinaryExpr>(&expr.node);
        tag && tag->op == BinaryOp::kGetTag) {
      check(*tag->right);
      return level_of(*tag->left, std::move(path)) + 1;
    }
    if (const auto* record = std::get_if<RecordExpr>(&expr.node)) {
      return level_in_record(*record, std::move(path));
    }
    if (const auto* literal = std::get_if<Literal>(&expr.node)) report_literal(expr, *literal);
    return 0;
  }

  std::uint32_t level_in_record(const RecordExpr& record, Path path) {
    if (path.empty()) return 0;
    const std::string_view name = path.back();
    path.pop_back();
    const Expr* found = nullptr;
    for (const RecordEntry& entry : record.entries) {
      entry.name == name ? void(found = entry.value) : check(*entry.value);
    }
    return found == nullptr ? 0 : level_of(*found, std::move(path));
  }

  void report(Span span, const void* place, std::uint32_t level) {
    setting_.findings.error(
        span, place, ValidationCode::kLevelExceeded,
        fmt::format("this needs entities up to level {}; level {} is allowed", level,
                    setting_.max_level),
        "let an attribute nearer to the request hold what is needed, or allow a higher level");
  }

  void report_literal(const Expr& at, const Literal& literal) {
    if (!literal.value.is(Kind::kEntity)) return;
    if (literal.value.as_entity() == *setting_.environment.action->uid) return;
    setting_.findings.error(
        at.span, &at, ValidationCode::kLiteralDereferenced,
        fmt::format("`{}` is looked into, though the request does not lead to it",
                    to_text(literal.value.as_entity())),
        "with levels, only what is reached from the request can be looked into");
  }

  const LevelSetting& setting_;
};

}  // namespace

void check_level(const Template& policy, const LevelSetting& setting) {
  LevelChecker checker(setting);
  checker.check_scope(policy);
  for (const Condition& condition : policy.conditions) checker.check(*condition.body);
}

}  // namespace wardlock::cedar
