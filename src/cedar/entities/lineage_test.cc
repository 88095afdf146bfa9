#include "cedar/entities/lineage.h"

#include <gtest/gtest.h>

#include <string>

namespace wardlock::cedar {
namespace {

TEST(Lineage, ANameHasOnePlaceOfItsOwn) {
  Lineage lineage;
  std::string given = "status";
  const std::string_view name = lineage.name(given);
  EXPECT_NE(name.data(), given.data());
  EXPECT_EQ(lineage.name("status").data(), name.data());
  given = "xxxxxx";
  EXPECT_EQ(name, "status");
  EXPECT_NE(lineage.name("statu").data(), name.data());
  EXPECT_EQ(lineage.name(""), "");
}

TEST(Lineage, AListOfNamesHasOnePlace) {
  Lineage lineage;
  const Value one = Value::integer(1), other = Value::integer(2);
  const std::vector<Field> fields = {{"a", one}, {"b", one}};
  const std::vector<Field> others = {{std::string_view("xa").substr(1), other}, {"b", other}};
  const std::vector<Field> begin = {{"a", one}};
  const std::vector<Field> joined = {{"ab", one}};
  const Names& names = lineage.names(fields);
  EXPECT_EQ(&lineage.names(others), &names);
  EXPECT_NE(&lineage.names(begin), &names);
  EXPECT_NE(&lineage.names(joined), &names);
  EXPECT_NE(&lineage.names({}), &names);
  EXPECT_EQ(&lineage.names({}), &lineage.names({}));
  EXPECT_EQ(names.size(), 2U);
  EXPECT_EQ(names[0].data(), lineage.name("a").data());
  EXPECT_EQ(lineage.lists().size(), 4U);
}

TEST(Lineage, UidsShareTheirTypeAndBorrowNothing) {
  Lineage lineage;
  std::string type = "Hospital::User", id = "ann";
  const EntityUid given{type, id, 17};
  const EntityUid* uid = lineage.make_uid(given);
  const EntityUid* at_entity = lineage.make_uid_for_entity(given);
  type = id = "";
  EXPECT_EQ(uid->type, "Hospital::User");
  EXPECT_EQ(uid->id, "ann");
  EXPECT_EQ(uid->hash, 17U);
  EXPECT_NE(uid, at_entity);
  EXPECT_EQ(*uid, *at_entity);
  EXPECT_EQ(uid->type.data(), at_entity->type.data());
  EXPECT_EQ(lineage.make_uid({"Hospital::User", "", 1})->id, "");
}

TEST(Lineage, IsLitteredOnceMoreWasMadeSinceTheStartThanThereWas) {
  Lineage lineage;
  const std::string id(1'000, 'x');
  const auto make = [&](int count) {
    for (int i = 0; i < count; ++i) lineage.make_uid({"T", id, 1});
  };
  make(3'000);
  lineage.note_start();
  EXPECT_FALSE(lineage.is_littered());
  make(3'500);  // as much again, and half of what is tolerated besides
  EXPECT_FALSE(lineage.is_littered());
  make(1'000);
  EXPECT_TRUE(lineage.is_littered());
}

TEST(Lineage, NamesKnownAlreadyAreNoLitter) {
  Lineage lineage;
  lineage.name("a");
  lineage.note_start();
  for (int i = 0; i < 2'000'000; ++i) lineage.name("a");
  EXPECT_FALSE(lineage.is_littered());
}

}  // namespace
}  // namespace wardlock::cedar
