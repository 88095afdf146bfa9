#include "cedar/entities/entity_changes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "cedar/entities/entity_store.h"

namespace wardlock::cedar {
namespace {

/// What an entity of type `E` ought to be.
struct Wanted {
  std::int64_t number = 0;
  std::set<std::string> tags = {};
  std::vector<std::string> parents = {};
};
using World = std::map<std::string, Wanted>;

EntityUid uid_of(std::string_view id) { return {"E", id, hash_uid("E", id)}; }

/// Changes of entities of type `E`.
class Batch {
 public:
  Batch& put(std::string_view id, const Wanted& wanted) {
    Arena& arena = changes_.arena();
    std::vector<Field> attributes = {
        {"id", Value::string(arena.copy(id))},
        {"n", Value::integer(wanted.number)},
        {"self", Value::entity(make_uid(arena, "E", id))},
    };
    std::vector<Field> tags;
    for (const std::string& each : wanted.tags) {
      const std::string_view tag = arena.copy(std::string_view(each));
      tags.push_back({tag, nested(tag)});
    }
    std::vector<const EntityUid*> parents;
    for (const std::string& parent : wanted.parents) {
      parents.push_back(make_uid(arena, "E", parent));
    }
    changes_.put(
        {make_uid(arena, "E", id), arena.copy(attributes), arena.copy(tags), arena.copy(parents)});
    return *this;
  }
  Batch& put(std::string_view id, std::vector<std::string> parents = {}) {
    return put(id, Wanted{.parents = std::move(parents)});
  }
  Batch& remove(std::string_view id) {
    changes_.remove(make_uid(changes_.arena(), "E", id));
    return *this;
  }

  const EntityChanges& changes() const { return changes_; }

 private:
  Value nested(std::string_view tag) {
    Arena& arena = changes_.arena();
    std::vector<Value> members = {Value::string(tag), Value::ip(arena.make<IpAddress>())};
    std::vector<Field> fields = {{"in", make_set(arena, members)}, {"t", Value::string(tag)}};
    return make_record(arena, fields);
  }

  EntityChanges changes_;
};

EntityStore built(const World& world) {
  Batch batch;
  for (const auto& [id, wanted] : world) batch.put(id, wanted);
  auto store = EntityStore().apply(batch.changes());
  EXPECT_TRUE(store) << store.error().message;
  return *std::move(store);
}

std::set<std::string> ancestors_of(const World& world, const std::string& id) {
  std::set<std::string> found;
  std::vector<std::string> open = {id};
  while (!open.empty()) {
    const auto it = world.find(open.back());
    open.pop_back();
    if (it == world.end()) continue;
    for (const std::string& parent : it->second.parents) {
      if (found.insert(parent).second) open.push_back(parent);
    }
  }
  return found;
}

void expect_is(const EntityStore& store, const std::string& id, const World& world) {
  const Entity* entity = store.find(uid_of(id));
  const auto it = world.find(id);
  ASSERT_EQ(entity != nullptr, it != world.end()) << id;
  if (entity == nullptr) return;
  EXPECT_EQ(entity->uid(), store.canonical(uid_of(id)));
  EXPECT_EQ(entity->attributes().find("id")->as_string(), id);
  EXPECT_EQ(entity->attributes().find("n")->as_long(), it->second.number);
  EXPECT_EQ(&entity->attributes().find("self")->as_entity(), entity->uid());
  std::set<std::string> tags = {};
  for (const Field& tag : entity->tags()) {
    tags.emplace(tag.name);
    EXPECT_EQ(find_field(tag.value.as_record(), "t")->as_string(), tag.name);
    EXPECT_TRUE(
        contains(find_field(tag.value.as_record(), "in")->as_set(), Value::string(tag.name)));
  }
  EXPECT_EQ(tags, it->second.tags);
  std::vector<std::string> parents = {};
  for (const EntityUid* parent : entity->parents()) parents.emplace_back(parent->id);
  EXPECT_EQ(parents, it->second.parents);
  std::set<std::string> ancestors;
  for (const EntityUid* ancestor : entity->ancestors()) {
    ancestors.emplace(ancestor->id);
    EXPECT_EQ(ancestor, store.canonical(*ancestor));
    EXPECT_TRUE(entity->has_ancestor(ancestor));
    EXPECT_TRUE(entity->has_ancestor(EntityUid(*ancestor)));
  }
  EXPECT_FALSE(entity->has_ancestor(*entity->uid()));
  EXPECT_EQ(ancestors, ancestors_of(world, id)) << id;
  EXPECT_EQ(ancestors.size(), entity->ancestors().size());
}

void expect_is(const EntityStore& store, const World& world) {
  EXPECT_EQ(store.size(), world.size());
  std::vector<std::string> ids;
  for (const Entity* entity : store.entities()) ids.emplace_back(entity->uid()->id);
  std::vector<std::string> wanted;
  for (const auto& [id, unused] : world) wanted.push_back(id);
  EXPECT_EQ(ids, wanted);
  EXPECT_EQ(store.entities("E"), store.entities());
  EXPECT_TRUE(store.entities("F").empty());
  const bool has_parents =
      std::ranges::any_of(world, [](const auto& entry) { return !entry.second.parents.empty(); });
  EXPECT_EQ(store.parent_types().size(), has_parents ? 1U : 0U);
  for (int i = 0; i < 40; ++i) expect_is(store, std::to_string(i), world);
}

TEST(EntityChanges, AddReplaceAndRemove) {
  const EntityStore store = built({{"1", {.number = 1}}, {"2", {.number = 2}}});
  Batch batch;
  batch.put("1", Wanted{.number = 7}).remove("2").put("3").remove("4");
  const auto next = store.apply(batch.changes());
  ASSERT_TRUE(next);
  expect_is(*next, {{"1", {.number = 7}}, {"3", {}}});
  expect_is(store, {{"1", {.number = 1}}, {"2", {.number = 2}}});
  EXPECT_TRUE(next->is_of_one_row_with(store));
  EXPECT_FALSE(next->is_of_one_row_with(EntityStore()));
}

TEST(EntityChanges, TheLaterOfTwoCounts) {
  const EntityStore store = built({{"1", {}}});
  Batch batch;
  batch.remove("1").put("1", Wanted{.number = 3}).put("2").remove("2");
  const auto next = store.apply(batch.changes());
  ASSERT_TRUE(next);
  expect_is(*next, {{"1", {.number = 3}}});
}

TEST(EntityChanges, NoneMakeAnEqualStore) {
  const World world = {{"1", {.number = 1}}, {"2", {.parents = {"1"}}}};
  const EntityStore store = built(world);
  const auto next = store.apply({});
  ASSERT_TRUE(next);
  expect_is(*next, world);
  expect_is(*EntityStore().apply({}), {});
}

TEST(EntityChanges, UidsStayWhereTheyWere) {
  const EntityStore store = built({{"1", {.parents = {"2"}}}});
  const EntityUid* one = store.canonical(uid_of("1"));
  const EntityUid* two = store.canonical(uid_of("2"));
  ASSERT_NE(two, nullptr);
  Batch there, back;
  const auto without = store.apply(there.remove("1").put("2").changes());
  const auto again = without->apply(back.remove("2").put("1").changes());
  EXPECT_EQ(without->canonical(uid_of("1")), one);
  EXPECT_EQ(again->canonical(uid_of("2")), two);
  EXPECT_EQ(again->find(uid_of("1"))->uid(), one);
  EXPECT_EQ(again->canonical(uid_of("3")), nullptr);
}

TEST(EntityChanges, DescendantsFollow) {
  World world = {{"1", {.parents = {"2"}}}, {"2", {.parents = {"3"}}}, {"5", {.parents = {"2"}}}};
  const EntityStore store = built(world);
  Batch batch;
  // 3 was only named so far.
  const auto next = store.apply(batch.put("3", {"4"}).put("5", {"4"}).changes());
  world["3"].parents = {"4"};
  world["5"].parents = {"4"};
  expect_is(*next, world);
  Batch second;
  const auto after = next->apply(second.remove("2").changes());
  world.erase("2");
  expect_is(*after, world);
  EXPECT_TRUE(after->has_ancestor(*after->find(uid_of("1")), uid_of("2")));
  EXPECT_FALSE(after->has_ancestor(*after->find(uid_of("1")), uid_of("3")));
}

TEST(EntityChanges, ACycleIsNamedAndNothingChanges) {
  const World world = {{"1", {.parents = {"2"}}}, {"2", {.parents = {"3"}}}, {"3", {}}};
  const EntityStore store = built(world);
  Batch batch;
  const auto next = store.apply(batch.put("4").put("3", {"1"}).changes());
  ASSERT_FALSE(next);
  EXPECT_EQ(next.error().message,
            "the entities are in each other in a cycle: `E::\"3\"`, `E::\"1\"`, `E::\"2\"`, then "
            "`E::\"3\"` again");
  expect_is(store, world);
  Batch itself, newcomers, harmless;
  EXPECT_FALSE(store.apply(itself.put("1", {"1"}).changes()));
  EXPECT_FALSE(store.apply(newcomers.put("8", {"9"}).put("9", {"8"}).changes()));
  EXPECT_TRUE(store.apply(harmless.put("3", {"1"}).remove("2").changes()));
}

TEST(EntityChanges, TheWorkIsBounded) {
  World world;
  for (int i = 0; i < 100; ++i) world[std::to_string(i)].parents = {std::to_string(i + 1)};
  const EntityStore store = built(world);
  Batch root, leaf;
  root.put("99", {"100", "x"});
  const auto too_large = store.apply(root.changes(), 1000);
  ASSERT_FALSE(too_large);
  EXPECT_EQ(too_large.error().code, ErrorCode::kResourceExhausted);
  EXPECT_TRUE(store.apply(root.changes(), 10'000));
  EXPECT_TRUE(store.apply(leaf.put("y", {"50"}).changes(), 100));
}

TEST(EntityChanges, AStoreMayBeChangedInTwoWays) {
  const EntityStore store = built({{"1", {}}});
  Batch one, other, further;
  const auto a = store.apply(one.put("2").changes());
  const auto b = store.apply(other.put("3").changes());
  further.put("4");
  const auto after_a = a->apply(further.changes());
  const auto after_b = b->apply(further.changes());
  const auto late = store.apply(further.changes());
  ASSERT_TRUE(after_a && after_b && late);
  expect_is(*after_a, {{"1", {}}, {"2", {}}, {"4", {}}});
  expect_is(*after_b, {{"1", {}}, {"3", {}}, {"4", {}}});
  expect_is(*late, {{"1", {}}, {"4", {}}});
  EXPECT_TRUE(after_a->is_of_one_row_with(store));
  EXPECT_FALSE(after_b->is_of_one_row_with(store));
  EXPECT_FALSE(late->is_of_one_row_with(store));
}

TEST(EntityChanges, RubbishIsLeftBehind) {
  const EntityStore first = built({{"keep", {.number = 5}}});
  EntityStore store = first;
  bool is_copied = false;
  for (int round = 0; round < 100 && !is_copied; ++round) {
    Batch add, remove;
    for (int i = 0; i < 1000; ++i) {
      const std::string id = std::to_string(round) + "/" + std::to_string(i);
      add.put(id);
      remove.remove(id);
    }
    store = *store.apply(add.changes());
    store = *store.apply(remove.changes());
    is_copied = !store.is_of_one_row_with(first);
  }
  EXPECT_TRUE(is_copied);
  EXPECT_EQ(store.find(uid_of("keep"))->attributes().find("n")->as_long(), 5);
  EXPECT_EQ(first.find(uid_of("keep"))->attributes().find("n")->as_long(), 5);
}

TEST(EntityChanges, AStoreIsBuiltAfterAnother) {
  World world;
  for (int i = 0; i < 30; ++i) world[std::to_string(i)] = {.number = i, .tags = {"t"}};
  world["7"].parents = {"8", "9"};
  const EntityStore store = built(world);
  world.erase("3");
  world["5"].number = 55;
  world["6"].tags = {"t", "u"};
  world["7"].parents = {"9", "8"};
  world["31"] = {};
  EntityStore::Builder builder;
  Batch batch;
  for (const auto& [id, wanted] : world) batch.put(id, wanted);
  for (const auto& change : batch.changes().all()) ASSERT_TRUE(builder.add(change.entity));
  const auto next = std::move(builder).build_after(store);
  ASSERT_TRUE(next);
  expect_is(*next, world);
  EXPECT_TRUE(next->is_of_one_row_with(store));
  for (int i = 0; i < 30; ++i) {
    const std::string id = std::to_string(i);
    const EntityUid uid = uid_of(id);
    EXPECT_EQ(next->find(uid) == store.find(uid), i != 3 && (i < 5 || i > 7)) << i;
  }
}

TEST(EntityChanges, AStoreWithLittleInCommonIsBuiltAnew) {
  const EntityStore store = built({{"1", {.number = 1}}, {"2", {}}, {"3", {}}});
  EntityStore::Builder builder;
  Batch batch;
  batch.put("2").put("4");
  for (const auto& change : batch.changes().all()) ASSERT_TRUE(builder.add(change.entity));
  const auto next = std::move(builder).build_after(store);
  ASSERT_TRUE(next);
  expect_is(*next, {{"2", {}}, {"4", {}}});
  EXPECT_FALSE(next->is_of_one_row_with(store));
}

/// Changes a store at random, and compares with one that is built anew. Some of the old versions
/// stay and must not change; sometimes an old one, not the newest, is changed.
class RandomChanges {
 public:
  explicit RandomChanges(unsigned seed) : random_(seed) {}

  void run(int steps) {
    rows_.push_back({built({}), {}});
    for (int step = 0; step < steps && !testing::Test::HasFatalFailure(); ++step) {
      change(below(8) == 0 ? below(rows_.size()) : rows_.size() - 1);
      while (rows_.size() > 6) rows_.erase(rows_.begin() + static_cast<int>(below(6)));
      const auto& [store, world] = rows_[below(rows_.size())];
      expect_is(store, world);
    }
  }

  int refused() const { return refused_; }

 private:
  std::size_t below(std::size_t n) { return random_() % n; }
  std::string id() { return std::to_string(below(40)); }

  void change(std::size_t row) {
    World world = rows_[row].second;
    Batch batch;
    for (std::size_t count = below(4) + 1; count > 0; --count) {
      const std::string which = id();
      if (below(4) == 0) {
        batch.remove(which);
        world.erase(which);
        continue;
      }
      Wanted wanted{.number = static_cast<std::int64_t>(below(100))};
      if (below(3) == 0) wanted.tags = {"t" + id(), "t" + id()};
      std::set<std::string> parents;
      for (std::size_t n = below(3); n > 0; --n) parents.insert(id());
      wanted.parents.assign(parents.rbegin(), parents.rend());
      if (world.contains(which) && below(2) == 0) wanted.parents = world[which].parents;
      batch.put(which, wanted);
      world[which] = wanted;
    }
    auto next = rows_[row].first.apply(batch.changes());
    const bool has_cycle = std::ranges::any_of(world, [&](const auto& entry) {
      return ancestors_of(world, entry.first).contains(entry.first);
    });
    ASSERT_EQ(next.has_value(), !has_cycle);
    if (next) rows_.push_back({*std::move(next), std::move(world)});
    refused_ += has_cycle ? 1 : 0;
  }

  std::mt19937 random_;
  std::vector<std::pair<EntityStore, World>> rows_;
  int refused_ = 0;
};

TEST(EntityChanges, AgreeWithAStoreBuiltAnew) {
  int refused = 0;
  for (unsigned seed = 1; seed <= 20; ++seed) {
    RandomChanges changes(seed);
    changes.run(300);
    ASSERT_FALSE(HasFailure()) << "seed " << seed;
    refused += changes.refused();
  }
  EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace wardlock::cedar
