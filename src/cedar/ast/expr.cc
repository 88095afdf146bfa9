#include "cedar/ast/expr.h"

#include <algorithm>

namespace wardlock::cedar {

const Expr* make_expr(Arena& arena, Expr::Node node, Span span) {
  std::uint32_t depth = 0;
  for_each_child(node, [&](const Expr& child) { depth = std::max(depth, child.depth); });
  return arena.make<Expr>(node, span, depth + 1);
}

}  // namespace wardlock::cedar
