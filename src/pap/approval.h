#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace wardlock::pap {

/// An electronic signature (21 CFR 11.50): who, when and what it means, bound to one content
/// (11.70), after its owner has authenticated anew (11.200). Times are milliseconds since the
/// epoch.
struct Signature {
  std::string person;        ///< the thing's id in the directory
  std::string printed_name;  ///< as it was then
  std::string meaning;       ///< which approval it gives: `policy`, `clinical_safety`, `privacy` …
  std::string comment = {};
  std::string content;                    ///< what was signed
  std::string session;                    ///< `sid` of the session in which it was given
  std::int64_t level = 0;                 ///< of assurance (SP 800-63B-4)
  std::vector<std::string> methods = {};  ///< `amr`
  std::int64_t authenticated_ms = 0;
  std::int64_t signed_ms = 0;
};

/// How fresh and sure an authentication a signature needs.
struct SigningRules {
  std::int64_t authenticated_within_ms = std::int64_t{5} * 60 * 1000;
  std::int64_t least_level = 2;
};

/// Whether it may be given now. Errors: kUnauthenticated, authenticate anew, or more surely.
Result<void> check_signing(const Signature& signature, const SigningRules& rules,
                           std::int64_t now_ms);

/// An approval that a draft needs, as the rules say of it.
struct ApprovalNeed {
  std::string meaning;
  std::size_t people = 1;
  std::string why = {};  ///< for people

  bool operator==(const ApprovalNeed&) const = default;
};

/// What of a need is there.
struct ApprovalGiven {
  ApprovalNeed need;
  std::vector<std::string> people = {};  ///< who gave it, of those who count

  bool is_met() const { return people.size() >= need.people; }
};

/// How far a draft is approved.
struct ApprovalStanding {
  std::vector<ApprovalGiven> given;  ///< in the order of the needs

  bool is_complete() const;
  /// `clinical_safety (1 of 2), privacy`; empty where it is complete.
  std::string missing() const;
};

/// The rule, pure. Of the signatures count those of `content`, of people who did not write any of
/// it, and of each natural person one alone, the first. `natural` tells accounts of one person
/// apart from those of others: an equal text is one person. Requires at least one need.
ApprovalStanding standing_of(std::span<const ApprovalNeed> needs,
                             std::span<const Signature> signatures, std::string_view content,
                             std::span<const std::string> writers,
                             const std::function<std::string(std::string_view person)>& natural);

}  // namespace wardlock::pap
