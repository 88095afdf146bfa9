#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pap/canary.h"
#include "pap/shadow_stages.h"
#include "pap/surroundings.h"

namespace wardlock::pap {

class Drafts;

/// A canary with what the nodes have found: how often it decided other than what is in force would
/// have.
struct CanaryView {
  CanaryStage stage;
  std::vector<NodeShadowCount> nodes = {};  ///< those that decide by it, or did

  ShadowCount total() const;
};

/// The longest that a canary goes on.
inline constexpr std::int64_t kLongestCanary = std::int64_t{30} * 24 * 3600 * 1000;

/// Approved drafts that decide a part of the questions, one at a time in a place. Thread-safe;
/// waits for the database. That somebody may do so at all is asked before. What begins and ends is
/// on record. Errors besides those of Drafts and storage::Store: kNotFound, no such draft or
/// canary; those of the signer.
class CanaryStages {
 public:
  /// Both outlive it.
  CanaryStages(const PolicySurroundings& surroundings, const Drafts& drafts)
      : surroundings_(surroundings), drafts_(drafts) {}

  struct Wish {
    ActivationCause cause = ActivationCause::kApproved;  ///< or kSingleHanded
    bundle::CanaryPart part = {};                        ///< in any order; `beside` is filled in
    DifferenceLimit limit = {};
    std::int64_t ends_ms = 0;  ///< when it ends by itself
  };
  /// Begins; what ran there before ends. Errors: as Activations::activate; kInvalidArgument, a part
  /// that is none, an end that is past or too far, a share above 1000 per mille;
  /// kFailedPrecondition, nothing is in force, or just that content.
  Result<CanaryStage> begin(const directory::Mandate& mandate, std::string_view draft,
                            const Wish& wish);
  /// Ends it. Errors: kFailedPrecondition, it has ended; kPermissionDenied.
  Result<CanaryStage> stop(const directory::Mandate& mandate, std::string_view environment,
                           std::uint64_t number);

  Result<std::optional<CanaryStage>> running(const PolicyPlace& place) const;
  Result<CanaryView> view(const PolicyPlace& place, std::uint64_t number) const;
  /// The latest first; those before `before` (0: all), at most so many.
  Result<std::vector<CanaryStage>> history(const PolicyPlace& place, std::uint64_t before = 0,
                                           std::size_t most = 50) const;
  /// The signed bundle: its file.
  Result<std::string> bundle(const CanaryStage& stage) const;

  // For the server itself.

  /// How it is to end by what is in force in its place; kNot: it stands beside that.
  Result<CanaryEnd> due_end(const CanaryStage& stage) const;
  /// What the node has found so far, in the place of what it said before. Ends the canary where all
  /// nodes together are beyond its limit. True: it goes on.
  Result<bool> report(const directory::Mandate& mandate, const CanaryStage& stage,
                      std::string_view node, const ShadowCount& count);
  /// Ends what has run out: its time is over, or it stands beside what is no longer in force.
  Result<void> end(const directory::Mandate& mandate, const CanaryStage& stage, CanaryEnd how);

 private:
  Result<void> put(storage::Work& work, const directory::Mandate& mandate, CanaryStage& stage);
  void await_look(const PolicyPlace& place) const;

  const PolicySurroundings& surroundings_;
  const Drafts& drafts_;
};

}  // namespace wardlock::pap
