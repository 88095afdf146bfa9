#include "cedar/entities/entity_index.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "cedar/entities/entities_json.h"

namespace wardlock::cedar {
namespace {

constexpr std::string_view kEntities = R"([
  {"uid": {"type": "Ward", "id": "w2"}, "attrs": {}, "parents": [{"type": "Ward", "id": "w"}]},
  {"uid": {"type": "Ward", "id": "w"}, "attrs": {}, "parents": []},
  {"uid": {"type": "User", "id": "ann"}, "attrs": {"unit": 7}, "parents": []},
  {"uid": {"type": "Bed", "id": "c"},
   "attrs": {"at": {"floor": 2}, "ward": {"__entity": {"type": "Ward", "id": "w2"}},
             "nurse": {"__entity": {"type": "User", "id": "ann"}}, "for": ["a", "b"]},
   "parents": [{"type": "Ward", "id": "w2"}]},
  {"uid": {"type": "Bed", "id": "a"},
   "attrs": {"at": {"floor": 2}, "ward": {"__entity": {"type": "Ward", "id": "w"}},
             "nurse": {"__entity": {"type": "User", "id": "gone"}}, "for": "a"},
   "parents": [{"type": "Ward", "id": "w"}], "tags": {"floor": "2"}},
  {"uid": {"type": "Bed", "id": "b"}, "attrs": {"at": 2}, "parents": []}
])";

class EntityIndexTest : public testing::Test {
 protected:
  EntityIndexTest() {
    const auto json = codec::parse_json(kEntities);
    auto store = entities_from_json(*json);
    if (!store) {
      ADD_FAILURE() << store.error().message;
      std::abort();
    }
    store_ = std::move(*store);
  }

  /// The ids of the beds that are found, in the order found.
  std::string beds(const AttributePath& path, Relation relation, const Value& key) {
    std::string ids;
    const TypeIndex* type = index_.find_type("Bed");
    for (const IndexEntry& entry : type->find(path, relation, key)) {
      ids += type->entities()[entry.place]->uid()->id;
    }
    return ids;
  }
  Value uid(std::string_view type, std::string_view id) {
    return Value::entity(make_uid(arena_, type, id));
  }

  Arena arena_;
  EntityStore store_;
  EntityIndex index_{store_};
};

TEST_F(EntityIndexTest, OrdersTheEntitiesOfATypeById) {
  const TypeIndex* type = index_.find_type("Bed");
  ASSERT_NE(type, nullptr);
  std::string ids;
  for (const Entity* entity : type->entities()) ids += entity->uid()->id;
  EXPECT_EQ(ids, "abc");
  EXPECT_EQ(type->first_place(""), 0U);
  EXPECT_EQ(type->first_place("b"), 1U);
  EXPECT_EQ(type->first_place("bb"), 2U);
  EXPECT_EQ(type->first_place("d"), 3U);
  EXPECT_EQ(index_.find_type("Be"), nullptr);
  EXPECT_EQ(index_.types().size(), 3U);
}

TEST_F(EntityIndexTest, FindsByValueThroughRecordsAndEntities) {
  EXPECT_EQ(beds({{"at"}, {"floor"}}, Relation::kIs, Value::integer(2)), "ac");
  EXPECT_EQ(beds({{"at"}}, Relation::kIs, Value::integer(2)), "b");
  EXPECT_EQ(beds({{"nurse"}, {"unit"}}, Relation::kIs, Value::integer(7)), "c");
  EXPECT_EQ(beds({{"floor", true}}, Relation::kIs, Value::string("2")), "a");
  EXPECT_EQ(beds({}, Relation::kIs, uid("Bed", "b")), "b");
}

TEST_F(EntityIndexTest, FindsNothingWhereThePathEndsOrTheKeyIsAnother) {
  EXPECT_EQ(beds({{"at"}, {"floor"}}, Relation::kIs, Value::string("2")), "");
  EXPECT_EQ(beds({{"at"}, {"floor", true}}, Relation::kIs, Value::integer(2)), "");
  EXPECT_EQ(beds({{"at"}, {"floor"}, {"x"}}, Relation::kIs, Value::integer(2)), "");
  EXPECT_EQ(beds({{"none"}}, Relation::kIs, Value::integer(2)), "");
  EXPECT_EQ(beds({{"floor"}}, Relation::kIs, Value::string("2")), "");
  EXPECT_EQ(beds({}, Relation::kIs, uid("Ward", "w")), "");
  EXPECT_EQ(beds({{"for"}}, Relation::kIn, Value::string("a")), "");
}

TEST_F(EntityIndexTest, TellsASetFromItsMembers) {
  EXPECT_EQ(beds({{"for"}}, Relation::kContains, Value::string("a")), "c");
  EXPECT_EQ(beds({{"for"}}, Relation::kIs, Value::string("a")), "a");
  EXPECT_EQ(beds({{"for"}}, Relation::kContains, Value::string("z")), "");
}

TEST_F(EntityIndexTest, InIsReflexiveAndTransitive) {
  EXPECT_EQ(beds({}, Relation::kIn, uid("Ward", "w")), "ac");
  EXPECT_EQ(beds({}, Relation::kIn, uid("Ward", "w2")), "c");
  EXPECT_EQ(beds({}, Relation::kIn, uid("Bed", "b")), "b");
  EXPECT_EQ(beds({{"ward"}}, Relation::kIn, uid("Ward", "w")), "ac");
  EXPECT_EQ(beds({{"ward"}}, Relation::kIn, uid("Ward", "w2")), "c");
  EXPECT_EQ(beds({{"nurse"}}, Relation::kIn, uid("User", "gone")), "a");
}

TEST_F(EntityIndexTest, IsMadeLikeAnother) {
  beds({{"at"}, {"floor"}}, Relation::kIs, Value::integer(2));
  EntityStore::Builder builder;
  ASSERT_TRUE(builder.add({.uid = builder.intern("Bed", "z")}));
  auto store = std::move(builder).build();
  ASSERT_TRUE(store);
  const EntityIndex next(*store);
  next.make_like(index_);
  const TypeIndex* type = next.find_type("Bed");
  ASSERT_NE(type, nullptr);
  EXPECT_EQ(type->entities().size(), 1U);
  EXPECT_TRUE(type->find({{"at"}, {"floor"}}, Relation::kIs, Value::integer(2)).empty());
  EXPECT_EQ(type->find({}, Relation::kIs, uid("Bed", "z")).size(), 1U);
  EXPECT_EQ(next.find_type("User"), nullptr);
}

TEST_F(EntityIndexTest, ManyThreadsMayAskFirst) {
  std::vector<std::thread> threads;
  std::array<std::size_t, 4> found = {};
  for (std::size_t& count : found) {
    threads.emplace_back([&] {
      count = index_.find_type("Bed")
                  ->find({{"at"}, {"floor"}}, Relation::kIs, Value::integer(2))
                  .size();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(found, (std::array<std::size_t, 4>{2, 2, 2, 2}));
}

}  // namespace
}  // namespace wardlock::cedar
