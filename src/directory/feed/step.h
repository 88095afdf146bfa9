#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "cedar/entities/entity_changes.h"
#include "cedar/entities/entity_store.h"
#include "directory/feed/agenda.h"
#include "directory/feed/feed.h"
#include "directory/feed/projection.h"
#include "directory/feed/seen_grants.h"
#include "directory/feed/seen_people.h"
#include "directory/feed/told_names.h"

namespace wardlock::directory {

/// What a feed knows, besides where it reads it.
struct FeedState {
  FeedState(Projection how, std::int64_t now) : projection(std::move(how)), agenda(now) {}

  Projection projection;
  KnownThings known;
  Models models;
  Agenda agenda;
  cedar::EntityStore file;      ///< of the tenant's file
  cedar::EntityStore entities;  ///< those, and what is seen of the directory
  std::shared_ptr<SeenPeople> people = std::make_shared<SeenPeople>();
  std::size_t shown = 0;
  std::map<ThingKey, HiddenThing> hidden;
  std::set<std::string> of_file;  ///< types of things that are not seen, since the file has some
  std::uint64_t revision = 0;
  std::int64_t as_of = 0;
  std::set<ThingKey> owed;  ///< things to be looked at once the database is there again
  const OpenGrants* grants_from = nullptr;  ///< null: there are none
  SeenGrants grants;                        ///< that are open
  std::map<std::string, std::string>
      hidden_grants;          ///< those of them that are no entities, and why
  bool are_told = false;      ///< sources tell of things here
  ToldNames told_names;       ///< which things are named in what was told
  std::set<ThingKey> untold;  ///< of which something is fresh no more
  /// The latest that a clock was seen to say. INVARIANT: a grant that was over by then is no entity
  /// any more, and what was stale by then is not fresh, though the clock is set back.
  std::int64_t latest_ms = 0;
};

/// Brings things up to date, and those whose attributes or parents lead to them: all of it, or
/// nothing. For one use.
class Step {
 public:
  /// `work`: null where the database is not there; then what the agenda knows must do.
  Step(FeedState& state, storage::Work* work, std::string_view tenant, std::int64_t now);
  /// Undoes what was not committed.
  ~Step();
  Step(const Step&) = delete;
  Step& operator=(const Step&) = delete;

  Result<void> refresh(std::span<const ThingKey> things);
  /// Those that have expired by the latest that a clock was seen to say are over. The others are
  /// read, which takes the database.
  Result<void> refresh_grants(const std::set<std::string>& ids);
  /// Those that the state has, as they are there.
  Result<void> show_grants(const std::set<std::string>& ids);
  /// Returns whether the entities are others since, which are those of that revision. Error: their
  /// hierarchy has a circle.
  Result<bool> commit(std::uint64_t revision);

 private:
  struct Outcome {
    std::optional<cedar::EntityDraft> entity;
    std::optional<cedar::EntityDraft> stale;  ///< what is stale of it
    bool is_untold = false;
    std::optional<HiddenThing> hidden;
    std::optional<Facts> facts;
  };

  Result<std::optional<Facts>> read(const ThingKey& thing);
  /// Whether others see another thing there than before.
  bool place(const ThingKey& thing, std::optional<Facts> facts);
  bool take_model(const ThingKey& thing, const std::optional<Facts>& facts);
  Outcome outcome_of(std::optional<Facts> facts);
  void change_grants(std::map<std::string, std::string>& hidden);
  void keep_grants(std::map<std::string, std::string> hidden);
  Result<void> wake_neighbours(const ThingKey& thing);
  void wake(const ThingKey& thing);
  void remove(const cedar::EntityUid& uid);

  FeedState& state_;
  storage::Work* work_;
  std::string_view tenant_;
  std::int64_t now_;
  Models models_before_;
  bool is_committed_ = false;
  cedar::EntityChanges changes_;
  std::deque<ThingKey> queue_;
  std::set<ThingKey> waiting_;  ///< in the queue
  std::map<ThingKey, int> turns_;
  std::map<ThingKey, Outcome> outcomes_;
  std::map<std::string, std::optional<OpenGrant>> grants_;  ///< as they are now; nothing: over
  std::set<std::string> touched_grants_;
  std::set<ThingKey> owed_;
};

}  // namespace wardlock::directory
