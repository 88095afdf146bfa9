#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <variant>

#include "base/diagnostic.h"
#include "cedar/extension/function.h"
#include "cedar/value/value.h"

namespace wardlock::cedar {

// Expressions are immutable trees in the arena of the policy they belong to; nodes point down and
// never up. Nothing here is owned by a pointer.

struct Expr;

enum class Variable : std::uint8_t { kPrincipal, kAction, kResource, kContext };

enum class UnaryOp : std::uint8_t { kNot, kNegate, kIsEmpty };

enum class BinaryOp : std::uint8_t {
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kIn,
  kAdd,
  kSubtract,
  kMultiply,
  kContains,
  kContainsAll,
  kContainsAny,
  kGetTag,
  kHasTag,
};

/// A bool, long, string or entity uid as written in the policy.
struct Literal {
  Value value;
};

struct UnaryExpr {
  UnaryOp op;
  const Expr* argument;
};

struct BinaryExpr {
  BinaryOp op;
  const Expr* left;
  const Expr* right;
};

/// `a && b && …`, two or more operands; means the same as nesting to the left.
struct AndExpr {
  std::span<const Expr* const> operands;
};
struct OrExpr {
  std::span<const Expr* const> operands;
};

struct IfExpr {
  const Expr* condition;
  const Expr* then_branch;
  const Expr* else_branch;
};

/// `target.name` or `target["name"]`.
struct GetAttr {
  const Expr* target;
  std::string_view name;
};

/// `target has a.b.c`: every name on the path is there. One name for `has a` and `has "a"`.
struct HasAttr {
  const Expr* target;
  std::span<const std::string_view> path;  ///< never empty
};

/// `target like "…"`: the literal segments between wildcards, so `"a*b"` is {"a", "b"} and `"x"`
/// is {"x"}. Never empty.
struct LikeExpr {
  const Expr* target;
  std::span<const std::string_view> segments;
};

/// `target is type` or, with `in`, `target is type in group`.
struct IsExpr {
  const Expr* target;
  std::string_view type;
  const Expr* in;  ///< null where absent
};

struct SetExpr {
  std::span<const Expr* const> members;
};

struct RecordEntry {
  std::string_view name;
  const Expr* value;
};
/// Entries sorted by name; names are distinct.
struct RecordExpr {
  std::span<const RecordEntry> entries;
};

/// A call of an extension function, as constructor or as method (the receiver is argument 0). The
/// number of arguments is checked when it is evaluated.
struct ExtensionCall {
  ExtensionFunction function;
  std::span<const Expr* const> arguments;
};

struct Expr {
  using Node = std::variant<Literal, Variable, UnaryExpr, BinaryExpr, AndExpr, OrExpr, IfExpr,
                            GetAttr, HasAttr, LikeExpr, IsExpr, SetExpr, RecordExpr, ExtensionCall>;
  Node node;
  Span span;                ///< in the policy's source text; empty for policies that came as JSON
  std::uint32_t depth = 1;  ///< of the tree from here down; what bounds every recursion over it
};

/// A node in `arena`, its depth computed from its children. Make nodes in no other way.
const Expr* make_expr(Arena& arena, Expr::Node node, Span span = {});

template <typename Visit>
struct ChildVisitor {
  Visit& visit;

  void all(std::span<const Expr* const> children) const {
    for (const Expr* child : children) visit(*child);
  }
  void operator()(const Literal&) const {}
  void operator()(Variable) const {}
  void operator()(const UnaryExpr& e) const { visit(*e.argument); }
  void operator()(const BinaryExpr& e) const { visit(*e.left), visit(*e.right); }
  void operator()(const AndExpr& e) const { all(e.operands); }
  void operator()(const OrExpr& e) const { all(e.operands); }
  void operator()(const IfExpr& e) const {
    visit(*e.condition), visit(*e.then_branch), visit(*e.else_branch);
  }
  void operator()(const GetAttr& e) const { visit(*e.target); }
  void operator()(const HasAttr& e) const { visit(*e.target); }
  void operator()(const LikeExpr& e) const { visit(*e.target); }
  void operator()(const IsExpr& e) const {
    visit(*e.target);
    if (e.in != nullptr) visit(*e.in);
  }
  void operator()(const SetExpr& e) const { all(e.members); }
  void operator()(const RecordExpr& e) const {
    for (const RecordEntry& entry : e.entries) visit(*entry.value);
  }
  void operator()(const ExtensionCall& e) const { all(e.arguments); }
};

/// Calls `visit(const Expr&)` for each direct child, in the order written.
template <typename Visit>
void for_each_child(const Expr::Node& node, Visit visit) {
  std::visit(ChildVisitor<Visit>{visit}, node);
}

}  // namespace wardlock::cedar
