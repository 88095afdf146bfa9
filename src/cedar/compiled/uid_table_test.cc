#include "cedar/compiled/uid_table.h"

#include <gtest/gtest.h>

#include <deque>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace wardlock::cedar {
namespace {

/// Uids with hashes as the test wants them.
class UidTableTest : public testing::Test {
 protected:
  const EntityUid* uid(std::size_t hash) {
    texts_.push_back(std::to_string(texts_.size()));
    return &uids_.emplace_back("E", texts_.back(), hash);
  }

  /// An entity that is in all of them, and the visited of a table.
  std::multiset<int> above(const UidTable<int>& table, const std::vector<const EntityUid*>& groups,
                           StepBudget& budget) {
    EntityStore::Builder builder;
    std::vector<const EntityUid*> parents;
    for (const EntityUid* group : groups) parents.push_back(group);
    EXPECT_TRUE(builder.add(
        {.uid = builder.intern("E", "entity"), .parents = builder.arena().copy(parents)}));
    const EntityStore store = *std::move(builder).build();
    const Entity* entity = store.find({"E", "entity", hash_uid("E", "entity")});
    const Request request{entity->uid(), entity->uid(), entity->uid()};
    const RequestEntities entities(request, store);
    std::multiset<int> visited;
    table.for_each_ancestor(*entity, entities, budget, [&](int each) { visited.insert(each); });
    return visited;
  }

  std::deque<std::string> texts_;
  std::deque<EntityUid> uids_;
};

TEST_F(UidTableTest, AnEmptyOneHasNothing) {
  const UidTable<int> table;
  EXPECT_EQ(table.size(), 0U);
  EXPECT_EQ(table.find(*uid(0)), nullptr);
  StepBudget budget(0);
  EXPECT_TRUE(above(table, {uid(1)}, budget).empty());
}

TEST_F(UidTableTest, KeepsWhatCollides) {
  std::mt19937_64 random(1);
  UidTable<int> table;
  std::vector<const EntityUid*> keys;
  for (std::size_t i = 0; i < 300; ++i) {
    // One hash, one place, one tag, or anything.
    const std::size_t hashes[] = {7, i << 40, i, random()};
    keys.push_back(uid(hashes[i % 4]));
    table[keys.back()] = static_cast<int>(i);
  }
  EXPECT_EQ(table.size(), keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const EntityUid equal = *keys[i];
    ASSERT_NE(table.find(equal), nullptr);
    EXPECT_EQ(*table.find(equal), static_cast<int>(i));
  }
  EXPECT_EQ(table.find(*uid(7)), nullptr);
  EXPECT_EQ(table.find(*uid(std::size_t{4} << 40)), nullptr);
  std::size_t count = 0;
  table.for_each([&](const EntityUid*, int) { ++count; });
  EXPECT_EQ(count, keys.size());
}

TEST_F(UidTableTest, AnEqualUidIsTheSameKey) {
  UidTable<int> table;
  const EntityUid* one = uid(9);
  const EntityUid equal = *one;
  table[one] = 1;
  ++table[&equal];
  EXPECT_EQ(table.size(), 1U);
  EXPECT_EQ(*table.find(equal), 2);
}

TEST_F(UidTableTest, VisitsAncestorsWhicheverAreFewer) {
  for (const std::size_t hash_step : {std::size_t{0}, std::size_t{1}, std::size_t{0x10001000100}}) {
    for (const std::size_t others : {0U, 3U, 100U}) {
      UidTable<int> table;
      std::vector<const EntityUid*> groups;
      for (std::size_t i = 0; i < 20; ++i) groups.push_back(uid(i * hash_step));
      for (int i = 0; i < 5; ++i) table[groups[static_cast<std::size_t>(i) * 4]] = i;
      for (std::size_t i = 0; i < others; ++i) table[uid(i * hash_step)] = 100;
      StepBudget budget;
      EXPECT_EQ(above(table, groups, budget), (std::multiset<int>{0, 1, 2, 3, 4}));
      EXPECT_FALSE(budget.is_used_up());
      const std::size_t needed = std::min<std::size_t>(20, 5 + others);
      StepBudget exact(needed), too_few(needed - 1);
      above(table, groups, exact);
      EXPECT_FALSE(exact.is_used_up());
      above(table, groups, too_few);
      EXPECT_TRUE(too_few.is_used_up());
    }
  }
}

}  // namespace
}  // namespace wardlock::cedar
