#include "cedar/entities/entity_store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace wardlock::cedar {
namespace {

/// Adds entities of type `E` by id.
class StoreMaker {
 public:
  const EntityUid* uid(std::string_view id) { return builder_.intern("E", id); }

  EntityDraft entity(std::string_view id, const std::vector<std::string>& parents = {}) {
    std::vector<const EntityUid*> uids;
    for (const std::string& parent : parents) uids.push_back(uid(parent));
    return {.uid = uid(id), .parents = builder_.arena().copy(uids)};
  }
  Result<void> add(std::string_view id, const std::vector<std::string>& parents = {}) {
    return builder_.add(entity(id, parents));
  }

  EntityStore::Builder& builder() { return builder_; }
  Result<EntityStore> build() { return std::move(builder_).build(); }

 private:
  EntityStore::Builder builder_;
};

EntityUid uid_of(std::string_view id) { return {"E", id, hash_uid("E", id)}; }

TEST(EntityStore, InternsUids) {
  StoreMaker maker;
  EXPECT_EQ(maker.uid("a"), maker.builder().intern("E", std::string("a")));
  EXPECT_NE(maker.uid("a"), maker.uid("b"));
  EXPECT_NE(maker.uid("a"), maker.builder().intern("F", "a"));
  EXPECT_EQ(maker.uid("a")->type.data(), maker.uid("b")->type.data());
}

TEST(EntityStore, FindsWhatWasAdded) {
  StoreMaker maker;
  ASSERT_TRUE(maker.add("a"));
  EXPECT_TRUE(maker.builder().has(uid_of("a")));
  const auto store = maker.build();
  ASSERT_TRUE(store);
  EXPECT_NE(store->find(uid_of("a")), nullptr);
  EXPECT_EQ(store->find(uid_of("b")), nullptr);
  EXPECT_EQ(store->find({"F", "a", hash_uid("F", "a")}), nullptr);
  EXPECT_EQ(store->size(), 1U);
}

TEST(EntityStore, ClosesTheHierarchy) {
  StoreMaker maker;
  ASSERT_TRUE(maker.add("d", {"b", "c"}));
  ASSERT_TRUE(maker.add("b", {"a"}));
  ASSERT_TRUE(maker.add("c", {"a", "gone"}));
  ASSERT_TRUE(maker.add("a"));
  const auto store = maker.build();
  ASSERT_TRUE(store);
  const Entity* d = store->find(uid_of("d"));
  EXPECT_EQ(d->parents().size(), 2U);
  EXPECT_EQ(d->ancestors().size(), 4U);
  for (const char* id : {"a", "b", "c", "gone"})
    EXPECT_TRUE(store->has_ancestor(*d, uid_of(id))) << id;
  EXPECT_FALSE(store->has_ancestor(*d, uid_of("d")));
  EXPECT_FALSE(store->has_ancestor(*store->find(uid_of("a")), uid_of("b")));
  EXPECT_FALSE(store->has_ancestor(*store->find(uid_of("b")), uid_of("c")));
  EXPECT_EQ(store->find(uid_of("gone")), nullptr);
}

TEST(EntityStore, SearchesManyAncestors) {
  StoreMaker maker;
  std::vector<std::string> parents;
  for (int i = 0; i < 1000; ++i) parents.push_back("p" + std::to_string(i));
  ASSERT_TRUE(maker.add("a", parents));
  const auto store = maker.build();
  const Entity* a = store->find(uid_of("a"));
  for (const std::string& parent : parents) EXPECT_TRUE(store->has_ancestor(*a, uid_of(parent)));
  for (int i = 1000; i < 2000; ++i)
    EXPECT_FALSE(store->has_ancestor(*a, uid_of("p" + std::to_string(i))));
  EXPECT_FALSE(store->has_ancestor(*a, {"F", "p1", hash_uid("F", "p1")}));
  EXPECT_TRUE(std::ranges::is_sorted(a->ancestors(), std::less<>()));
}

TEST(EntityStore, NamesACycle) {
  StoreMaker maker;
  ASSERT_TRUE(maker.add("x", {"a"}));
  ASSERT_TRUE(maker.add("a", {"b"}));
  ASSERT_TRUE(maker.add("b", {"c", "gone"}));
  ASSERT_TRUE(maker.add("c", {"a"}));
  const auto store = maker.build();
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().message,
            "the entities are in each other in a cycle: `E::\"a\"`, `E::\"b\"`, `E::\"c\"`, then "
            "`E::\"a\"` again");
}

TEST(EntityStore, RefusesAnEntityInItself) {
  StoreMaker maker;
  ASSERT_TRUE(maker.add("a", {"a"}));
  EXPECT_FALSE(maker.build());
}

TEST(EntityStore, TakesAnIdenticalEntityTwice) {
  StoreMaker maker;
  ASSERT_TRUE(maker.add("a", {"b", "c"}));
  EXPECT_TRUE(maker.add("a", {"c", "b", "b"}));
  EXPECT_EQ(maker.build()->size(), 1U);
}

TEST(EntityStore, RefusesADifferentEntityOfTheSameUid) {
  StoreMaker maker;
  const Field one{"x", Value::integer(1)}, two{"x", Value::integer(2)};
  EntityDraft entity = maker.entity("a", {"b"});
  entity.attributes = std::span(&one, 1);
  ASSERT_TRUE(maker.builder().add(entity));
  const auto refuses = [&](const EntityDraft& other) { return !maker.builder().add(other); };
  EXPECT_FALSE(refuses(entity));
  EntityDraft other = entity;
  other.attributes = std::span(&two, 1);
  EXPECT_TRUE(refuses(other));
  other.attributes = {};
  EXPECT_TRUE(refuses(other));
  other = entity;
  other.tags = std::span(&one, 1);
  EXPECT_TRUE(refuses(other));
  other = entity;
  other.parents = {};
  EXPECT_TRUE(refuses(other));
}

TEST(EntityStore, BearsLongChains) {
  constexpr int kLength = 10'000;
  StoreMaker maker;
  for (int i = 0; i < kLength; ++i) {
    ASSERT_TRUE(maker.add(std::to_string(i), {std::to_string(i + 1)}));
  }
  const auto store = maker.build();
  ASSERT_TRUE(store);
  const Entity* first = store->find(uid_of("0"));
  EXPECT_EQ(first->ancestors().size(), std::size_t{kLength});
  EXPECT_TRUE(store->has_ancestor(*first, uid_of(std::to_string(kLength))));
  EXPECT_FALSE(store->has_ancestor(*store->find(uid_of("5000")), uid_of("4999")));
}

TEST(EntityStore, BoundsTheWorkOfClosing) {
  // 100 in a chain see 4,950 ancestors; one entity in all of them sees 5,050 more.
  const auto build = [](std::size_t max_ancestors_seen) {
    StoreMaker maker;
    std::vector<std::string> all;
    for (int i = 0; i < 100; ++i) {
      all.push_back(std::to_string(i));
      EXPECT_TRUE(maker.add(all.back(), {std::to_string(i + 1)}));
    }
    EXPECT_TRUE(maker.add("wide", all));
    return std::move(maker.builder()).build(max_ancestors_seen);
  };
  EXPECT_TRUE(build(20'000));
  const auto too_large = build(9'000);
  ASSERT_FALSE(too_large);
  EXPECT_EQ(too_large.error().code, ErrorCode::kResourceExhausted);
}

TEST(EntityView, LaysEntitiesOverTheStore) {
  StoreMaker maker;
  ASSERT_TRUE(maker.add("a", {"b"}));
  const auto store = maker.build();
  ASSERT_TRUE(store);
  Arena arena;
  const Field field{"x", Value::integer(1)};
  const EntityUid a = uid_of("a"), c = uid_of("c");
  const Entity* overlay[] = {with_attributes(arena, a, {&field, 1}, store->find(a)),
                             with_attributes(arena, c, {}, nullptr)};
  const EntityView view(*store, overlay);
  EXPECT_EQ(view.find(uid_of("a")), overlay[0]);
  EXPECT_EQ(view.find(uid_of("c")), overlay[1]);
  EXPECT_EQ(view.find(uid_of("b")), nullptr);
  EXPECT_EQ(overlay[0]->uid(), store->canonical(a));
  EXPECT_TRUE(view.has_ancestor(*overlay[0], uid_of("b")));
  EXPECT_FALSE(view.has_ancestor(*overlay[0], uid_of("a")));
  EXPECT_FALSE(view.has_ancestor(*overlay[1], uid_of("b")));
  EXPECT_EQ(find_field(overlay[0]->attributes(), "x")->as_long(), 1);
  EXPECT_TRUE(store->find(a)->attributes().empty());
}

}  // namespace
}  // namespace wardlock::cedar
