#pragma once

#include <optional>
#include <string_view>

#include "cedar/ast/expr.h"

namespace wardlock::cedar {

/// The keys that name operators and variables in policy JSON.
std::string_view json_key(BinaryOp op);
std::optional<BinaryOp> find_binary_op(std::string_view key);
std::string_view json_key(UnaryOp op);
std::optional<UnaryOp> find_unary_op(std::string_view key);
std::string_view json_name(Variable variable);
std::optional<Variable> find_variable(std::string_view name);

}  // namespace wardlock::cedar
