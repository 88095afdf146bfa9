#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "access/review/review_rows.h"
#include "authn/message/messages.h"
#include "authn/session/signature.h"
#include "directory/registry/journal.h"
#include "storage/store.h"

namespace wardlock::access {

/// What reviews work with. All outlives them; functions may be called by several threads.
struct ReviewSurroundings {
  storage::Store& store;
  directory::Surroundings directory;
  authn::SigningRules signing = {};
  const authn::Messages* messages = nullptr;  ///< null: nobody is told anything
};

/// What somebody found, and says.
struct ReviewWord {
  Finding finding = Finding::kAppropriate;
  std::string words = {};
};

/// What `tend` did.
struct ReviewTending {
  std::size_t drawn = 0;
  std::size_t late = 0;
};

/// How a tenant's reviews went.
struct ReviewStatistics {
  std::vector<ReviewCount> counts;              ///< by unit
  std::vector<std::vector<std::string>> rings;  ///< of people who reviewed each other
};

/// The reviews of break-glass grants: each use is looked at by somebody else, who is drawn, and who
/// signs what they found. Thread-safe; waits for the database. That somebody may review at all is
/// asked before (policies/wardlock). Each change commits with its audit event.
///
/// Errors besides those of storage::Store: kNotFound, no such grant, or it has no review yet;
/// kPermissionDenied, not this person; kFailedPrecondition, the grant is still open, or somebody
/// has signed; kUnauthenticated, see authn::check_signing; kInvalidArgument, words are missing or
/// too long.
class ReviewDesk {
 public:
  /// They outlive it.
  explicit ReviewDesk(const ReviewSurroundings& surroundings) : surroundings_(surroundings) {}

  /// Draws a reviewer for each grant that has none, and tells of reviews that are late: they are
  /// for whoever may review since. To be called every some seconds. `go_on`: false, where it is to
  /// stop.
  Result<ReviewTending> tend(const directory::Mandate& own, const std::function<bool()>& go_on);

  /// Signs what was found. Of the signature, `person`, `printed_name`, `meaning`, `content` and
  /// `signed_ms` are filled in.
  Result<GlassReview> sign(const directory::Mandate& mandate, std::string_view grant,
                           const ReviewWord& word, authn::Signature signature);

  Result<GlassReview> find(std::string_view tenant, std::string_view grant) const;
  /// What waits for this reviewer; empty: all that waits.
  Result<std::vector<GlassReview>> waiting(std::string_view tenant, std::string_view reviewer,
                                           std::size_t most) const;
  Result<ReviewStatistics> statistics(std::string_view tenant, std::int64_t since_ms) const;

 private:
  Result<void> check_signer(storage::Work& work, const directory::Mandate& mandate,
                            const GlassReview& review, std::int64_t now) const;
  Result<std::string> draw(storage::Work& work, std::string_view tenant, std::string_view person,
                           std::string_view unit) const;
  Result<bool> draw_some(const directory::Mandate& own, ReviewTending& done);
  Result<bool> tell_late(const directory::Mandate& own, ReviewTending& done);

  const ReviewSurroundings& surroundings_;
};

}  // namespace wardlock::access
