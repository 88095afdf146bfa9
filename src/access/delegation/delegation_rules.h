#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/delegation/kept_delegation.h"
#include "base/error.h"
#include "directory/model/kind.h"

namespace wardlock::access {

/// What somebody wants to be delegated. Ids are those of things in the directory.
struct DelegationWish {
  std::string delegator;
  std::string delegate;
  std::string target;  ///< empty: of a patient the patient; of one passed on, what that one is for
  std::vector<std::string> actions;
  std::string purpose = {};
  std::string ticket = {};
  std::string words = {};
  std::optional<std::int64_t> begins_ms = {};  ///< nothing, or in the past: from now on
  std::int64_t ends_ms = 0;
  bool may_pass_on = false;
  std::string passes_on = {};
};

// The rules. Pure; thread-safe. Times are milliseconds.

inline constexpr std::size_t kMostDelegatedActions = 32;
inline constexpr std::size_t kMostDelegationWords = 1000;  ///< code points
inline constexpr std::size_t kMostTicketBytes = 128;       ///< also of a purpose
/// So many may stand behind each other, the first one included (pdp/delegations.h).
inline constexpr std::size_t kMostDelegationLinks = 4;
/// So many of one delegator's may be open or waiting: of all, and to one delegate for one thing.
inline constexpr std::size_t kMostUnended = 1000;
inline constexpr std::size_t kMostUnendedAlike = 16;

/// Who may delegate: patients, people, and organisations.
inline constexpr directory::Kinds kDelegators = {
    directory::Kind::kPatient, directory::Kind::kPerson, directory::Kind::kOrganisation};

/// How long one of such a delegator lasts at most: a patient's five years, a person's 31 days, an
/// organisation's 14 days. 0: it is none.
std::int64_t longest_delegation(directory::Kind delegator);

/// When it begins.
std::int64_t first_moment(const DelegationWish& wish, std::int64_t now_ms);

/// What is wrong with the texts, actions and times. Error kInvalidArgument: those are missing or
/// too long, or no text on one line; it ends before it begins, begins in more than a year, or lasts
/// longer than may be; it lacks the ticket that an organisation's has.
Result<void> check_delegation(const DelegationWish& wish, directory::Kind delegator,
                              std::int64_t now_ms);

/// The same of words alone.
Result<void> check_delegation_words(std::string_view words);

/// What it may be for: of a patient, that patient; of a person a patient, device or place; of an
/// organisation a device. Error kInvalidArgument.
Result<void> check_delegated_target(directory::Kind delegator, directory::Kind target);

/// Whether the wish passes on what `chain` gives, the nearest one first: it is for the same target,
/// for none but its actions, and not longer. Error kInvalidArgument: it is more; the delegate is in
/// the chain, or that is too long; kFailedPrecondition: one of it is over, or not to be passed on;
/// kPermissionDenied: it was not delegated to the delegator.
Result<void> check_passed_on(const DelegationWish& wish, const std::vector<KeptDelegation>& chain,
                             std::int64_t now_ms);

}  // namespace wardlock::access
