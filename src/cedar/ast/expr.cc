#include "cedar/ast/expr.h"

#include <algorithm>

namespace wardlock::cedar {
namespace {

std::uint32_t deepest(std::span<const Expr* const> children) {
  std::uint32_t depth = 0;
  for (const Expr* child : children) depth = std::max(depth, child->depth);
  return depth;
}

/// The depth of the deepest child; 0 for a leaf.
struct ChildDepth {
  std::uint32_t operator()(const Literal&) const { return 0; }
  std::uint32_t operator()(Variable) const { return 0; }
  std::uint32_t operator()(const UnaryExpr& e) const { return e.argument->depth; }
  std::uint32_t operator()(const BinaryExpr& e) const {
    return std::max(e.left->depth, e.right->depth);
  }
  std::uint32_t operator()(const AndExpr& e) const { return deepest(e.operands); }
  std::uint32_t operator()(const OrExpr& e) const { return deepest(e.operands); }
  std::uint32_t operator()(const IfExpr& e) const {
    return std::max({e.condition->depth, e.then_branch->depth, e.else_branch->depth});
  }
  std::uint32_t operator()(const GetAttr& e) const { return e.target->depth; }
  std::uint32_t operator()(const HasAttr& e) const { return e.target->depth; }
  std::uint32_t operator()(const LikeExpr& e) const { return e.target->depth; }
  std::uint32_t operator()(const IsExpr& e) const {
    return std::max(e.target->depth, e.in == nullptr ? 0 : e.in->depth);
  }
  std::uint32_t operator()(const SetExpr& e) const { return deepest(e.members); }
  std::uint32_t operator()(const RecordExpr& e) const {
    std::uint32_t depth = 0;
    for (const RecordEntry& entry : e.entries) depth = std::max(depth, entry.value->depth);
    return depth;
  }
  std::uint32_t operator()(const ExtensionCall& e) const { return deepest(e.arguments); }
};

}  // namespace

const Expr* make_expr(Arena& arena, Expr::Node node, Span span) {
  const std::uint32_t depth = 1 + std::visit(ChildDepth{}, node);
  return arena.make<Expr>(node, span, depth);
}

}  // namespace wardlock::cedar
