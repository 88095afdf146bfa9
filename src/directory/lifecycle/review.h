#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "directory/lifecycle/finding_kind.h"
#include "directory/lifecycle/review_rules.h"
#include "directory/registry/registry.h"
#include "directory/registry/thing.h"

namespace wardlock::directory {

/// Something that a person should look at.
struct Finding {
  const FindingKind* kind = nullptr;
  std::string id;     ///< of the thing, credential or relation, see FindingKind::found_in
  std::string thing;  ///< the id of the thing that it is or belongs to
  std::string other;  ///< the id of a role, or empty
  std::int64_t moment_ms = 0;
};

/// Which are wanted.
struct ReviewQuery {
  std::vector<const FindingKind*> kinds;  ///< in the order of the table
  /// Of things of these kinds alone; what else a finding tells must be of these, too.
  Kinds seen;
  std::string cursor = {};  ///< the one of the page before; empty: the first page
  std::size_t count = 100;
};

struct ReviewPage {
  std::vector<Finding> findings;
  std::vector<Thing> things;  ///< all that they name, by id, in no order
  std::string next;           ///< the cursor of the page after it; empty: it is the last
};

/// So many of each kind, in the order of the table.
using FindingCounts = std::vector<std::pair<const FindingKind*, std::uint64_t>>;

/// What a review finds in the directory of a tenant, as it is at `now` (ms since the epoch).
/// Changes nothing. Thread-safe. Errors: kInvalidArgument, a cursor that is none; those of the
/// store.
Result<ReviewPage> review(const Registry& registry, std::string_view tenant,
                          const ReviewRules& rules, const ReviewQuery& query, std::int64_t now);
/// Of the kinds of `query`, which has no cursor.
Result<FindingCounts> count_findings(const Registry& registry, std::string_view tenant,
                                     const ReviewRules& rules, const ReviewQuery& query,
                                     std::int64_t now);

/// Whether nothing of such findings has to be withheld from who sees those kinds of things.
bool is_seen(const FindingKind& kind, Kinds seen);
/// All kinds of findings, of all things.
ReviewQuery whole_review();

}  // namespace wardlock::directory
