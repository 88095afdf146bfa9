#include "authn/session/person_watch.h"

#include <string>
#include <utility>
#include <vector>

#include "codec/json.h"
#include "directory/model/schema.h"
#include "directory/registry/tables.h"

namespace wardlock::authn {
namespace {

using directory::FeedEntry;
using storage::Row;
using storage::Work;

constexpr std::size_t kBatch = 1000;

bool lets_act(std::string_view state) {
  const auto* found = directory::find_state(directory::schema_of(directory::Kind::kPerson), state);
  return found != nullptr && found->is_in_force;
}

/// What cannot be read lets nobody act.
bool lets_act(const FeedEntry& entry) {
  const auto document = codec::parse_json(entry.document);
  if (!document || !document->is_object()) return false;
  const auto* state = document->get_object().if_contains("state");
  return state != nullptr && state->is_string() && lets_act(state->get_string());
}

struct Somebody {
  std::string tenant, person;
};

Result<std::vector<Somebody>> find_ended(const storage::Store& store) {
  std::vector<Somebody> ended;
  const auto read = store.read([&](Work& work) -> Result<void> {
    ended.clear();
    return work.each(
        "SELECT DISTINCT s.tenant, s.person, COALESCE(t.state, '') FROM session s LEFT JOIN thing "
        "t ON t.id = s.person AND t.tenant = s.tenant WHERE s.ended_ms IS NULL",
        {}, [&](Row row) -> Result<void> {
          if (lets_act(row.text(2))) return {};
          ended.push_back({std::string(row.text(0)), std::string(row.text(1))});
          return {};
        });
  });
  TRY_VOID(read);
  return ended;
}

}  // namespace

Result<std::unique_ptr<PersonWatch>> PersonWatch::start(const storage::Store& store,
                                                        const directory::Registry& registry,
                                                        Sessions& sessions,
                                                        std::function<std::int64_t()> clock,
                                                        PersonNews news) {
  std::unique_ptr<PersonWatch> watch(
      new PersonWatch(store, registry, sessions, std::move(clock), std::move(news)));
  TRY_VOID(watch->follow());
  // What cannot be read now is read when the database tells of the next change.
  watch->listening_ =
      TRY(store.listen(std::string(directory::kChangeChannel), [watch = watch.get()] {
        [[maybe_unused]] const auto followed = watch->follow();
      }));
  return watch;
}

PersonWatch::~PersonWatch() { listening_.reset(); }

Result<void> PersonWatch::look_at_all() {
  if (news_.all) news_.all();
  for (const Somebody& each : TRY(find_ended(store_))) {
    TRY(sessions_.person_ended(each.tenant, each.person, clock_()));
  }
  return {};
}

Result<void> PersonWatch::follow() {
  const std::scoped_lock lock(following_);
  const std::string_view kind = directory::schema_of(directory::Kind::kPerson).name;
  while (true) {
    const std::uint64_t seen = revision_.load();
    const std::uint64_t latest = TRY(registry_.revision());
    if (seen == latest && seen != 0) return {};
    const std::vector<FeedEntry> entries =
        seen == 0 ? std::vector<FeedEntry>() : TRY(registry_.changes_after(seen, kBatch));
    // At the start; and where what came next was forgotten, or the database is another one.
    if (entries.empty() || entries.front().revision != seen + 1) {
      TRY_VOID(look_at_all());
      revision_.store(latest);
      return {};
    }
    for (const FeedEntry& entry : entries) {
      if (entry.kind == directory::kWholeEntry) TRY_VOID(look_at_all());
      if (entry.kind != kind || lets_act(entry)) continue;
      if (news_.ended) news_.ended(entry.tenant, entry.id);
      TRY(sessions_.person_ended(entry.tenant, entry.id, clock_()));
    }
    revision_.store(entries.back().revision);
  }
}

}  // namespace wardlock::authn
