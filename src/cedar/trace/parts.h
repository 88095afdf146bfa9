#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "cedar/ast/policy.h"

namespace wardlock::cedar {

/// A place of a policy that decides: an element of the scope that constrains something, or a
/// Boolean leaf of a condition: what is left when `&&`, `||`, `!` and `if` are taken apart. Borrows
/// from the policy.
struct Part {
  enum class Kind : std::uint8_t { kPrincipal, kAction, kResource, kCondition };
  Kind kind = Kind::kPrincipal;
  std::size_t condition = 0;   ///< of kCondition: index among the policy's `when` and `unless`
  const Expr* expr = nullptr;  ///< null for the scope
  Span span;                   ///< of the scope: the whole policy's; empty for what came as JSON
};

/// All parts of a policy in the order written: the index is a part's identity. `principal`,
/// `action` and `resource` alone decide nothing, and are no parts.
std::vector<Part> parts_of(const Template& policy);

/// Whether the expression is taken apart where a Boolean is wanted.
bool is_connective(const Expr& expr);

}  // namespace wardlock::cedar
