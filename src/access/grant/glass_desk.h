#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "access/grant/glass_grant.h"
#include "authn/message/messages.h"
#include "directory/registry/journal.h"
#include "directory/registry/thing.h"
#include "event/event.h"
#include "storage/store.h"

namespace wardlock::access {

/// What grants work with. All outlives them; functions may be called by several threads.
struct GlassSurroundings {
  storage::Store& store;
  directory::Surroundings directory;
  GlassRules rules;
  const authn::Messages* messages = nullptr;  ///< null: nobody is told anything
};

/// A grant as a change left it.
struct ChangedGlass {
  GlassGrant grant;
  std::uint64_t revision = 0;  ///< of the directory: from then on decisions see it so
};

/// A grant with all that happened to it.
struct GlassStory {
  GlassGrant grant;
  std::vector<KeptGlassStep> steps;
};

/// What `tend` did.
struct GlassTending {
  std::size_t ended = 0;
  std::size_t warned = 0;
  std::size_t carried_over = 0;
};

/// Breaking the glass: grants from the moment they are opened to their end. Thread-safe; waits for
/// the database. That somebody may break the glass at all, or may revoke others' grants, is asked
/// before (policies/wardlock); here is what no policy can give: people at work alone do so, by
/// themselves, for a patient or device that is there, and what has ended stays so.
///
/// `mandate` says who acts, for which tenant, and through what. Each change commits with its audit
/// event and its entry in the change feed. Errors besides those of storage::Store:
/// kInvalidArgument, see `check_wish`; kUnauthenticated, see `check_proof`; kPermissionDenied, not
/// this person; kNotFound, no such grant, patient or device; kFailedPrecondition, it is over.
class GlassDesk {
 public:
  /// They outlive it.
  explicit GlassDesk(const GlassSurroundings& surroundings) : surroundings_(surroundings) {}

  const GlassRules& rules() const { return surroundings_.rules; }

  /// Opens a grant at once. `target`: the id of a patient or a device; of a patient who turned out
  /// to be another, that one's is opened. Where the person has one open for it, that one is
  /// renewed.
  Result<ChangedGlass> open(const directory::Mandate& mandate, const GlassProof& proof,
                            std::string_view target, const GlassWish& wish);
  /// Goes on with it, for a new reason, whose actions it is for since.
  Result<ChangedGlass> renew(const directory::Mandate& mandate, const GlassProof& proof,
                             std::string_view id, const GlassWish& wish);
  /// Its person needs it no more.
  Result<ChangedGlass> end(const directory::Mandate& mandate, std::string_view id);
  /// Somebody else ends it. `mandate.reason` says why.
  Result<ChangedGlass> revoke(const directory::Mandate& mandate, std::string_view id);
  /// Policies cannot make use of it: it does not stay open as if it opened something.
  Result<ChangedGlass> withdraw(const directory::Mandate& mandate, std::string_view id);

  /// What the clock and the directory's changes do to grants: ends those that have expired, whose
  /// person or target is gone, or that begin in the future since a clock was set back; warns of
  /// ends that are near; has grants follow patients who were merged. To be called every some
  /// seconds. `go_on`: false, where it is to stop.
  Result<GlassTending> tend(const directory::Mandate& own, const std::function<bool()>& go_on);

  /// Tells those whom it concerns of grants that were opened. To be called every some seconds. Of
  /// how many grants. Error: of one it could not; it is tried again.
  Result<std::size_t> tell_opened(std::string_view tenant, const std::function<bool()>& go_on);

  /// The patient or device of that name (glass_target.h).
  Result<directory::Thing> find_target(std::string_view tenant, directory::Kind kind,
                                       std::string_view name) const;
  Result<GlassStory> story(std::string_view tenant, std::string_view id) const;
  /// The latest first; `before` an id, or empty.
  Result<std::vector<GlassGrant>> of_person(std::string_view tenant, std::string_view person,
                                            std::string_view before, std::size_t most) const;
  /// All that have not ended, in the order of their ids; behind the id `after`.
  Result<std::vector<GlassGrant>> unended(std::string_view tenant, std::string_view after,
                                          std::size_t most) const;

 private:
  /// What is told of a change.
  struct Told {
    GlassStep step;
    event::Kind kind;
    std::string_view action;
    std::string_view reason;  ///< of the step: a code, or why it ended
    std::string_view words;   ///< of who acted
  };
  Result<std::uint64_t> tell(storage::Work& work, const directory::Mandate& mandate,
                             const GlassGrant& grant, const Told& told);
  Result<ChangedGlass> open_in(storage::Work& work, const directory::Mandate& mandate,
                               const GlassProof& proof, std::string_view target,
                               const GlassWish& wish);
  Result<ChangedGlass> renew_in(storage::Work& work, const directory::Mandate& mandate,
                                const GlassProof& proof, GlassGrant grant, const GlassWish& wish);
  Result<ChangedGlass> end_in(storage::Work& work, const directory::Mandate& mandate,
                              GlassGrant grant, GlassEnd end);
  Result<void> tell_one(const GlassGrant& grant);
  Result<void> tend_one(storage::Work& work, const directory::Mandate& own, GlassGrant grant,
                        GlassTending& done);

  const GlassSurroundings& surroundings_;
};

}  // namespace wardlock::access
