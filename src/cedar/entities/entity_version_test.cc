#include "cedar/entities/entity_version.h"

#include <gtest/gtest.h>

#include <memory>
#include <new>
#include <thread>
#include <utility>
#include <vector>

namespace wardlock::cedar {
namespace {

using Versions = std::shared_ptr<EntityVersion>;

Versions first() {
  return std::make_shared<EntityVersion>(std::make_shared<Lineage>(), EntityTrie(), 1,
                                         std::make_shared<const TypeCensus>());
}

/// A draft that made one piece of memory, and replaced one; a sanitizer tells if either is given
/// back twice, or never.
Versions draft_after(const Versions& before) {
  return std::make_shared<EntityVersion>(before, EntityTrie(), before->size() + 1, before->census(),
                                         std::vector<void*>{::operator new(8)},
                                         std::vector<void*>{});
}

TEST(EntityVersion, ADraftHoldsItsPredecessorAndDiesAlone) {
  Versions one = first();
  const std::weak_ptr<EntityVersion> watched = one;
  Versions draft = draft_after(one);
  one.reset();
  EXPECT_FALSE(watched.expired());
  draft.reset();
  EXPECT_TRUE(watched.expired());
}

TEST(EntityVersion, ASettledVersionIsHeldByItsPredecessorAndDoesNotHoldIt) {
  Versions one = first();
  // As settled, it owns what it has: nothing here, since the trie is empty.
  Versions two = std::make_shared<EntityVersion>(one, EntityTrie(), 2, one->census(),
                                                 std::vector<void*>{}, std::vector<void*>{});
  ASSERT_TRUE(EntityVersion::settle(two));
  EXPECT_TRUE(EntityVersion::settle(two));  // again changes nothing
  const std::weak_ptr<EntityVersion> watched_one = one, watched_two = two;
  two.reset();
  EXPECT_FALSE(watched_two.expired());
  two = watched_two.lock();
  one.reset();
  EXPECT_TRUE(watched_one.expired());
  EXPECT_EQ(two->size(), 2U);
}

TEST(EntityVersion, OnlyOneOfTwoDraftsTakesThePlace) {
  const Versions one = first();
  const Versions draft = draft_after(one);
  const Versions winner = std::make_shared<EntityVersion>(
      one, EntityTrie(), 2, one->census(), std::vector<void*>{}, std::vector<void*>{});
  EXPECT_TRUE(EntityVersion::settle(winner));
  EXPECT_FALSE(EntityVersion::settle(draft));
  EXPECT_FALSE(EntityVersion::settle(one));  // it has a successor
  EXPECT_TRUE(EntityVersion::settle(winner));
}

TEST(EntityVersion, WhatWasReplacedGoesWithTheLastThatHadIt) {
  Versions one = first();
  Versions two =
      std::make_shared<EntityVersion>(one, EntityTrie(), 1, one->census(), std::vector<void*>{},
                                      std::vector<void*>{::operator new(8)});
  ASSERT_TRUE(EntityVersion::settle(two));
  two.reset();  // `one` still has what was replaced; it goes with it, once
  EXPECT_EQ(one->size(), 1U);
  one.reset();
}

TEST(EntityVersion, ALongRowDiesOnAnyThreadWithoutStack) {
  Versions oldest = first();
  Versions newest = oldest;
  for (int i = 0; i < 200'000; ++i) {
    Versions next = std::make_shared<EntityVersion>(newest, EntityTrie(), 1, newest->census(),
                                                    std::vector<void*>{}, std::vector<void*>{});
    ASSERT_TRUE(EntityVersion::settle(next));
    newest = std::move(next);
  }
  const std::weak_ptr<EntityVersion> last = newest;
  newest.reset();
  EXPECT_FALSE(last.expired());
  std::thread([dying = std::move(oldest)]() mutable { dying.reset(); }).join();
  EXPECT_TRUE(last.expired());
}

}  // namespace
}  // namespace wardlock::cedar
