#include "directory/feed/step.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "directory/feed/told_reader.h"
#include "directory/told/told_rows.h"
#include "pdp/stale.h"

namespace wardlock::directory {
namespace {

/// Things that need each other could go round for ever; what is hidden by then stays so.
constexpr int kMostTurns = 16;

HiddenThing hidden_thing(const Facts& facts, std::string why) {
  return {.id = facts.thing.id,
          .kind = std::string(to_string(facts.thing.kind)),
          .why = std::move(why)};
}

}  // namespace

Step::Step(FeedState& state, storage::Work* work, std::string_view tenant, std::int64_t now)
    : state_(state), work_(work), tenant_(tenant), now_(now), models_before_(state.models) {
  state_.known.begin();
}

Step::~Step() {
  if (is_committed_) return;
  state_.known.undo();
  state_.models = std::move(models_before_);
}

void Step::wake(const ThingKey& thing) {
  if (waiting_.contains(thing) || turns_[thing] >= kMostTurns) return;
  ++turns_[thing];
  waiting_.insert(thing);
  queue_.push_back(thing);
}

Result<void> Step::refresh(std::span<const ThingKey> things) {
  for (const ThingKey& thing : things) wake(thing);
  while (!queue_.empty()) {
    const ThingKey thing = queue_.front();
    queue_.pop_front();
    waiting_.erase(thing);
    if (work_ == nullptr && state_.agenda.find(thing) == nullptr) {
      owed_.insert(thing);
      continue;
    }
    std::optional<Facts> facts = TRY(read(thing));
    if (place(thing, std::move(facts))) TRY_VOID(wake_neighbours(thing));
    for (const ThingKey& other : state_.known.take_affected()) {
      wake(other);
      TRY_VOID(wake_neighbours(other));
    }
  }
  return {};
}

Result<std::optional<Facts>> Step::read(const ThingKey& thing) {
  if (work_ == nullptr) return *state_.agenda.find(thing);
  auto facts = TRY(read_facts(*work_, tenant_, thing, now_));
  if (facts && state_.are_told) facts->told = TRY(find_told(*work_, tenant_, thing.text()));
  return facts;
}

bool Step::place(const ThingKey& thing, std::optional<Facts> facts) {
  const KnownThings::Known* known = state_.known.find(thing);
  const KnownThings::Known before = known == nullptr ? KnownThings::Known() : *known;
  const bool is_other_model = take_model(thing, facts);
  if (facts) {
    for (const Tie& tie : facts->ties) {
      if (!tie.is_subject && !tie.tag.empty()) wake(tie.other);  // whose tag has its number
    }
  } else {
    state_.known.take_name(thing);
  }
  Outcome outcome = facts ? outcome_of(std::move(facts)) : Outcome();
  state_.known.set_seen(thing, outcome.entity.has_value());
  outcomes_.insert_or_assign(thing, std::move(outcome));
  known = state_.known.find(thing);
  const KnownThings::Known after = known == nullptr ? KnownThings::Known() : *known;
  return before.uid != after.uid || before.is_seen != after.is_seen || is_other_model;
}

bool Step::take_model(const ThingKey& thing, const std::optional<Facts>& facts) {
  if (!facts) return state_.models.erase(thing) > 0;
  if (facts->thing.kind != Kind::kDeviceModel) return false;
  std::shared_ptr<const Document>& model = state_.models[thing];
  if (model != nullptr && *model == facts->thing.document) return false;
  model = std::make_shared<const Document>(facts->thing.document);
  return true;
}

Step::Outcome Step::outcome_of(std::optional<Facts> facts) {
  Outcome outcome;
  const EntityNaming naming = state_.projection.name(facts->thing, state_.models);
  if (naming.outcome != EntityNaming::Outcome::kNamed) {
    state_.known.take_name(facts->key);
    if (naming.outcome == EntityNaming::Outcome::kOfFile) state_.of_file.insert(naming.type);
    if (naming.outcome == EntityNaming::Outcome::kHidden) {
      outcome.hidden = hidden_thing(*facts, naming.why);
    }
  } else if (!state_.known.name(facts->key, naming.type, naming.id)) {
    outcome.hidden = hidden_thing(*facts, name_is_taken(naming));
  } else {
    note_told(state_.projection.sourced().of(naming.type), *facts);
    Projected seen = state_.projection.project(*facts, state_.known, state_.models, now_,
                                               std::max(now_, state_.latest_ms), changes_.arena());
    outcome.entity = seen.entity;
    outcome.stale = seen.stale;
    outcome.is_untold = seen.is_untold;
    if (!seen.entity) outcome.hidden = hidden_thing(*facts, std::move(seen.why));
  }
  outcome.facts = std::move(facts);
  return outcome;
}

Result<void> Step::wake_neighbours(const ThingKey& thing) {
  if (work_ == nullptr) {
    owed_.insert(thing);
    return {};
  }
  for (const ThingKey& each : TRY(read_neighbours(*work_, tenant_, thing, now_))) wake(each);
  for (const ThingKey& each : state_.told_names.who_names(thing)) wake(each);
  return {};
}

Result<void> Step::refresh_grants(const std::set<std::string>& ids) {
  std::set<std::string> expired;
  state_.grants.add_expired(state_.latest_ms, expired);
  for (const std::string& id : ids) {
    std::optional<OpenGrant> grant;
    if (!expired.contains(id)) {
      if (work_ == nullptr || state_.grants_from == nullptr) continue;
      grant = TRY(state_.grants_from->read(*work_, tenant_, id));
    }
    if (grant && grant->expires_ms <= state_.latest_ms) grant.reset();
    grants_.insert_or_assign(id, std::move(grant));
  }
  return {};
}

Result<void> Step::show_grants(const std::set<std::string>& ids) {
  TRY_VOID(refresh_grants(ids));  // of them, those that have expired
  touched_grants_.insert(ids.begin(), ids.end());
  return {};
}

/// Those that were refreshed, and those of things that are seen otherwise since.
void Step::change_grants(std::map<std::string, std::string>& hidden) {
  for (const auto& [id, grant] : grants_) touched_grants_.insert(id);
  for (const auto& [thing, outcome] : outcomes_) state_.grants.add_of(thing, touched_grants_);
  for (const std::string& id : touched_grants_) {
    const auto read = grants_.find(id);
    const OpenGrant* const grant = read == grants_.end() ? state_.grants.find(id)
                                   : read->second        ? &*read->second
                                                         : nullptr;
    SeenGrant seen;
    if (grant != nullptr) {
      seen = project_grant(*grant, state_.known, state_.projection.schema(), changes_.arena());
      if (!seen.entity) hidden.emplace(id, std::move(seen.why));
    }
    if (seen.entity) {
      changes_.put(*seen.entity);
    } else {
      for (const auto* uid : uids_of_grant(id, changes_.arena())) changes_.remove(uid);
    }
  }
}

void Step::keep_grants(std::map<std::string, std::string> hidden) {
  for (auto& [id, grant] : grants_) {
    if (grant) {
      state_.grants.take(std::move(*grant));
    } else {
      state_.grants.forget(id);
    }
  }
  for (const std::string& id : touched_grants_) state_.hidden_grants.erase(id);
  state_.hidden_grants.merge(hidden);
}

/// With what was said to be stale of it.
void Step::remove(const cedar::EntityUid& uid) {
  changes_.remove(&uid);
  if (state_.projection.sourced().of(uid.type).empty()) return;
  changes_.remove(pdp::stale_uid_of(uid, changes_.arena()));
}

Result<bool> Step::commit(std::uint64_t revision) {
  for (const auto& [thing, outcome] : outcomes_) {
    const auto* known = state_.known.find(thing);
    if (known != nullptr && known->shown_as != nullptr) remove(*known->shown_as);
  }
  for (const auto& [thing, outcome] : outcomes_) {
    if (outcome.entity) changes_.put(*outcome.entity);
    if (outcome.stale) changes_.put(*outcome.stale);
  }
  std::map<std::string, std::string> hidden_grants;
  change_grants(hidden_grants);
  const bool changes_something = !changes_.empty();
  if (changes_something) state_.entities = TRY(state_.entities.apply(changes_));
  for (auto& [thing, outcome] : outcomes_) {
    const auto* known = state_.known.find(thing);
    const bool was_shown = known != nullptr && known->shown_as != nullptr;
    state_.shown = state_.shown - (was_shown ? 1 : 0) + (outcome.entity ? 1 : 0);
    state_.known.set_shown_as(thing, outcome.entity ? outcome.entity->uid : nullptr);
    const bool is_named =
        outcome.entity && outcome.facts && SeenPeople::has(outcome.facts->thing.kind);
    state_.people->set(thing, is_named ? outcome.entity->uid : nullptr, revision);
    state_.hidden.erase(thing);
    if (outcome.hidden) state_.hidden.emplace(thing, std::move(*outcome.hidden));
    state_.untold.erase(thing);
    if (outcome.is_untold) state_.untold.insert(thing);
    state_.told_names.take(thing,
                           outcome.facts ? outcome.facts->told_names : std::vector<ThingKey>());
    if (outcome.facts) {
      state_.agenda.take(std::move(*outcome.facts), now_);
    } else {
      state_.agenda.forget(thing);
    }
  }
  keep_grants(std::move(hidden_grants));
  state_.owed.insert(owed_.begin(), owed_.end());
  state_.known.keep();
  is_committed_ = true;
  return changes_something;
}

}  // namespace wardlock::directory
