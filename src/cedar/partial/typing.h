#pragma once

#include <span>
#include <string_view>

#include "base/arena.h"
#include "cedar/ast/expr.h"
#include "cedar/schema/schema.h"

namespace wardlock::cedar {

/// What is known of an expression that has no value yet: the type of its values, and whether it has
/// one whatever the unknowns turn out to be. Both hold where request and entities are as the schema
/// says; that an entity exists it does not say.
struct Knowledge {
  const Type* type = nullptr;  ///< null: not known
  bool is_total = false;       ///< its evaluation cannot err

  bool is(Kind kind) const { return type != nullptr && type->kind == kind; }
  bool is_total_of(Kind kind) const { return is_total && is(kind); }
};

/// Works out the types of expressions from those of their parts, under one schema. Types it makes
/// are in the arena. Not thread-safe; borrows its arguments.
class Typing {
 public:
  Typing(const Schema& schema, Arena& arena) : schema_(schema), arena_(arena) {}

  const Schema& schema() const { return schema_; }
  const Type* entity(std::string_view type) const;
  const Type* of(const Value& value) const;

  /// The attribute that entities or records of the type may have, or null where the schema has
  /// none, or the type is neither.
  const Attribute* find_attribute(const Type& type, std::string_view name) const;

  /// Of a node whose children, in the order of `for_each_child`, are known so far.
  Knowledge of(const Expr::Node& node, std::span<const Knowledge> children) const;

  /// Whether an entity of type `member` may be an entity of type `group`, or in one.
  bool may_be_in(std::string_view member, std::string_view group) const;

 private:
  struct Visitor;

  const Schema& schema_;
  Arena& arena_;
};

/// Whether no value can be of both types.
bool are_disjoint(const Type& a, const Type& b);

}  // namespace wardlock::cedar
