#include "directory/inventory/life.h"

#include <gtest/gtest.h>

#include <vector>

namespace wardlock::directory {
namespace {

using Steps = std::vector<std::string_view>;

TEST(Life, GoesTheShortestWay) {
  const Schema& device = schema_of(Kind::kDevice);
  EXPECT_EQ(steps_between(device, "manufactured", "inService"),
            (Steps{"commissioned", "inService"}));
  EXPECT_EQ(steps_between(device, "inService", "inService"), Steps{});
  EXPECT_EQ(steps_between(device, "inService", "retired"), Steps{"retired"});
  EXPECT_EQ(steps_to(device, "commissioned"), Steps{"commissioned"});
  EXPECT_EQ(steps_to(device, "quarantined"), (Steps{"commissioned", "quarantined"}));
}

TEST(Life, HasNoWayBackFromItsEnd) {
  const Schema& device = schema_of(Kind::kDevice);
  EXPECT_EQ(steps_between(device, "retired", "inService"), std::nullopt);
  EXPECT_EQ(steps_between(device, "inService", "manufactured"), std::nullopt);
  EXPECT_EQ(steps_between(device, "inService", "lost"), std::nullopt);
  EXPECT_EQ(steps_to(schema_of(Kind::kModuleVersion), "withdrawn"), std::nullopt);
}

TEST(Life, DoesNotLeadThroughAnEnd) {
  const Schema& person = schema_of(Kind::kPerson);
  EXPECT_EQ(steps_between(person, "active", "invited"), std::nullopt) << "not by way of `left`";
  EXPECT_EQ(steps_between(person, "left", "active"), (Steps{"invited", "active"}));
}

TEST(Life, SomeStatesNeedOthers) {
  EXPECT_TRUE(needs_others(schema_of(Kind::kService), "active"));
  EXPECT_FALSE(needs_others(schema_of(Kind::kService), "registered"));
  EXPECT_FALSE(needs_others(schema_of(Kind::kDevice), "inService"));
  EXPECT_TRUE(needs_others(schema_of(Kind::kPatient), "merged"));
}

}  // namespace
}  // namespace wardlock::directory
