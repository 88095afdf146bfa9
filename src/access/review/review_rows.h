#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/review/review_rules.h"
#include "authn/session/signature.h"
#include "storage/work.h"

namespace wardlock::access {

/// The review of one grant, as it is kept. Times are milliseconds since the epoch.
struct GlassReview {
  std::string tenant;
  std::string grant;          ///< the id
  std::string person;         ///< who used it
  std::string unit = {};      ///< where they worked then; empty: not known
  std::string reviewer = {};  ///< who was drawn; empty: nobody, whoever may review may take it
  std::int64_t drawn_ms = 0;
  std::int64_t due_ms = 0;
  std::optional<std::int64_t> late_ms = {};  ///< since when it is told to be late
  std::optional<Finding> finding = {};       ///< nothing: nobody has signed
  std::string words = {};
  authn::Signature signature = {};

  bool is_open() const { return !finding; }
};

// Reviews as rows. All within the transaction of `work`; each names its tenant.

Result<void> insert_review(storage::Work& work, const GlassReview& review);
/// All that may change of one that nobody has signed. Error kAborted: somebody has.
Result<void> replace_review(storage::Work& work, const GlassReview& review);
Result<std::optional<GlassReview>> find_review(storage::Work& work, std::string_view tenant,
                                               std::string_view grant);
/// Those that nobody has signed, the first that is due in front; of the reviewer, and those that
/// nobody was drawn for or that are late. `reviewer` empty: all. At most so many.
Result<std::vector<GlassReview>> find_open_reviews(storage::Work& work, std::string_view tenant,
                                                   std::string_view reviewer, std::size_t most);
/// Unsigned ones that are due by then and not told to be late.
Result<std::vector<GlassReview>> find_late_reviews(storage::Work& work, std::string_view tenant,
                                                   std::int64_t now_ms, std::size_t most);
/// A grant that has no review.
struct UnreviewedGrant {
  std::string id;
  std::string person;
  std::int64_t due_ms = 0;
};
Result<std::vector<UnreviewedGrant>> find_unreviewed(storage::Work& work, std::string_view tenant,
                                                     std::size_t most);
/// Who has signed whose since then.
Result<std::vector<ReviewPair>> find_review_pairs(storage::Work& work, std::string_view tenant,
                                                  std::int64_t since_ms);

/// What a unit's reviews came to.
struct ReviewCount {
  std::string unit;
  std::string finding;  ///< empty: not signed
  bool is_late = false;
  std::int64_t count = 0;
};
/// Of those that were drawn since then, by unit.
Result<std::vector<ReviewCount>> count_reviews(storage::Work& work, std::string_view tenant,
                                               std::int64_t since_ms);

}  // namespace wardlock::access
