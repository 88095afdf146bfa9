#include "cedar/validator/findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace wardlock::cedar {

void Findings::error(Span span, const void* place, ValidationCode code, std::string message,
                     std::string help) {
  ++error_count_;
  add(Severity::kError, span, place, code, std::move(message), std::move(help));
}

void Findings::warning(Span span, const void* place, ValidationCode code, std::string message,
                       std::string help) {
  add(Severity::kWarning, span, place, code, std::move(message), std::move(help));
}

void Findings::add(Severity severity, Span span, const void* place, ValidationCode code,
                   std::string message, std::string help) {
  auto it = index_.find({place, message});
  if (it == index_.end()) {
    if (findings_.size() == kMaxFindings) return;
    it = index_.emplace(std::pair(place, message), findings_.size()).first;
    findings_.push_back({"", code, {severity, std::move(message), span, std::move(help)}});
  }
  if (environments_ == nullptr) return;
  PolicyDiagnostic& finding = findings_[it->second];
  finding.environment_count += environments_->count;
  for (const RequestEnvironment& environment : environments_->first) {
    if (finding.environments.size() == EnvironmentClass::kMaxShown) break;
    finding.environments.push_back(environment);
  }
}

void Findings::move_to(std::vector<PolicyDiagnostic>& diagnostics, const std::string& policy,
                       std::size_t environment_count) && {
  std::ranges::stable_sort(findings_, {},
                           [](const PolicyDiagnostic& d) { return d.diagnostic.span.begin; });
  for (PolicyDiagnostic& finding : findings_) {
    finding.policy = policy;
    if (finding.environment_count >= environment_count) {
      finding.environments.clear();
      finding.environment_count = 0;
    }
  }
  std::ranges::move(findings_, std::back_inserter(diagnostics));
}

Diagnostic describe(const PolicyDiagnostic& finding) {
  Diagnostic diagnostic = finding.diagnostic;
  diagnostic.message = fmt::format("policy `{}`: {}", finding.policy, diagnostic.message);
  if (finding.environments.empty()) return diagnostic;
  std::string where;
  for (const RequestEnvironment& environment : finding.environments) {
    where += fmt::format("{}`{}`", where.empty() ? "" : ", ", to_string(environment));
  }
  const std::size_t rest = finding.environment_count - finding.environments.size();
  if (rest > 0) where += fmt::format(" and {} more", rest);
  diagnostic.help +=
      fmt::format("{}only in requests of {}", diagnostic.help.empty() ? "" : "; ", where);
  return diagnostic;
}

}  // namespace wardlock::cedar
