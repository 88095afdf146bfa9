#include "pdp/validation.h"

#include <fmt/format.h>

#include <algorithm>

namespace wardlock::pdp {
namespace {

/// More are not spelled out: their places are told by reading the whole text each time.
constexpr std::size_t kMaxShown = 20;

std::string excerpt(const cedar::PolicyDiagnostic& finding, const cedar::PolicySet& policies,
                    const Sources& sources) {
  const Diagnostic diagnostic = cedar::describe(finding);
  const Source* source = source_of(finding, policies, sources);
  if (source != nullptr) {
    std::string text = render(diagnostic, source->text, source->name);
    if (text.ends_with('\n')) text.pop_back();
    return text;
  }
  return diagnostic.help.empty() ? diagnostic.message
                                 : fmt::format("{}; {}", diagnostic.message, diagnostic.help);
}

}  // namespace

const Source* source_of(const cedar::PolicyDiagnostic& finding, const cedar::PolicySet& policies,
                        const Sources& sources) {
  const cedar::Policy* policy = policies.find_policy(finding.policy);
  const cedar::Template* body =
      policy != nullptr ? policy->body : policies.find_template(finding.policy);
  if (body == nullptr || body->source.empty()) return nullptr;
  const auto it = std::ranges::find(sources.policies, body->source, &Source::name);
  return it == sources.policies.end() ? nullptr : &*it;
}

Result<void> check_policies(const cedar::PolicySet& policies, const cedar::Schema& schema,
                            const Sources& sources, Severity errors_are,
                            std::vector<std::string>& warnings) {
  std::string errors;
  std::size_t error_count = 0;
  std::size_t warning_count = 0;
  cedar::ValidationOptions options;
  // Where findings are only told, nobody is to wait for them.
  if (errors_are == Severity::kWarning) options.max_steps /= 10;
  for (const cedar::PolicyDiagnostic& finding : cedar::validate(policies, schema, options)) {
    const bool is_error = finding.diagnostic.severity == Severity::kError;
    if (is_error && errors_are == Severity::kError) {
      if (++error_count > kMaxShown) continue;
      errors += (errors.empty() ? "" : "\n") + excerpt(finding, policies, sources);
      continue;
    }
    if (!is_error && errors_are == Severity::kWarning) continue;
    if (++warning_count > kMaxShown) continue;
    const Diagnostic described = cedar::describe(finding);
    warnings.push_back(is_error ? "does not validate: " + described.message : described.message);
  }
  const auto more = [](std::size_t count) {
    return fmt::format("{} more findings; `wardlock validate` shows all", count - kMaxShown);
  };
  if (warning_count > kMaxShown) warnings.push_back(more(warning_count));
  if (error_count > kMaxShown) errors += "\n" + more(error_count);
  if (error_count > 0) return fail(ErrorCode::kFailedPrecondition, std::move(errors));
  return {};
}

}  // namespace wardlock::pdp
