// What policies see of what sources tell: while it is fresh, when it is stale, and when it is
// forgotten.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "crypto/random.h"
#include "directory/feed/seen_for_test.h"
#include "directory/registry/tables.h"
#include "directory/told/tables.h"
#include "directory/told/told_desk.h"

namespace wardlock::directory {
namespace {

constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kHour = 60 * kMinute;

class FeedToldTest : public SeenForTest {
 protected:
  FeedToldTest() {
    const auto before = migrations();
    std::vector<storage::Migration> all(before.begin(), before.end());
    all.push_back(kToldTables);
    registry_.reset();
    outbox_.reset();
    store_.reset();
    store_ = open(all);
    surroundings_ = {
        .clock = [this] { return now_; }, .fill_random = &crypto::fill_random, .node = "node-1"};
    registry_ = std::make_unique<Registry>(*store_, surroundings_);
    outbox_ = std::make_unique<Outbox>(*store_, "node-1");
    desk_ = std::make_unique<ToldDesk>(*store_, surroundings_);
    are_told_ = true;
    declare(R"(@source("rota") @fresh("15m") @stale("deny") onCall?: Bool,
               @source("rtls") @fresh("1m") @stale("last-known 10m") whereabouts?: Ward,
               @source("badge") @fresh("15m") @stale("emergency 8h") badge?: String,)");
    swift_ = user("swift");
  }

  /// Of users; in the place of what was.
  void declare(const std::string& attributes) {
    const std::string begin = "name?: String, hospital?: Hospital";
    const std::size_t at = schema_text_.find("entity User in");
    const std::size_t open = schema_text_.find('{', at) + 1;
    schema_text_.replace(open, schema_text_.find(begin, at) - open, attributes);
  }

  void tell(std::string_view source, const std::string& attribute, std::string value,
            std::int64_t age = 0) {
    const auto told = desk_->tell(mandate_, source,
                                  {{.thing = swift_.id,
                                    .attribute = attribute,
                                    .source = "",
                                    .value = std::move(value),
                                    .observed_ms = now_ - age}});
    EXPECT_TRUE(told) << told.error().message;
  }
  std::string seen_swift() const { return seen("User", "swift"); }
  std::string stale_swift() const { return seen("Wardlock::Stale", "User\"swift"); }
  Error why_not(std::string_view source, std::string_view attribute, std::string_view value) const {
    const auto checked = feed_->check_told(swift_, source, attribute, json(value));
    EXPECT_FALSE(checked) << attribute << " " << value;
    return checked ? Error{} : checked.error();
  }

  Surroundings surroundings_;
  std::unique_ptr<ToldDesk> desk_;
  Thing swift_ = {.id = "", .kind = Kind::kPerson, .state = "", .document = empty()};

 private:
  static Document empty() { return Document::read_kept(Kind::kPerson, "{}").value(); }
};
WARDLOCK_ON_EACH_DATABASE(FeedToldTest);

TEST_P(FeedToldTest, WhatIsToldIsSeenAtOnce) {
  load();
  EXPECT_FALSE(seen_swift().contains("onCall"));
  tell("rota", "onCall", "true");
  EXPECT_TRUE(follow());
  EXPECT_TRUE(seen_swift().contains("onCall: true")) << seen_swift();
  EXPECT_EQ(stale_swift(), "");
  EXPECT_EQ(feed_->untold_count(), 0U);
  tell("rota", "onCall", "false");
  EXPECT_TRUE(follow());
  EXPECT_TRUE(seen_swift().contains("onCall: false"));
  tell("rota", "onCall", "null");
  EXPECT_TRUE(follow());
  EXPECT_FALSE(seen_swift().contains("onCall"));
  expect_like_fresh();
}

TEST_P(FeedToldTest, WhatIsDeniedWhenItIsStaleIsGoneByTheClockAlone) {
  tell("rota", "onCall", "true");
  load();
  ASSERT_TRUE(seen_swift().contains("onCall"));
  EXPECT_EQ(feed_->next_moment(), now_ + 15 * kMinute);
  EXPECT_FALSE(feed_->follow_clock(now_ + 15 * kMinute - 1));
  EXPECT_TRUE(feed_->follow_clock(now_ + 15 * kMinute));
  EXPECT_FALSE(seen_swift().contains("onCall"));
  EXPECT_EQ(stale_swift(), "") << "nothing is kept of it";
  EXPECT_EQ(feed_->untold_count(), 1U);
  EXPECT_FALSE(feed_->follow_clock(now_)) << "the clock is set back, and it stays so";
  EXPECT_FALSE(seen_swift().contains("onCall"));
}

TEST_P(FeedToldTest, TheLastKnownValueStaysForAWhileAndIsMarked) {
  const Thing st_mary = organisation("st-mary");
  const Thing seven = ward("ward-7", st_mary);
  tell("rtls", "whereabouts", "\"" + seven.id + "\"");
  load();
  EXPECT_TRUE(seen_swift().contains(R"(whereabouts: Ward::"ward-7")")) << seen_swift();
  EXPECT_EQ(stale_swift(), "");
  EXPECT_TRUE(feed_->follow_clock(now_ + kMinute));
  EXPECT_TRUE(seen_swift().contains("whereabouts"));
  EXPECT_TRUE(stale_swift().contains("whereabouts")) << stale_swift();
  EXPECT_TRUE(feed_->follow_clock(now_ + 10 * kMinute));
  EXPECT_FALSE(seen_swift().contains("whereabouts"));
  EXPECT_EQ(stale_swift(), "");
}

TEST_P(FeedToldTest, WhatIsKeptForEmergenciesIsSeenByThemAlone) {
  tell("badge", "badge", "\"ED\"");
  load();
  EXPECT_TRUE(seen_swift().contains(R"(badge: "ED")"));
  now_ += 15 * kMinute;
  EXPECT_TRUE(follow());
  EXPECT_FALSE(seen_swift().contains("badge"));
  EXPECT_TRUE(stale_swift().contains(R"(badge: "ED")")) << stale_swift();
  expect_like_fresh();
  EXPECT_TRUE(feed_->follow_clock(now_ + 8 * kHour));
  EXPECT_EQ(stale_swift(), "");
}

TEST_P(FeedToldTest, WhatIsToldAgainIsFreshAgain) {
  tell("badge", "badge", "\"ED\"");
  load();
  feed_->follow_clock(now_ + 15 * kMinute);
  ASSERT_NE(stale_swift(), "");
  now_ += 15 * kMinute;
  tell("badge", "badge", "\"ED\"");
  EXPECT_TRUE(follow());
  EXPECT_TRUE(seen_swift().contains("badge"));
  EXPECT_EQ(stale_swift(), "");
  EXPECT_EQ(feed_->untold_count(), 0U);
  EXPECT_EQ(feed_->next_moment(), now_ + 15 * kMinute) << "and not when the one before was stale";
}

/// A start after a day says nothing of yesterday.
TEST_P(FeedToldTest, WhatWasKeptIsAsOldAsItIsWhenAllIsReadAnew) {
  tell("rota", "onCall", "true", 14 * kMinute);
  load();
  EXPECT_TRUE(seen_swift().contains("onCall"));
  now_ += kMinute;
  load();
  EXPECT_FALSE(seen_swift().contains("onCall"));
  EXPECT_EQ(feed_->untold_count(), 1U);
}

TEST_P(FeedToldTest, TheDirectoryHasNoSayInWhatASourceTells) {
  user("cole", R"(,"facts": [{"name": "onCall", "boolean": true}])");
  load();
  EXPECT_NE(seen("User", "cole"), "");
  EXPECT_FALSE(seen("User", "cole").contains("onCall")) << seen("User", "cole");
}

TEST_P(FeedToldTest, AnotherSourcesValueIsNotSeen) {
  tell("rtls", "onCall", "true");
  load();
  EXPECT_FALSE(seen_swift().contains("onCall"));
}

/// It was told before the schema changed; the person is seen all the same.
TEST_P(FeedToldTest, AValueOfAnotherTypeIsNoneAndHidesNobody) {
  tell("rota", "onCall", "\"yes\"");
  tell("rtls", "whereabouts", "\"ward-7\"");
  load();
  EXPECT_NE(seen_swift(), "");
  EXPECT_FALSE(seen_swift().contains("onCall"));
  EXPECT_FALSE(seen_swift().contains("whereabouts"));
}

TEST_P(FeedToldTest, NothingLeadsToWhatIsNotSeen) {
  const Thing st_mary = organisation("st-mary");
  const Thing seven = ward("ward-7", st_mary);
  tell("rtls", "whereabouts", "\"" + seven.id + "\"");
  load();
  ASSERT_TRUE(seen_swift().contains("whereabouts"));
  set_state(seven, "closed");
  EXPECT_TRUE(follow());
  EXPECT_FALSE(seen_swift().contains("whereabouts")) << seen_swift();
  expect_like_fresh();
}

TEST_P(FeedToldTest, OthersOfTheDirectoryAreNotTouched) {
  tell("rota", "onCall", "true");
  load();
  change(swift_, R"({"userName": "login-swift", "entityId": "swift",
                     "facts": [{"name": "mayDose", "boolean": true}]})");
  EXPECT_TRUE(follow());
  EXPECT_TRUE(seen_swift().contains("onCall: true")) << "what was told stays";
  EXPECT_TRUE(seen_swift().contains("mayDose: true"));
  expect_like_fresh();
}

TEST_P(FeedToldTest, WhatMayBeToldIsWhatTheSchemaSays) {
  load();
  EXPECT_TRUE(feed_->check_told(swift_, "rota", "onCall", json("true")));
  EXPECT_TRUE(feed_->check_told(swift_, "rota", "onCall", json("null")));
  EXPECT_EQ(why_not("rtls", "onCall", "true").code, ErrorCode::kPermissionDenied);
  EXPECT_EQ(why_not("rota", "name", "\"x\"").code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(why_not("rota", "nothing", "true").code, ErrorCode::kInvalidArgument);
  for (const char* value : {"\"true\"", "1", "[]", "{}"}) {
    EXPECT_EQ(why_not("rota", "onCall", value).code, ErrorCode::kInvalidArgument);
  }
  for (const char* value : {"\"ward-7\"", "true", "\"0190e8a0-0000-7000-8000-00000000000a\""}) {
    EXPECT_EQ(why_not("rtls", "whereabouts", value).code, ErrorCode::kInvalidArgument);
  }
  set_state(swift_, "suspended");
  const auto suspended = feed_->check_told(find(swift_.id), "rota", "onCall", json("true"));
  ASSERT_FALSE(suspended);
  EXPECT_EQ(suspended.error().code, ErrorCode::kFailedPrecondition);
}

/// Annotations alone make another view.
TEST_P(FeedToldTest, AnotherAgeIsAnotherSchema) {
  load();
  auto other = schema_text_;
  other.replace(other.find("15m"), 3, "20m");
  const auto parsed = cedar::parse_schema(other);
  ASSERT_TRUE(parsed);
  EXPECT_FALSE(feed_->can_take(cedar::EntityStore(), *parsed));
  const auto same = cedar::parse_schema(schema_text_);
  EXPECT_TRUE(feed_->can_take(cedar::EntityStore(), *same));
}

}  // namespace
}  // namespace wardlock::directory
