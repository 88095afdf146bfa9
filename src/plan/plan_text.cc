#include "plan/plan_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "cedar/ast/policy_text.h"

namespace wardlock::plan {
namespace {

std::string outcomes(Outcomes is) {
  std::vector<std::string_view> words;
  if (is.has(Outcome::kTrue)) words.emplace_back("is true");
  if (is.has(Outcome::kFalse)) words.emplace_back("is false");
  if (is.has(Outcome::kError)) words.emplace_back("errs");
  return fmt::format("{}", fmt::join(words, " or "));
}

Result<void> write(std::string& out, const Condition& condition, std::size_t indent, Arena& arena) {
  const std::string margin(indent, ' ');
  switch (condition.kind) {
    case Condition::Kind::kNever: out += margin + "never\n"; return {};
    case Condition::Kind::kAlways: out += margin + "always\n"; return {};
    case Condition::Kind::kTest: {
      const std::string text = TRY(to_text(*cedar::spell_out(*condition.expression, arena)));
      const std::string policy =
          condition.policy == nullptr ? "the grant" : fmt::format("`{}`", condition.policy->id);
      out +=
          fmt::format("{}{} {}:\n{}  {}\n", margin, policy, outcomes(condition.is), margin, text);
      return {};
    }
    case Condition::Kind::kAll: out += margin + "all of:\n"; break;
    case Condition::Kind::kAny: out += margin + "any of:\n"; break;
  }
  for (const Condition& part : condition.parts) TRY_VOID(write(out, part, indent + 2, arena));
  return {};
}

Result<void> write(std::string& out, const Path& path, Arena& arena) {
  TRY_VOID(write(out, path.condition, 2, arena));
  for (const Owed& owed : path.obligations) {
    out += fmt::format("  who is allowed owes `{}` where\n", owed.obligation);
    TRY_VOID(write(out, owed.condition, 4, arena));
  }
  return {};
}

}  // namespace

Result<std::string> to_text(const QueryPlan& plan, Arena& arena) {
  const bool is_decided = plan.kind() != QueryPlan::Kind::kConditional;
  std::string out = fmt::format("{}\n", to_string(plan.kind()));
  std::ranges::replace(out, '_', ' ');
  if (!is_decided || !plan.strict.obligations.empty()) {
    out += "allowed where\n";
    TRY_VOID(write(out, plan.strict, arena));
  }
  if (plan.grant != nullptr) {
    out += fmt::format("and under the grant `{}` where\n", plan.grant->id);
    TRY_VOID(write(out, plan.under_override, arena));
  }
  return out;
}

std::string to_text(const SqlStatement& statement, SqlDialect dialect) {
  std::string out;
  std::size_t number = 0;
  for (const cedar::Value& value : statement.parameters) {
    out += fmt::format("-- {}{} = {}\n", dialect == SqlDialect::kSqlite ? '?' : '$', ++number,
                       cedar::to_text(value));
  }
  for (const auto& [name, obligation] : statement.obligations) {
    out += fmt::format("-- column {}: owes {}\n", name, cedar::quote(obligation));
  }
  return out + statement.text + ";\n";
}

}  // namespace wardlock::plan
