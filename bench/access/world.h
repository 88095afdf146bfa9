#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "pdp/access.h"
#include "pdp/snapshot.h"
#include "pdp/sources.h"

namespace wardlock::bench {

/// What a decision may stand on besides rights.
enum class Standing : unsigned char { kRightAlone, kGrant, kDelegation, kConsent, kApproval };
inline constexpr std::array kStandings = {Standing::kRightAlone, Standing::kGrant,
                                          Standing::kDelegation, Standing::kConsent,
                                          Standing::kApproval};
std::string_view to_string(Standing standing);

/// All questions are asked then.
inline constexpr std::int64_t kAskedAt = 1'795'435'200'000;  // 2026-11-23T12:00:00Z

/// Of somebody of the hospital's, about something there.
struct AccessQuestion {
  Standing standing = Standing::kRightAlone;
  std::string person;
  std::string action;
  std::string type;
  std::string resource;
  std::string other = {};  ///< with whose right; empty: with their own
  std::string grant = {};  ///< its id; empty: none is named
};

/// Borrows both.
pdp::AccessRequest request_of(const AccessQuestion& question, const pdp::Caller& caller);

/// Whether it is allowed, and stands on what the question is about.
bool stands(const pdp::AccessDecision& decision, Standing standing);

/// The sources without break-glass grants, delegations, consents and approvals. Error: their
/// entities are no array of JSON.
Result<pdp::Sources> without_access(pdp::Sources sources);

/// The hospital, and questions whose answers stand on something that is put there.
class AccessWorld {
 public:
  static Result<AccessWorld> read(const std::string& policies);

  /// Without any of it.
  const pdp::Snapshot& bare() const { return *bare_; }
  /// With `count` grants, delegations, consents and approvals each: those that the questions stand
  /// on, and for the rest of people and patients that nobody asks about.
  Result<std::shared_ptr<const pdp::Snapshot>> with(std::size_t count) const;

  /// At most ten for each; all are of different patients.
  std::vector<AccessQuestion> questions(Standing standing) const;

 private:
  Result<void> find_questions();
  /// What the questions stand on, and others up to that count. JSON.
  std::string entities_of(Standing standing, std::size_t count) const;

  pdp::Sources sources_;  ///< without any of it
  std::shared_ptr<const pdp::Snapshot> bare_;
  std::vector<AccessQuestion> questions_;
};

}  // namespace wardlock::bench
