#include "directory/feed/feed.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/check.h"
#include "base/utf8.h"
#include "cedar/ast/names.h"
#include "directory/feed/full_load.h"
#include "directory/feed/schema_likeness.h"
#include "directory/feed/seen_grants.h"
#include "directory/feed/seen_json.h"
#include "directory/feed/step.h"
#include "directory/feed/told_reader.h"
#include "directory/registry/change_rows.h"
#include "directory/told/told_rows.h"
#include "pdp/accountability.h"

namespace wardlock::directory {
namespace {

/// To read all anew is less work than to follow so many changes.
constexpr std::size_t kMostChanges = 100'000;

/// So far may clocks of nodes differ, and a change still counts at once everywhere.
constexpr std::int64_t kClockSkewMs = 60'000;

std::unexpected<Error> damaged_entry() {
  return fail(ErrorCode::kDataLoss, "an entry of the directory's change feed is damaged");
}

Result<void> add_told_things(const FeedEntry& entry, std::vector<ThingKey>& things) {
  const codec::Json told = TRY(codec::parse_json(entry.document));
  const auto* const object = told.if_object();
  const auto* const list = object == nullptr ? nullptr : object->if_contains(kToldThings);
  if (list == nullptr || !list->is_array()) return damaged_entry();
  for (const codec::Json& id : list->get_array()) {
    if (!id.is_string()) return damaged_entry();
    things.push_back(TRY(ThingKey::read(id.get_string())));
  }
  return {};
}

/// The things that an entry of the change feed is about.
Result<void> add_things(const FeedEntry& entry, std::vector<ThingKey>& things) {
  if (entry.kind == kToldEntry) return add_told_things(entry, things);
  if (find_kind(entry.kind)) {
    things.push_back(TRY(ThingKey::read(entry.id)));
    return {};
  }
  if (!find_relation(entry.kind)) return {};
  const codec::Json relation = TRY(codec::parse_json(entry.document));
  const auto* object = relation.if_object();
  for (const char* end : {"subject", "object"}) {
    const auto* id = object == nullptr ? nullptr : object->if_contains(end);
    if (id == nullptr || !id->is_string()) return damaged_entry();
    things.push_back(TRY(ThingKey::read(id->get_string())));
  }
  return {};
}

std::set<std::string, std::less<>> types_of(const cedar::EntityStore& file) {
  std::set<std::string, std::less<>> types;
  for (const cedar::Entity* entity : file.entities()) {
    if (!cedar::is_action_type(entity->uid()->type)) types.emplace(entity->uid()->type);
  }
  return types;
}

bool is_of_grant(std::string_view entry) {
  return entry == kOpenGrantEntry || entry == kOpenDelegationEntry || entry == kOpenConsentEntry ||
         entry == kOpenApprovalEntry;
}

}  // namespace

class Feed::Entities {
 public:
  Entities(const storage::Store& from, FeedOptions how) : store(from), options(std::move(how)) {}

  std::unique_ptr<FeedState> fresh_state(const cedar::EntityStore& file, std::int64_t now) const {
    auto fresh = std::make_unique<FeedState>(
        Projection(options.schema, options.known_by, types_of(file)), now);
    fresh->file = file;
    fresh->grants_from = options.grants;
    fresh->are_told = options.are_told && !fresh->projection.sourced().empty();
    fresh->latest_ms = state == nullptr ? now : std::max(now, state->latest_ms);
    return fresh;
  }

  Result<void> load(const cedar::EntityStore& file, std::int64_t now) {
    std::unique_ptr<FeedState> loaded;
    const auto done = store.read([&](storage::Work& work) -> Result<void> {
      loaded = fresh_state(file, now);
      return load_all(*loaded, work, options.tenant, now);
    });
    if (done) state = std::move(loaded);
    return done;
  }

  /// Things and grants.
  struct Wanted {
    std::vector<ThingKey> things;
    std::set<std::string> grants;
  };

  /// What must be looked at; nothing: all.
  Result<std::optional<Wanted>> read_wanted(storage::Work& work, std::int64_t& now) {
    const auto entries = TRY(read_changes(work, options.tenant, state->revision, kMostChanges));
    if (!entries) return std::nullopt;
    Wanted all;
    std::vector<ThingKey>& wanted = all.things;
    for (const FeedEntry& entry : *entries) {
      TRY_VOID(add_things(entry, wanted));
      if (is_of_grant(entry.kind)) all.grants.insert(entry.id);
      // What somebody whose clock is ahead has ended is over here, too.
      if (entry.made_ms - now <= kClockSkewMs) now = std::max(now, entry.made_ms);
    }
    // All moments up to there: they are past afterwards.
    for (const ThingKey& each : state->agenda.due(now)) wanted.push_back(each);
    for (const ThingKey& thing : state->owed) {
      wanted.push_back(thing);
      for (const ThingKey& each : TRY(read_neighbours(work, options.tenant, thing, now))) {
        wanted.push_back(each);
      }
    }
    if (const auto unknown = state->agenda.unknown(now)) {
      for (const ThingKey& each :
           TRY(read_ending(work, options.tenant, unknown->first, unknown->second))) {
        wanted.push_back(each);
      }
    }
    // One for a patient who was merged is for another since.
    for (const ThingKey& thing : wanted) state->grants.add_of(thing, all.grants);
    state->latest_ms = std::max(state->latest_ms, now);
    state->grants.add_expired(state->latest_ms, all.grants);
    return all;
  }

  /// One attempt, within a transaction: it may be made again, also when it succeeded. False: all is
  /// to be read anew.
  Result<bool> follow_in(storage::Work& work, std::int64_t clock) {
    std::int64_t now = clock;
    const std::uint64_t revision = TRY(read_revision(work));
    if (revision < state->revision) return false;  // a backup's, perhaps
    const auto wanted = TRY(read_wanted(work, now));
    if (!wanted) return false;
    if (!wanted->things.empty() || !wanted->grants.empty()) {
      Step step(*state, &work, options.tenant, now);
      TRY_VOID(step.refresh(wanted->things));
      TRY_VOID(step.refresh_grants(wanted->grants));
      has_news |= TRY(step.commit(revision));
    }
    state->revision = revision;
    state->as_of = clock;
    state->owed.clear();
    state->agenda.passed(now);
    state->agenda.look_ahead(now);
    return true;
  }

  Result<bool> follow(std::int64_t now) {
    bool is_followed = false;
    const auto done = store.read([&](storage::Work& work) -> Result<void> {
      is_followed = TRY(follow_in(work, now));
      return {};
    });
    if (!done) return std::unexpected(done.error());
    if (!is_followed) {
      TRY_VOID(load(state->file, now));
      has_news = true;
    }
    return std::exchange(has_news, false);
  }

  bool follow_clock(std::int64_t now) {
    state->latest_ms = std::max(state->latest_ms, now);
    const std::vector<ThingKey> due = state->agenda.due(now);
    std::set<std::string> expired;
    state->grants.add_expired(state->latest_ms, expired);
    if (due.empty() && expired.empty()) return false;
    Step step(*state, nullptr, options.tenant, now);
    CHECK(step.refresh(due));  // nothing was read
    CHECK(step.refresh_grants(expired));
    const auto changed = step.commit(state->revision);
    if (!changed) return false;  // a circle: the directory's fault, told when it is there again
    state->agenda.passed(now);
    return *changed;
  }

  const storage::Store& store;
  FeedOptions options;
  std::unique_ptr<FeedState> state;
  bool has_news = false;  ///< that nobody was told of
};

Feed::Feed(std::unique_ptr<Entities> entities) : entities_(std::move(entities)) {}
Feed::~Feed() = default;

Result<std::unique_ptr<Feed>> Feed::load(const storage::Store& store, FeedOptions options,
                                         const cedar::EntityStore& file, std::int64_t now) {
  CHECK(options.schema != nullptr);
  auto entities = std::make_unique<Entities>(store, std::move(options));
  TRY_VOID(entities->load(file, now));
  return std::unique_ptr<Feed>(new Feed(std::move(entities)));
}

const cedar::EntityStore& Feed::entities() const { return entities_->state->entities; }
std::shared_ptr<const SeenPeople> Feed::people() const { return entities_->state->people; }
std::uint64_t Feed::revision() const { return entities_->state->revision; }
std::int64_t Feed::as_of() const { return entities_->state->as_of; }

Result<bool> Feed::follow(std::int64_t now) { return entities_->follow(now); }
bool Feed::follow_clock(std::int64_t now) { return entities_->follow_clock(now); }
std::optional<std::int64_t> Feed::next_moment() const {
  const auto of_things = entities_->state->agenda.next_moment();
  const auto of_grants = entities_->state->grants.next_moment();
  if (!of_things || !of_grants) return of_things ? of_things : of_grants;
  return std::min(*of_things, *of_grants);
}

std::optional<std::string> Feed::why_not_granted(std::string_view grant) const {
  const FeedState& state = *entities_->state;
  const auto hidden = state.hidden_grants.find(std::string(grant));
  if (hidden != state.hidden_grants.end()) return hidden->second;
  if (state.grants.find(grant) != nullptr) return std::nullopt;
  return "it is not open";
}

Result<SeenAction> Feed::action(std::string_view name) const {
  const cedar::Schema& schema = entities_->state->projection.schema();
  const cedar::ActionType* const found = find_named_action(name, schema);
  if (found == nullptr) {
    return invalid(fmt::format("the policies have no one action `{}`", printable(name)));
  }
  const pdp::Accountability accountability = TRY(pdp::Accountability::read(schema));
  return SeenAction{.action_class = std::string(accountability.class_of(*found->uid)),
                    .takes_approval = takes_approval(*found)};
}

bool Feed::can_take(const cedar::EntityStore& file, const cedar::Schema& schema) const {
  const Projection& projection = entities_->state->projection;
  return types_of(file) == projection.file_types() &&
         have_same_entity_types(schema, projection.schema());
}

Result<cedar::EntityStore> Feed::with_file(const cedar::EntityStore& file) const {
  const FeedState& state = *entities_->state;
  CHECK(types_of(file) == state.projection.file_types());
  cedar::EntityChanges changes;
  for (const cedar::Entity* entity : state.file.entities()) {
    if (file.find(*entity->uid()) == nullptr) changes.remove(entity->uid());
  }
  for (const cedar::Entity* entity : file.entities()) {
    changes.put(cedar::draft_of(*entity, changes.arena()));
  }
  return state.entities.apply(changes);
}

void Feed::take_file(cedar::EntityStore file, cedar::EntityStore entities) {
  entities_->state->file = std::move(file);
  entities_->state->entities = std::move(entities);
}

std::size_t Feed::shown_count() const { return entities_->state->shown; }
std::size_t Feed::hidden_count() const { return entities_->state->hidden.size(); }

std::vector<HiddenThing> Feed::hidden() const {
  constexpr std::size_t kSome = 20;
  std::vector<HiddenThing> some;
  for (const auto& [key, thing] : entities_->state->hidden) {
    if (some.size() == kSome) break;
    some.push_back(thing);
  }
  return some;
}

std::vector<std::string> Feed::warnings() const {
  std::vector<std::string> warnings;
  for (const std::string& type : entities_->state->of_file) {
    warnings.push_back(
        fmt::format("policies see the entities of the type `{}` that the tenant's file has, and "
                    "none of the directory's; take them out of the file",
                    type));
  }
  return warnings;
}

std::vector<ToldAttribute> Feed::told_attributes() const {
  std::vector<ToldAttribute> all;
  for (const pdp::SourcedAttribute& each : entities_->state->projection.sourced().all()) {
    all.push_back({.type = std::string(each.type),
                   .name = std::string(each.name),
                   .source = std::string(each.source),
                   .fresh_ms = each.fresh_ms,
                   .silence = each.silence,
                   .last_known_ms = each.last_known_ms});
  }
  return all;
}

std::size_t Feed::untold_count() const { return entities_->state->untold.size(); }

Result<void> Feed::check_told(const Thing& thing, std::string_view source,
                              std::string_view attribute, const codec::Json& value) const {
  const FeedState& state = *entities_->state;
  const EntityNaming naming = state.projection.name(thing, state.models);
  if (naming.outcome != EntityNaming::Outcome::kNamed) {
    return fail(
        ErrorCode::kFailedPrecondition,
        fmt::format("policies do not see it{}{}", naming.why.empty() ? "" : ": ", naming.why));
  }
  const auto* const rule = state.projection.sourced().find(naming.type, attribute);
  if (rule == nullptr) {
    return invalid(fmt::format("the policies' schema has no source tell `{}` of a `{}`",
                               printable(attribute), naming.type));
  }
  if (rule->source != source) {
    return fail(ErrorCode::kPermissionDenied,
                fmt::format("`{}` of a `{}` is told by the source `{}` alone", rule->name,
                            naming.type, rule->source));
  }
  if (value.is_null()) return {};
  Arena arena;
  const auto read =
      read_told_value(value, *rule->value, state.known, state.projection.schema(), arena);
  if (!read) return invalid(fmt::format("`{}` {}", rule->name, read.error().message));
  return {};
}

Result<SeenThing> Feed::explain(std::string_view id, std::int64_t now) const {
  const Entities& all = *entities_;
  const FeedState& state = *all.state;
  const auto not_found = [&] {
    return fail(ErrorCode::kNotFound, fmt::format("nothing has the id `{}`", printable(id)));
  };
  const auto key = ThingKey::read(id);
  if (!key) return not_found();
  std::optional<Facts> facts;
  const auto read = all.store.read([&](storage::Work& work) -> Result<void> {
    facts = TRY(read_facts(work, all.options.tenant, *key, now));
    if (facts && state.are_told) facts->told = TRY(find_told(work, all.options.tenant, id));
    return {};
  });
  if (!read) return std::unexpected(read.error());
  if (!facts) return not_found();
  const EntityNaming naming = state.projection.name(facts->thing, state.models);
  if (naming.outcome != EntityNaming::Outcome::kNamed)
    return SeenThing{.entity = {}, .why = naming.why};
  const auto* known = state.known.find(*key);
  if (known == nullptr || known->uid == nullptr || known->uid->id != naming.id) {
    return SeenThing{.entity = {}, .why = name_is_taken(naming)};
  }
  Arena arena;
  Projected seen = state.projection.project(*facts, state.known, state.models, now,
                                            std::max(now, state.latest_ms), arena);
  if (!seen.entity) return SeenThing{.entity = {}, .why = std::move(seen.why)};
  return SeenThing{.entity = TRY(to_entity_json(*seen.entity)), .why = {}};
}

}  // namespace wardlock::directory
