#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "codec/json.h"
#include "compare/golden/golden_request.h"

namespace wardlock::compare {

/// What came of a golden request that was asked again.
struct GoldenResult {
  const GoldenRequest* request = nullptr;
  GoldenAnswer found = {};
  std::optional<DecisionChange> change = {};  ///< nothing: it is answered as it must be
  bool is_failure = false;
};

/// Golden requests and what they are answered now. Borrows the requests.
class GoldenCheck {
 public:
  /// `is_strict`: another cause, remedy or policy is a failure as well; otherwise only what moves
  /// access is.
  explicit GoldenCheck(bool is_strict) : is_strict_(is_strict) {}

  /// Requires the request to have an answer.
  void add(const GoldenRequest& request, GoldenAnswer found);

  std::span<const GoldenResult> results() const { return results_; }
  std::size_t failures() const { return failures_; }

 private:
  const bool is_strict_;
  std::vector<GoldenResult> results_;
  std::size_t failures_ = 0;
};

/// `against`: who was asked. For people: each difference and a line that counts.
std::string golden_text(const GoldenCheck& check, std::string_view against);
/// Every request whose answer differs, and how many there were.
codec::Json golden_document(const GoldenCheck& check, std::string_view against);
/// JUnit's XML as Jenkins' schema has it, a test case for each request.
std::string golden_junit(const GoldenCheck& check, std::string_view against);

}  // namespace wardlock::compare
