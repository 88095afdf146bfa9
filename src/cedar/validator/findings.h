#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "cedar/validator/validator.h"

namespace wardlock::cedar {

/// A bound on work, shared by everything one call of `validate` does.
class Steps {
 public:
  explicit Steps(std::uint64_t limit) : left_(limit) {}

  void spend(std::uint64_t steps) { left_ -= steps < left_ ? steps : left_; }
  bool are_used_up() const { return left_ == 0; }
  /// Looking for a near name is a courtesy that costs: it is done so many times.
  bool may_suggest() { return suggestions_left_ > 0 && suggestions_left_-- > 0; }

 private:
  std::uint64_t left_;
  std::uint32_t suggestions_left_ = 1'000;
};

/// Environments in which a policy is typed alike: one stands for all.
struct EnvironmentClass {
  static constexpr std::size_t kMaxShown = 3;

  RequestEnvironment representative;
  std::vector<RequestEnvironment> first;  ///< at most kMaxShown
  std::size_t count = 0;                  ///< all of them
};

/// What is found in one policy. A finding that shows in several environments is one finding.
class Findings {
 public:
  /// What is added from here on shows in these environments; null: in whatever environment.
  void set_environments(const EnvironmentClass* environments) { environments_ = environments; }

  void error(Span span, const void* place, ValidationCode code, std::string message,
             std::string help = "");
  void warning(Span span, const void* place, ValidationCode code, std::string message,
               std::string help = "");

  std::size_t error_count() const { return error_count_; }

  /// The findings, sorted by place. `environment_count`: how many the policy's scope admits.
  void move_to(std::vector<PolicyDiagnostic>& diagnostics, const std::string& policy,
               std::size_t environment_count) &&;

 private:
  /// More in one policy are not kept; who mends these will see the others.
  static constexpr std::size_t kMaxFindings = 50;

  void add(Severity severity, Span span, const void* place, ValidationCode code,
           std::string message, std::string help);

  const EnvironmentClass* environments_ = nullptr;
  std::size_t error_count_ = 0;  ///< each as often as it was found
  std::vector<PolicyDiagnostic> findings_;
  std::map<std::pair<const void*, std::string>, std::size_t> index_;
};

}  // namespace wardlock::cedar
