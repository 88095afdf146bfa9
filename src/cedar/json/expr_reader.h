#pragma once

#include <span>
#include <vector>

#include "base/arena.h"
#include "cedar/ast/expr.h"
#include "cedar/json/escapes.h"
#include "cedar/json/fields.h"
#include "cedar/parser/parser.h"

namespace wardlock::cedar {

/// `{"type":…,"id":…}` or `{"__entity":{…}}`; the uid is in `arena`.
Result<const EntityUid*> read_uid(const codec::Json& json, const JsonPath& path, Arena& arena);

/// A type's full name.
Result<std::string_view> read_type_name(std::string_view name, const JsonPath& path, Arena& arena);

/// Reads expressions of policy JSON into an arena. Borrows the arena and the limits.
class ExprReader {
 public:
  ExprReader(Arena& arena, const ParseLimits& limits) : arena_(arena), limits_(limits) {}

  Result<const Expr*> read(const codec::Json& json, const JsonPath& path) {
    return read(json, path, 1);
  }

 private:
  using Depth = std::size_t;
  struct Operation;
  using Operands = std::vector<const Expr*>;

  Result<const Expr*> read(const codec::Json& json, const JsonPath& path, Depth depth);
  Result<const Expr*> read_operation(const Operation& operation, Depth depth);
  Result<const Expr*> read_other(const Operation& operation, Depth depth);
  Result<const Expr*> read_field(const Fields& fields, std::string_view name, const JsonPath& path,
                                 Depth depth);
  Result<Operands> read_chain(const Operation& operation, Depth depth);
  Result<Operands> read_list(const Operation& operation, Depth depth);
  Result<const Expr*> read_variable(const Operation& operation);
  Result<const Expr*> read_unary(UnaryOp op, const Operation& operation, Depth depth);
  Result<const Expr*> read_binary(BinaryOp op, const Operation& operation, Depth depth);
  Result<const Expr*> read_if(const Operation& operation, Depth depth);
  Result<const Expr*> read_get_attr(const Operation& operation, Depth depth);
  Result<const Expr*> read_has(const Operation& operation, Depth depth);
  Result<const Expr*> read_like(const Operation& operation, Depth depth);
  Result<const Expr*> read_is(const Operation& operation, Depth depth);
  Result<const Expr*> read_record(const Operation& operation, Depth depth);
  Result<const Expr*> read_call(const Operation& operation, Depth depth);

  Result<const Expr*> read_value(const codec::Json& json, const JsonPath& path, Depth depth);
  Result<const Expr*> read_value_object(const codec::Json& json, const JsonPath& path, Depth depth);
  Result<const Expr*> read_value_call(const CallEscape& call, const JsonPath& path, Depth depth);
  Result<Operands> read_values(const boost::json::array& array, const JsonPath& path, Depth depth);

  Result<void> check_depth(const JsonPath& path, Depth depth) const;
  Result<void> check_count(std::size_t count, const JsonPath& path) const;
  const Expr* make_record_expr(std::vector<RecordEntry> entries);

  Arena& arena_;
  const ParseLimits& limits_;
};

}  // namespace wardlock::cedar
