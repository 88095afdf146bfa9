#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/arena.h"
#include "base/error.h"
#include "bundle/statement.h"
#include "cedar/entities/entity_store.h"
#include "pdp/access.h"
#include "pdp/snapshot.h"

namespace wardlock::pdp {

/// Policies that decide a part of the questions in the place of those that decide all others, over
/// the same entities. Which part follows from the question and the entities alone, so that
/// everybody comes to the same:
/// - whose caller is named, or
/// - whose resource is one of the places or in one, as Cedar has it, or that concern a patient or a
///   device (accountability.h) that is;
/// and of those not the ones about actions of a class that care hangs on, `safety` or `therapy` by
/// either schema, unless they are named.
/// Immutable; may be read by any thread.
class Canary {
 public:
  /// `of` decides the others. Requires both to have the same entities. Error kInvalidArgument: the
  /// part names a place that is none.
  static Result<std::shared_ptr<const Canary>> make(std::shared_ptr<const Snapshot> of,
                                                    std::shared_ptr<const Snapshot> tried,
                                                    bundle::CanaryPart part);
  Canary(const Canary&) = delete;
  Canary& operator=(const Canary&) = delete;
  ~Canary() = default;

  const std::shared_ptr<const Snapshot>& of() const { return of_; }
  const std::shared_ptr<const Snapshot>& tried() const { return tried_; }
  const bundle::CanaryPart& part() const { return part_; }

  /// Whether the question is of its part. A question that is none is not. Takes the arena's memory.
  bool takes(const AccessRequest& request, Arena& arena) const;

 private:
  Canary(std::shared_ptr<const Snapshot> of, std::shared_ptr<const Snapshot> tried,
         bundle::CanaryPart part)
      : of_(std::move(of)), tried_(std::move(tried)), part_(std::move(part)) {}

  bool is_somewhere(const cedar::EntityUid& uid) const;
  bool is_about_its_places(const AccessRequest& request, Arena& arena) const;
  bool may_take(const AccessRequest& request, Arena& arena) const;

  const std::shared_ptr<const Snapshot> of_;
  const std::shared_ptr<const Snapshot> tried_;
  const bundle::CanaryPart part_;
  Arena arena_;                                     ///< of what follows
  std::vector<const cedar::EntityUid*> locations_;  ///< of the part
};

/// By what a question is decided. `canary` null: there is none. One that stands beside another
/// snapshot than `in_use` decides nothing.
inline const Snapshot& deciding(const Snapshot& in_use, const Canary* canary,
                                const AccessRequest& request, Arena& arena) {
  const bool is_beside = canary != nullptr && canary->of().get() == &in_use;
  // NOLINTNEXTLINE(bugprone-return-const-ref-from-parameter): it outlives each question
  return is_beside && canary->takes(request, arena) ? *canary->tried() : in_use;
}

}  // namespace wardlock::pdp
