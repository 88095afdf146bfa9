#include "cedar/entities/entity_trie.h"

#include <gtest/gtest.h>

#include <deque>
#include <new>
#include <random>
#include <string>
#include <vector>

namespace wardlock::cedar {
namespace {

/// Tries of uids with hashes as the test wants them.
class EntityTrieTest : public testing::Test {
 protected:
  ~EntityTrieTest() override {
    trie_.destroy();
    for (void* node : replaced_) ::operator delete(node);
  }

  const EntityUid* uid(std::size_t hash) {
    texts_.push_back(std::to_string(texts_.size()));
    return &uids_.emplace_back("E", texts_.back(), hash);
  }
  void put(std::vector<Slot> slots) { trie_ = trie_.with(std::move(slots), created_, replaced_); }

  std::deque<std::string> texts_;
  std::deque<EntityUid> uids_;
  std::vector<void*> created_, replaced_;
  EntityTrie trie_;
};

TEST_F(EntityTrieTest, NothingIsInNothing) {
  EXPECT_FALSE(trie_.find(*uid(0)));
  put({});
  EXPECT_FALSE(trie_.find(*uid(0)));
}

TEST_F(EntityTrieTest, FindsWhatWasPutOneByOneAndAtOnce) {
  std::mt19937_64 random(1);
  std::vector<const EntityUid*> all;
  std::vector<Slot> slots;
  for (int i = 0; i < 20'000; ++i) slots.emplace_back(all.emplace_back(uid(random())));
  put(slots);
  for (int i = 0; i < 2'000; ++i) put({Slot(all.emplace_back(uid(random())))});
  for (const EntityUid* each : all) {
    const EntityUid equal{each->type, each->id, each->hash};
    ASSERT_EQ(trie_.find(equal).uid(), each);
  }
  for (int i = 0; i < 2'000; ++i) EXPECT_FALSE(trie_.find(*uid(random())));
  std::size_t count = 0;
  trie_.for_each([&](Slot) { ++count; });
  EXPECT_EQ(count, all.size());
}

TEST_F(EntityTrieTest, BearsEqualHashes) {
  for (const std::size_t hash :
       {std::size_t{0}, ~std::size_t{0}, std::size_t{0x1234567890ABCDEF}}) {
    std::vector<Slot> slots;
    for (std::size_t i = 0; i < 3 * EntityTrie::kMaxLeaf; ++i) slots.emplace_back(uid(hash));
    put(slots);
    for (int i = 0; i < 3; ++i) put({slots.emplace_back(uid(hash))});
    for (const Slot slot : slots) ASSERT_EQ(trie_.find(*slot.uid()).uid(), slot.uid());
    EXPECT_FALSE(trie_.find(*uid(hash)));
    EXPECT_FALSE(trie_.find(*uid(hash ^ 1)));
  }
}

TEST_F(EntityTrieTest, TellsHashesApartThatDifferAtTheEnd) {
  std::vector<Slot> slots;
  for (std::size_t i = 0; i < 5000; ++i) slots.emplace_back(uid(0xABCDEF0000000000 + i));
  put(slots);
  for (const Slot slot : slots) ASSERT_EQ(trie_.find(*slot.uid()).uid(), slot.uid());
  EXPECT_FALSE(trie_.find(*uid(0xABCDEF0000000000 + 5000)));
}

TEST_F(EntityTrieTest, ALeafIsSearchedAcrossItsEnd) {
  // All want the last place of the leaf, with the same mark or with others.
  for (const std::size_t step : {std::size_t{0}, std::size_t{1}}) {
    std::vector<Slot> slots;
    for (std::size_t i = 0; i < 20; ++i) slots.emplace_back(uid(0xFFFF'FFFF'FFFF'0000 + i * step));
    put(slots);
    for (const Slot slot : slots) ASSERT_EQ(trie_.find(*slot.uid()).uid(), slot.uid());
    EXPECT_FALSE(trie_.find(*uid(0xFFFF'FFFF'FFFF'0000)));
    EXPECT_FALSE(trie_.find(*uid(0xFFFF'FFFF'FFFF'00FF)));
  }
}

TEST_F(EntityTrieTest, GrowsAcrossEverySizeOfALeaf) {
  std::mt19937_64 random(3);
  std::vector<Slot> slots;
  for (std::size_t i = 0; i < EntityTrie::kMaxLeaf + 10; ++i) {
    put({slots.emplace_back(uid(random()))});
    for (const Slot slot : slots) ASSERT_EQ(trie_.find(*slot.uid()).uid(), slot.uid()) << i;
    ASSERT_FALSE(trie_.find(*uid(random())));
  }
}

TEST_F(EntityTrieTest, FindsTwoAtOnce) {
  const EntityUid *one = uid(5), *other = uid(~std::size_t{5}), *unknown = uid(5);
  EXPECT_FALSE(trie_.find_both(*one, *other).first);
  put({Slot(one), Slot(other)});
  const auto both = trie_.find_both(*one, *other);
  EXPECT_EQ(both.first.uid(), one);
  EXPECT_EQ(both.second.uid(), other);
  const auto same = trie_.find_both(*other, *other);
  EXPECT_EQ(same.first.uid(), other);
  EXPECT_EQ(same.second.uid(), other);
  EXPECT_FALSE(trie_.find_both(*unknown, *one).first);
  EXPECT_EQ(trie_.find_both(*unknown, *one).second.uid(), one);
}

TEST_F(EntityTrieTest, WhatIsPutAgainTakesThePlaceOfWhatWasThere) {
  std::vector<Slot> slots;
  for (int i = 0; i < 10; ++i) slots.emplace_back(uid(77));  // one hash
  put(slots);
  for (Slot& slot : slots) slot = slot.as_parent();
  put({slots[3], slots[9]});
  std::size_t parents = 0, all = 0;
  trie_.for_each([&](Slot slot) { ++all, parents += slot.is_parent() ? 1 : 0; });
  EXPECT_EQ(all, 10U);
  EXPECT_EQ(parents, 2U);
  EXPECT_TRUE(trie_.find(*slots[9].uid()).is_parent());
  EXPECT_FALSE(trie_.find(*slots[8].uid()).is_parent());
}

TEST_F(EntityTrieTest, AnOldTrieStaysAsItWas) {
  std::vector<Slot> slots;
  std::mt19937_64 random(2);
  for (int i = 0; i < 2000; ++i) slots.emplace_back(uid(random()));
  put(slots);
  const EntityTrie old = trie_;
  put({slots[7].as_parent(), slots[1999].as_parent()});
  EXPECT_TRUE(trie_.find(*slots[7].uid()).is_parent());
  EXPECT_FALSE(trie_.find(*slots[8].uid()).is_parent());
  EXPECT_FALSE(old.find(*slots[7].uid()).is_parent());
  EXPECT_EQ(old.find(*slots[7].uid()).uid(), slots[7].uid());
  EXPECT_LE(replaced_.size(), 4U);
}

}  // namespace
}  // namespace wardlock::cedar
