#include "lsp/value_hover.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

#include "cedar/parser/parser.h"
#include "cedar/validator/expr_types.h"
#include "lsp/environments.h"

namespace wardlock::lsp {
namespace {

constexpr std::size_t kMaxEnvironments = 100;

/// The innermost expression around the offset, or null.
const cedar::Expr* innermost(const cedar::Expr& expr, std::uint32_t offset) {
  if (offset < expr.span.begin || offset >= expr.span.end) return nullptr;
  const cedar::Expr* found = &expr;
  cedar::for_each_child(expr.node, [&](const cedar::Expr& child) {
    if (const cedar::Expr* inner = innermost(child, offset)) found = inner;
  });
  return found;
}

const cedar::Expr* expression_at(const cedar::Template& policy, std::uint32_t offset) {
  for (const cedar::Condition& condition : policy.conditions) {
    if (const cedar::Expr* found = innermost(*condition.body, offset)) return found;
  }
  return nullptr;
}

std::string describe(const cedar::InferredType& type) {
  const std::string text = cedar::to_string(type);
  return type.constant ? fmt::format("{}, here always {}", text, *type.constant) : text;
}

}  // namespace

std::string describe_value(std::string_view text, std::uint32_t offset,
                           const cedar::Schema& schema) {
  const auto policy = cedar::parse_policy(text, "policy");
  if (!policy) return "";
  const cedar::Expr* expr = expression_at(**policy, offset);
  if (expr == nullptr) return "";
  std::set<std::string> values;
  for (const auto& environment : first_environments(**policy, schema, kMaxEnvironments)) {
    const auto types = cedar::infer_types(**policy, schema, environment);
    if (const cedar::InferredType* type = types.find(*expr)) values.insert(describe(*type));
  }
  return fmt::format("{}", fmt::join(values, "\n\n"));
}

}  // namespace wardlock::lsp
