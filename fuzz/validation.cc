// A schema and policies, a line of `---` between them: what parses is validated in both modes and
// with levels, in bounded work; each finding can be shown; what validates strictly validates
// permissively.
#include "base/check.h"
#include "cedar/parser/parser.h"
#include "cedar/validator/expr_types.h"
#include "cedar/validator/validator.h"

using namespace wardlock;

namespace {

constexpr std::string_view kSeparator = "\n---\n";

bool validates(const cedar::PolicySet& policies, const cedar::Schema& schema,
               const cedar::ValidationOptions& options, std::string_view text) {
  const auto findings = cedar::validate(policies, schema, options);
  for (const cedar::PolicyDiagnostic& finding : findings) {
    CHECK(policies.find_policy(finding.policy) || policies.find_template(finding.policy));
    CHECK(!render(cedar::describe(finding), text, "fuzz").empty());
  }
  return !cedar::has_errors(findings);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t middle = input.find(kSeparator);
  if (middle == std::string_view::npos) return 0;
  const std::string_view text = input.substr(middle + kSeparator.size());
  const auto schema = cedar::parse_schema(input.substr(0, middle));
  const auto policies = cedar::parse_policies(text);
  if (!schema || !policies) return 0;

  constexpr std::uint64_t kSteps = 2'000'000;
  const bool is_strict = validates(*policies, *schema, {.level = 2, .max_steps = kSteps}, text);
  const bool is_permissive = validates(
      *policies, *schema,
      {.mode = cedar::ValidationMode::kPermissive, .level = 2, .max_steps = kSteps}, text);
  CHECK(is_permissive || !is_strict);

  const auto environments = cedar::environments_of(*schema);
  if (environments.empty() || environments.size() > 1'000) return 0;
  for (const cedar::Policy& policy : policies->policies()) {
    const auto types = cedar::infer_types(*policy.body, *schema, environments.front());
    for (const cedar::Condition& condition : policy.body->conditions) {
      if (const auto* type = types.find(*condition.body)) CHECK(!to_string(*type).empty());
    }
  }
  return 0;
}
