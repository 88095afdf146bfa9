#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "authn/session/signature.h"
#include "base/error.h"

namespace wardlock::pap {

using authn::check_signing;
using authn::Signature;
using authn::SigningRules;

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
