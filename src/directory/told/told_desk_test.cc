#include "directory/told/told_desk.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "crypto/random.h"
#include "directory/registry/hospital_for_test.h"
#include "directory/registry/tables.h"
#include "directory/told/tables.h"

namespace wardlock::directory {
namespace {

/// A hospital of which sources tell something; the clock stands still.
class ToldDeskTest : public HospitalForTest {
 protected:
  ToldDeskTest() {
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
    swift_ = person("swift").id;
    cole_ = person("cole").id;
  }

  ToldValue on_call(const std::string& who, std::string value, std::int64_t observed_ms) const {
    return {.thing = who,
            .attribute = "onCall",
            .source = "",
            .value = std::move(value),
            .observed_ms = observed_ms};
  }
  Result<Told> try_tell(std::vector<ToldValue> values, std::string_view source = "rota") {
    return desk_->tell(mandate_, source, std::move(values));
  }
  Told tell(std::vector<ToldValue> values, std::string_view source = "rota") {
    auto told = try_tell(std::move(values), source);
    EXPECT_TRUE(told) << told.error().message;
    return told ? *told : Told();
  }
  /// `attribute=value`, each followed by a space.
  std::string told_of(const std::string& thing) {
    std::string all;
    for (const ToldValue& each : desk_->told_of(mandate_.tenant, thing).value()) {
      all += each.attribute + "=" + each.value + " ";
    }
    return all;
  }

  Surroundings surroundings_;
  std::unique_ptr<ToldDesk> desk_;
  std::string swift_;
  std::string cole_;
};
WARDLOCK_ON_EACH_DATABASE(ToldDeskTest);

TEST_P(ToldDeskTest, WhatIsToldAtOnceIsKeptUnderOneRevision) {
  const Told told = tell({on_call(swift_, "true", now_), on_call(cole_, "false", now_ - 5)});
  EXPECT_EQ(told.are_kept, (std::vector<bool>{true, true}));
  const auto kept = desk_->told_of(mandate_.tenant, swift_).value();
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept.front().source, "rota");
  EXPECT_EQ(kept.front().told_ms, now_);
  EXPECT_EQ(told_of(cole_), "onCall=false ");
  const auto entries = feed();
  EXPECT_EQ(entries.back().kind, kToldEntry);
  EXPECT_EQ(entries.back().revision, told.revision);
  EXPECT_TRUE(entries.back().document.contains(swift_));
  EXPECT_TRUE(entries.back().document.contains(cole_));
}

/// Where somebody is does not stand in the log of everybody's changes.
TEST_P(ToldDeskTest, ValuesAreInNoEventAndNoEntry) {
  tell({on_call(swift_, R"("a very telling value")", now_)});
  const std::string event = last_event();
  EXPECT_TRUE(event.contains("tell_attributes")) << event;
  EXPECT_TRUE(event.contains("onCall")) << event;
  EXPECT_TRUE(event.contains("rota")) << event;
  EXPECT_FALSE(event.contains("telling value")) << event;
  EXPECT_FALSE(feed().back().document.contains("telling value"));
}

TEST_P(ToldDeskTest, WhatWasObservedEarlierReplacesNothing) {
  tell({on_call(swift_, "true", now_)});
  const std::size_t before = feed().size();
  const Told late = tell({on_call(swift_, "false", now_ - 1)});
  EXPECT_EQ(late.are_kept, std::vector<bool>{false});
  EXPECT_EQ(late.revision, 0U);
  EXPECT_EQ(told_of(swift_), "onCall=true ");
  EXPECT_EQ(feed().size(), before) << "nothing has happened";
  now_ += 1;
  EXPECT_EQ(tell({on_call(swift_, "false", now_)}).are_kept, std::vector<bool>{true});
  EXPECT_EQ(told_of(swift_), "onCall=false ");
}

/// The schema names another source since.
TEST_P(ToldDeskTest, AnotherSourcesValueIsReplaced) {
  tell({on_call(swift_, "true", now_)});
  EXPECT_EQ(tell({on_call(swift_, "false", now_ - 1)}, "shifts").are_kept, std::vector<bool>{true});
  EXPECT_EQ(told_of(swift_), "onCall=false ");
}

TEST_P(ToldDeskTest, NothingIsObservedInTheFuture) {
  const auto ahead =
      try_tell({on_call(swift_, "true", now_), on_call(cole_, "true", now_ + 60'001)});
  ASSERT_FALSE(ahead);
  EXPECT_EQ(ahead.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(told_of(swift_), "") << "all of it or nothing";
  tell({on_call(swift_, "true", now_ + 60'000)});
  EXPECT_EQ(desk_->told_of(mandate_.tenant, swift_).value().front().observed_ms, now_)
      << "no value is younger than now";
}

TEST_P(ToldDeskTest, TooMuchIsRefused) {
  EXPECT_FALSE(try_tell({}));
  EXPECT_FALSE(try_tell({on_call(swift_, std::string(kMostToldBytes + 1, '1'), now_)}));
  EXPECT_FALSE(try_tell(std::vector(kMostToldAtOnce + 1, on_call(swift_, "true", now_))));
  EXPECT_FALSE(try_tell({on_call(swift_, "true", -1)}));
  EXPECT_EQ(told_of(swift_), "");
}

TEST_P(ToldDeskTest, AnotherTenantSeesNothingOfIt) {
  tell({on_call(swift_, "true", now_)});
  EXPECT_TRUE(desk_->told_of("elsewhere", swift_).value().empty());
  EXPECT_EQ(desk_->count("elsewhere", "rota", "onCall", 0).value().things, 0U);
  mandate_.tenant = "elsewhere";
  tell({on_call(swift_, "false", now_)});
}

/// Where somebody was is nobody's business once no decision asks for it.
TEST_P(ToldDeskTest, WhatIsForgottenIsErased) {
  tell({on_call(swift_, "true", now_ - 10), on_call(cole_, "true", now_)});
  tell({{.thing = swift_, .attribute = "badge", .source = "", .value = "1", .observed_ms = 0}});
  const auto erase = [&](std::string_view tenant, std::string_view source, std::int64_t until) {
    return desk_->erase(tenant, source, "onCall", until).value();
  };
  EXPECT_EQ(erase("elsewhere", "rota", now_), 0U);
  EXPECT_EQ(erase(mandate_.tenant, "rtls", now_), 0U);
  EXPECT_EQ(erase(mandate_.tenant, "rota", now_ - 11), 0U);
  EXPECT_EQ(erase(mandate_.tenant, "rota", now_ - 10), 1U);
  EXPECT_EQ(told_of(swift_), "badge=1 onCall=null ");
  EXPECT_EQ(told_of(cole_), "onCall=true ");
  EXPECT_EQ(erase(mandate_.tenant, "rota", now_ - 10), 0U) << "once";
  EXPECT_EQ(desk_->count(mandate_.tenant, "rota", "onCall", 0).value().things, 2U)
      << "that something was told stays known";
}

TEST_P(ToldDeskTest, HowASourceStandsIsCounted) {
  const ToldCount none = desk_->count(mandate_.tenant, "rota", "onCall", now_).value();
  EXPECT_EQ(none.things, 0U);
  EXPECT_EQ(none.latest_ms, 0);
  tell({on_call(swift_, "true", now_), on_call(cole_, "true", now_ - 10)});
  const ToldCount counts = desk_->count(mandate_.tenant, "rota", "onCall", now_ - 10).value();
  EXPECT_EQ(counts.things, 2U);
  EXPECT_EQ(counts.fresh, 1U);
  EXPECT_EQ(counts.latest_ms, now_);
  EXPECT_EQ(desk_->count(mandate_.tenant, "rota", "badge", 0).value().things, 0U);
}

}  // namespace
}  // namespace wardlock::directory
