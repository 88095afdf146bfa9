#include "api/admin/review.h"

#include <gtest/gtest.h>

#include "api/admin/admin_for_test.h"

namespace wardlock::admin {
namespace {

constexpr std::int64_t kDay = std::int64_t{24} * 3600 * 1000;

class ReviewTest : public AdminForTest {
 protected:
  ReviewTest() {
    person("kim", R"(,"contractUntil":"2027-01-16T00:00:00Z")");  // a day after the test begins
    create(directory::Kind::kPerson, R"({"userName":"lee"})", "invited");
    now_ += 40 * kDay;
  }
};
WARDLOCK_ON_EACH_DATABASE(ReviewTest);

TEST_P(ReviewTest, TellsWhatWhyAndWhatToDo) {
  const Answer answer = get("review?total=true");
  ASSERT_EQ(answer.status, 200);
  ASSERT_EQ(answer.count(), 2);
  EXPECT_EQ(answer.at("items.0.kind"), "contractEnded");
  EXPECT_EQ(answer.at("items.0.thing.name"), "kim");
  EXPECT_EQ(answer.at("items.0.thing.kind"), "person");
  EXPECT_EQ(answer.at("items.0.at"), "2027-01-16T00:00:00.000Z");
  EXPECT_NE(answer.at("items.0.why"), "");
  EXPECT_NE(answer.at("items.0.todo"), "");
  EXPECT_EQ(answer.at("items.1.kind"), "neverCame");
  EXPECT_EQ(answer.at("items.1.thing.state"), "invited");
  EXPECT_EQ(answer.at("counts.0.count"), "1");
  EXPECT_EQ(answer.count("withheld"), 0);
  EXPECT_EQ(answer.at("next"), "");
}

TEST_P(ReviewTest, ComesInPages) {
  const Answer first = get("review?count=1");
  ASSERT_EQ(first.count(), 1);
  ASSERT_NE(first.at("next"), "");
  const Answer second = get("review?count=1&cursor=" + first.at("next"));
  ASSERT_EQ(second.count(), 1);
  EXPECT_EQ(second.at("items.0.kind"), "neverCame");
  EXPECT_EQ(second.at("next"), "");
}

TEST_P(ReviewTest, IsAskedByKind) {
  const Answer answer = get("review?kind=neverCame&kind=dormant");
  ASSERT_EQ(answer.count(), 1);
  EXPECT_EQ(answer.at("items.0.thing.name"), "lee");
  EXPECT_EQ(get("review?kind=neverCome").status, 400);
  EXPECT_EQ(get("review?count=0").status, 400);
  EXPECT_EQ(get("review?count=1001").status, 400);
  EXPECT_EQ(get("review?cursor=x").status, 400);
  EXPECT_EQ(get("review?state=active").status, 400);
}

TEST_P(ReviewTest, ShowsWhatMayBeRead) {
  gate_.denies = {"read all role", "read all device"};
  const Answer answer = get("review");
  EXPECT_EQ(answer.count(), 2);
  bool withholds_roles = false;
  for (std::size_t i = 0; i < answer.count("withheld"); ++i) {
    const std::string name = answer.at("withheld." + std::to_string(i));
    withholds_roles = withholds_roles || name == "roleOfEnded";
    EXPECT_NE(name, "contractEnded");
  }
  EXPECT_TRUE(withholds_roles);
  gate_.denies = {"read all person"};
  EXPECT_EQ(get("review").count(), 0);
  EXPECT_EQ(get("review?kind=contractEnded").status, 403);
  gate_.denies = {"read"};
  EXPECT_EQ(get("review").status, 403);
}

TEST_P(ReviewTest, ChangesNothing) {
  const std::uint64_t before = revision();
  get("review?total=true");
  EXPECT_EQ(revision(), before);
  EXPECT_EQ(post("review", "{}").status, 405);
}

}  // namespace
}  // namespace wardlock::admin
