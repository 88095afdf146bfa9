#include "directory/feed/full_load.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "directory/feed/told_reader.h"
#include "directory/registry/change_rows.h"
#include "directory/told/told_rows.h"

namespace wardlock::directory {
namespace {

class FullLoad {
 public:
  FullLoad(FeedState& state, storage::Work& work, std::string_view tenant, std::int64_t now)
      : state_(state), work_(work), tenant_(tenant), now_(now) {}

  Result<void> run() {
    state_.revision = TRY(read_revision(work_));
    TRY_VOID(each_thing(work_, tenant_, [this](const ThingKey& key, const Thing& thing) {
      name(key, thing);
      return Result<void>();
    }));
    state_.known.take_affected();  // all were named
    TRY_VOID(read_told());
    TRY_VOID(each_facts(work_, tenant_, now_,
                        [this](Facts&& facts) { return place(std::move(facts)); }));
    for (const cedar::Entity* entity : state_.file.entities()) {
      TRY_VOID(builder_.add(cedar::draft_of(*entity, builder_.arena())));
    }
    state_.entities = TRY(std::move(builder_).build());
    state_.as_of = now_;
    TRY_VOID(hide_from_neighbours());
    return load_grants();
  }

 private:
  Result<void> read_told() {
    if (!state_.are_told) return {};
    return each_told(work_, tenant_, [this](ToldValue&& value) -> Result<void> {
      const ThingKey key = TRY(ThingKey::read(value.thing));
      told_[key].push_back(std::move(value));
      return {};
    });
  }

  void name(const ThingKey& key, const Thing& thing) {
    if (thing.kind == Kind::kDeviceModel) {
      state_.models[key] = std::make_shared<const Document>(thing.document);
    }
    const EntityNaming naming = state_.projection.name(thing, state_.models);
    std::string why;
    switch (naming.outcome) {
      case EntityNaming::Outcome::kNamed:
        // Until it turns out that something is missing, or that the name is another's.
        if (state_.known.name(key, naming.type, naming.id)) state_.known.set_seen(key, true);
        return;
      case EntityNaming::Outcome::kOfFile: state_.of_file.insert(naming.type); return;
      case EntityNaming::Outcome::kNotSeen: return;
      case EntityNaming::Outcome::kHidden: why = naming.why; break;
    }
    hide(key, thing, std::move(why));
  }

  /// What was told of it, where policies have a name for it.
  void add_told(const cedar::EntityUid* uid, Facts& facts) {
    const auto told = told_.find(facts.key);
    if (told == told_.end()) return;
    facts.told = std::move(told->second);
    told_.erase(told);
    if (uid != nullptr) note_told(state_.projection.sourced().of(uid->type), facts);
    state_.told_names.take(facts.key, facts.told_names);
  }

  Result<void> place(Facts&& facts) {
    const KnownThings::Known* known = state_.known.find(facts.key);
    add_told(known == nullptr ? nullptr : known->uid, facts);
    if (known != nullptr) {
      Projected seen =
          state_.projection.project(facts, state_.known, state_.models, now_,
                                    std::max(now_, state_.latest_ms), builder_.arena());
      if (seen.entity) {
        TRY_VOID(builder_.add(*seen.entity));
        if (seen.stale) TRY_VOID(builder_.add(*seen.stale));
        if (seen.is_untold) state_.untold.insert(facts.key);
        state_.known.set_shown_as(facts.key, seen.entity->uid);
        if (SeenPeople::has(facts.thing.kind)) {
          state_.people->set(facts.key, seen.entity->uid, state_.revision);
        }
        ++state_.shown;
      } else {
        state_.known.set_seen(facts.key, false);
        hide(facts.key, facts.thing, std::move(seen.why));
        lost_.push_back(facts.key);
      }
    } else if (state_.known.is_waiting(facts.key)) {
      hide(facts.key, facts.thing,
           name_is_taken(state_.projection.name(facts.thing, state_.models)));
    }
    state_.agenda.take(std::move(facts), now_);
    return {};
  }

  void hide(const ThingKey& key, const Thing& thing, std::string why) {
    state_.hidden.emplace(key, HiddenThing{.id = thing.id,
                                           .kind = std::string(to_string(thing.kind)),
                                           .why = std::move(why)});
  }

  /// Others were read before it was known that these are not seen.
  Result<void> hide_from_neighbours() {
    if (lost_.empty()) return {};
    std::vector<ThingKey> neighbours;
    for (const ThingKey& key : lost_) {
      for (const ThingKey& each : TRY(read_neighbours(work_, tenant_, key, now_))) {
        neighbours.push_back(each);
      }
    }
    Step step(state_, &work_, tenant_, now_);
    TRY_VOID(step.refresh(neighbours));
    TRY_VOID(step.commit(state_.revision));
    return {};
  }

  /// Behind all else: it shows by then who is seen.
  Result<void> load_grants() {
    if (state_.grants_from == nullptr) return {};
    std::set<std::string> ids;
    for (OpenGrant& each : TRY(state_.grants_from->read_all(work_, tenant_))) {
      ids.insert(each.id);
      state_.grants.take(std::move(each));
    }
    Step step(state_, nullptr, tenant_, now_);
    TRY_VOID(step.show_grants(ids));
    TRY_VOID(step.commit(state_.revision));
    return {};
  }

  FeedState& state_;
  storage::Work& work_;
  std::string_view tenant_;
  std::int64_t now_;
  cedar::EntityStore::Builder builder_;
  std::vector<ThingKey> lost_;
  std::map<ThingKey, std::vector<ToldValue>> told_;  ///< of those that were not placed yet
};

}  // namespace

Result<void> load_all(FeedState& state, storage::Work& work, std::string_view tenant,
                      std::int64_t now) {
  return FullLoad(state, work, tenant, now).run();
}

}  // namespace wardlock::directory
