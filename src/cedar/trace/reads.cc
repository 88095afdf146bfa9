#include "cedar/trace/reads.h"

namespace wardlock::cedar {
namespace {

/// Walks in the order of evaluation and ends where evaluation ends.
class ReadWalk {
 public:
  ReadWalk(Evaluator& evaluator, const EntityView& entities, std::vector<Read>& reads)
      : evaluator_(evaluator), entities_(entities), reads_(reads) {}

  /// The expression's value, or nothing where it errs.
  std::optional<Value> walk(const Expr& expr, bool is_outermost = true) {
    std::visit([&](const auto& node) { visit(expr, node, is_outermost); }, expr.node);
    const auto value = evaluator_.evaluate(expr);
    return value ? std::optional(*value) : std::nullopt;
  }

 private:
  void visit(const Expr&, const Literal&, bool) {}

  void visit(const Expr& expr, Variable, bool is_outermost) {
    add({.kind = Read::Kind::kVariable, .expr = &expr, .is_outermost = is_outermost});
  }

  void visit(const Expr&, const UnaryExpr& e, bool) { walk(*e.argument); }

  void visit(const Expr& expr, const BinaryExpr& e, bool is_outermost) {
    const bool is_tag = e.op == BinaryOp::kGetTag || e.op == BinaryOp::kHasTag;
    const auto left = walk(*e.left, !is_tag);
    if (!left) return;
    const auto right = walk(*e.right);
    if (!right) return;
    if (is_tag && right->is(Kind::kString)) {
      add({.kind = Read::Kind::kTag,
           .expr = &expr,
           .target = left,
           .name = right->as_string(),
           .is_outermost = is_outermost});
    } else if (e.op == BinaryOp::kIn) {
      add({.kind = Read::Kind::kHierarchy, .expr = &expr, .target = left, .group = right});
    }
  }

  void visit(const Expr&, const AndExpr& e, bool) { chain(e.operands, true); }
  void visit(const Expr&, const OrExpr& e, bool) { chain(e.operands, false); }

  void visit(const Expr&, const IfExpr& e, bool) {
    const auto condition = walk(*e.condition);
    if (!condition || !condition->is(Kind::kBool)) return;
    walk(condition->as_bool() ? *e.then_branch : *e.else_branch);
  }

  void visit(const Expr& expr, const GetAttr& e, bool is_outermost) {
    const auto target = walk(*e.target, false);
    if (!target) return;
    add({.kind = Read::Kind::kAttribute,
         .expr = &expr,
         .target = target,
         .name = e.name,
         .is_outermost = is_outermost});
  }

  void visit(const Expr& expr, const HasAttr& e, bool) {
    std::optional<Value> target = walk(*e.target, false);
    for (const std::string_view name : e.path) {
      if (!target) return;
      add({.kind = Read::Kind::kAttribute, .expr = &expr, .target = target, .name = name});
      target = attribute(*target, name);
    }
  }

  std::optional<Value> attribute(const Value& target, std::string_view name) const {
    const Value* found = nullptr;
    if (target.is(Kind::kRecord)) {
      found = find_field(target.as_record(), name);
    } else if (target.is(Kind::kEntity)) {
      const Entity* entity = entities_.find(target.as_entity());
      if (entity != nullptr) found = find_field(entity->attributes(), name);
    }
    return found == nullptr ? std::nullopt : std::optional(*found);
  }

  void visit(const Expr&, const LikeExpr& e, bool) { walk(*e.target); }

  void visit(const Expr& expr, const IsExpr& e, bool) {
    const auto target = walk(*e.target);
    if (!target || e.in == nullptr) return;
    if (!target->is(Kind::kEntity) || target->as_entity().type != e.type) return;
    if (const auto group = walk(*e.in)) {
      add({.kind = Read::Kind::kHierarchy, .expr = &expr, .target = target, .group = group});
    }
  }

  void visit(const Expr&, const SetExpr& e, bool) { all(e.members); }
  void visit(const Expr&, const ExtensionCall& e, bool) { all(e.arguments); }
  void visit(const Expr&, const RecordExpr& e, bool) {
    for (const RecordEntry& entry : e.entries) {
      if (!walk(*entry.value)) return;
    }
  }

  void all(std::span<const Expr* const> children) {
    for (const Expr* child : children) {
      if (!walk(*child)) return;
    }
  }

  void chain(std::span<const Expr* const> operands, bool goes_on_while) {
    for (const Expr* operand : operands) {
      const auto value = walk(*operand);
      if (!value || !value->is(Kind::kBool) || value->as_bool() != goes_on_while) return;
    }
  }

  void add(Read read) {
    const auto value = evaluator_.evaluate(*read.expr);
    if (value) read.value = *value;
    reads_.push_back(read);
  }

  Evaluator& evaluator_;
  const EntityView& entities_;
  std::vector<Read>& reads_;
};

}  // namespace

std::vector<Read> reads_of(const Expr& expr, Evaluator& evaluator, const EntityView& entities) {
  std::vector<Read> reads;
  ReadWalk(evaluator, entities, reads).walk(expr);
  return reads;
}

}  // namespace wardlock::cedar
