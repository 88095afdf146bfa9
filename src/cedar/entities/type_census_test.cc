#include "cedar/entities/type_census.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "cedar/entities/entity_store.h"

namespace wardlock::cedar {
namespace {

class Batch {
 public:
  Batch& put(std::string_view type, std::string_view id, std::string_view parent_type = {}) {
    Arena& arena = changes_.arena();
    const EntityUid* parent = make_uid(arena, parent_type, "p");
    changes_.put({.uid = make_uid(arena, type, id),
                  .parents = arena.copy(std::span(&parent, parent_type.empty() ? 0U : 1U))});
    return *this;
  }
  Batch& remove(std::string_view type, std::string_view id) {
    changes_.remove(make_uid(changes_.arena(), type, id));
    return *this;
  }
  EntityStore apply(const EntityStore& before) const { return *before.apply(changes_); }

 private:
  EntityChanges changes_;
};

std::vector<std::string> ids(const EntityStore& store, std::string_view type) {
  std::vector<std::string> found;
  for (const Entity* entity : store.entities(type)) found.emplace_back(entity->uid()->id);
  return found;
}

std::vector<std::string_view> parent_types(const EntityStore& store) {
  std::vector<std::string_view> types = store.parent_types();
  std::ranges::sort(types);
  return types;
}

using Ids = std::vector<std::string>;
using Types = std::vector<std::string_view>;

TEST(TypeCensus, FollowsWhatComesAndGoes) {
  const EntityStore one = Batch().put("A", "2").put("A", "1").put("B", "1").apply({});
  EXPECT_EQ(ids(one, "A"), (Ids{"1", "2"}));
  const EntityStore two = Batch().remove("A", "1").put("A", "0").put("A", "2").apply(one);
  EXPECT_EQ(ids(two, "A"), (Ids{"0", "2"}));
  EXPECT_EQ(ids(two, "B"), Ids{"1"});
  const EntityStore none =
      Batch().remove("A", "0").remove("A", "2").remove("A", "9").remove("B", "1").apply(two);
  EXPECT_TRUE(none.entities("A").empty());
  EXPECT_TRUE(none.entities().empty());
  EXPECT_EQ(none.size(), 0U);
  const EntityStore again = Batch().put("A", "1").apply(none);
  EXPECT_EQ(ids(again, "A"), Ids{"1"});
  EXPECT_EQ(ids(one, "A"), (Ids{"1", "2"}));
  EXPECT_TRUE(EntityStore().entities("A").empty());
}

TEST(TypeCensus, ATypeIsAParentsAsLongAsOneHasIt) {
  const EntityStore one = Batch().put("A", "1", "G").put("A", "2", "G").put("A", "3").apply({});
  EXPECT_EQ(parent_types(one), Types{"G"});
  const EntityStore two = Batch().put("A", "1").put("A", "3", "H").apply(one);
  EXPECT_EQ(parent_types(two), (Types{"G", "H"}));
  const EntityStore three = Batch().remove("A", "2").apply(two);
  EXPECT_EQ(parent_types(three), Types{"H"});
  EXPECT_EQ(parent_types(one), Types{"G"});
  EXPECT_TRUE(EntityStore().parent_types().empty());
}

TEST(TypeCensus, ManyOfATypeAreFoundToo) {
  for (const std::size_t extra : {0U, 1U, 2U}) {
    Batch batch;
    for (std::size_t i = 0; i < TypeCensus::kFewEntities; ++i) batch.put("A", std::to_string(i));
    const EntityStore few = batch.put("B", "b").apply({});
    Batch more;
    for (std::size_t i = 0; i < extra; ++i) more.put("A", fmt::format("x{}", i));
    const EntityStore many = more.apply(few);
    EXPECT_EQ(many.entities("A").size(), TypeCensus::kFewEntities + extra);
    // Once they were many, fewer are found all the same.
    Batch less;
    for (std::size_t i = 3; i < TypeCensus::kFewEntities; ++i) less.remove("A", std::to_string(i));
    EXPECT_EQ(less.apply(many).entities("A").size(), 3 + extra);
    EXPECT_EQ(ids(many, "B"), Ids{"b"});
  }
}

TEST(TypeCensus, TooManyTypesAreFoundToo) {
  Batch batch;
  for (std::size_t i = 0; i <= TypeCensus::kMostTypes; ++i) {
    batch.put(fmt::format("T{}", i), "1", i == 0 ? "G" : "");
  }
  const EntityStore store = batch.apply({});
  EXPECT_EQ(ids(store, "T7"), Ids{"1"});
  EXPECT_TRUE(store.entities("T").empty());
  EXPECT_EQ(parent_types(store), Types{"G"});
  EXPECT_TRUE(parent_types(Batch().put("T0", "1").apply(store)).empty());
}

TEST(TypeCensus, IsTheSameWhereNothingOfItChanges) {
  const auto census = std::make_shared<const TypeCensus>();
  EXPECT_EQ(TypeCensus::after(census, {}), census);
  EXPECT_NE(TypeCensus::after(nullptr, {}), nullptr);
  EXPECT_TRUE(census->few("A")->empty());
}

}  // namespace
}  // namespace wardlock::cedar
