#include "directory/feed/log_names.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "directory/feed/seen_for_test.h"

namespace wardlock::directory {
namespace {

class LogNamesTest : public SeenForTest {
 protected:
  std::vector<LogName> names(const LogName& named) {
    auto found = find_log_names(*store_, mandate_.tenant, known_by_, named);
    EXPECT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->front(), named);
    std::ranges::sort(*found);
    return *found;
  }
  void call(const Thing& thing, const std::string& user_name) {
    change(thing, R"({"userName":")" + user_name + "\"}");
  }
};
WARDLOCK_ON_EACH_DATABASE(LogNamesTest);

TEST_P(LogNamesTest, APersonIsNamedByIdAndAsPoliciesKnowThem) {
  const Thing grey = user("grey");
  const std::vector<LogName> both = {{"User", grey.id}, {"User", "grey"}};
  EXPECT_EQ(names({"User", "grey"}), both);
  EXPECT_EQ(names({"User", grey.id}), both);
}

TEST_P(LogNamesTest, WhatTheyWereKnownByBeforeCountsToo) {
  known_by_ = {{Kind::kPerson, "userName"}};
  const Thing grey = person("grey");
  call(grey, "shepherd");
  const std::vector<LogName> all = {{"User", grey.id}, {"User", "grey"}, {"User", "shepherd"}};
  EXPECT_EQ(names({"User", "grey"}), all);
  EXPECT_EQ(names({"User", "shepherd"}), all);
  write([&](Edit& edit) { return edit.remove(grey.id, std::nullopt); });
  EXPECT_EQ(names({"User", grey.id}), all) << "also of who was removed";
}

TEST_P(LogNamesTest, APatientIsFoundByTheirNumberWherePoliciesKnowIt) {
  known_by_ = {{Kind::kPatient, "recordNumber"}};
  const Thing alma = patient("MR-7");
  const std::vector<LogName> all = {{"Patient", "MR-7"}, {"Patient", alma.id}};
  const auto found = names({"Patient", "MR-7"});
  EXPECT_TRUE(std::ranges::is_permutation(found, all));
}

TEST_P(LogNamesTest, WhoIsNotInTheDirectoryHasOneName) {
  user("grey");
  EXPECT_EQ(names({"User", "nobody"}).size(), 1U);
  EXPECT_EQ(names({"Patient", "grey"}).size(), 1U) << "no patient";
  EXPECT_EQ(names({"User", "login-grey"}).size(), 1U) << "policies do not know them so";
  mandate_.tenant = "st-john";
  EXPECT_EQ(names({"User", "grey"}).size(), 1U) << "another tenant's";
}

TEST_P(LogNamesTest, ANameOfTwoIsNobodys) {
  known_by_ = {{Kind::kPerson, "userName"}};
  const Thing one = user("x");
  const Thing two = person("x");
  const auto found = find_log_names(*store_, mandate_.tenant, known_by_, {"User", "x"});
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::kFailedPrecondition);
  for (const std::string& id : {one.id, two.id}) {
    EXPECT_FALSE(find_log_names(*store_, mandate_.tenant, known_by_, {"User", id}))
        << "`x` may be the other one: nobody may believe that all of it was meant";
  }
}

TEST_P(LogNamesTest, ANameOfAnotherKindOfThingLeavesNoneOut) {
  known_by_ = {{Kind::kPerson, "userName"}};
  const Thing grey = person("grey");
  create(Kind::kGroup, R"({"displayName":"decoys","entityId":"grey"})");
  const std::vector<LogName> all = {{"User", grey.id}, {"User", "grey"}};
  EXPECT_EQ(names({"User", grey.id}), all);
  EXPECT_EQ(names({"User", "grey"}), all);
}

}  // namespace
}  // namespace wardlock::directory
