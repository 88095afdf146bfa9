#include "directory/registry/turn.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "directory/registry/hospital_for_test.h"

namespace wardlock::directory {
namespace {

constexpr std::string_view kTask = "ldap:main";

class TurnTest : public HospitalForTest {
 protected:
  bool take(Turns& turns, std::int64_t now, std::string_view tenant = "st-mary") {
    return turns.take(tenant, kTask, now, now + 100).value().has_value();
  }
  std::int64_t busy_until() {
    std::int64_t until = 0;
    EXPECT_TRUE(store_->read([&](storage::Work& work) -> Result<void> {
      const storage::Rows rows = TRY(work.query("SELECT busy_until_ms FROM task"));
      until = rows.front().integer(0);
      return {};
    }));
    return until;
  }
  Turns one_{*store_, "one"};
  Turns other_{*store_, "other"};
};
WARDLOCK_ON_EACH_DATABASE(TurnTest);

TEST_P(TurnTest, OneHasItAtATime) {
  EXPECT_TRUE(take(one_, 1000));
  EXPECT_FALSE(take(other_, 1099));
  EXPECT_TRUE(take(one_, 1050)) << "its own";
  EXPECT_TRUE(take(other_, 1050, "st-john")) << "another tenant's";
  ASSERT_TRUE(one_.finish("st-mary", kTask, 1060, "seen up to 7"));
  const auto last = other_.take("st-mary", kTask, 1061, 2000).value();
  ASSERT_TRUE(last);
  EXPECT_EQ(last->finished_ms, 1060);
  EXPECT_EQ(last->notes, "seen up to 7");
}

TEST_P(TurnTest, WhoEndsWithoutAWordLosesIt) {
  EXPECT_TRUE(take(one_, 1000));
  EXPECT_TRUE(take(other_, 1100));
  EXPECT_FALSE(one_.keep("st-mary", kTask, 1300).value());
  ASSERT_TRUE(one_.finish("st-mary", kTask, 1150, "mine"));
  ASSERT_TRUE(one_.give_up("st-mary", kTask));
  EXPECT_FALSE(take(one_, 1150)) << "what was lost is not given back";
  EXPECT_EQ(one_.last("st-mary", kTask).value().notes, "");
  EXPECT_TRUE(other_.keep("st-mary", kTask, 1300).value());
  EXPECT_FALSE(take(one_, 1250));
}

TEST_P(TurnTest, WhatWasNotDoneLeavesNoNote) {
  EXPECT_TRUE(take(one_, 1000));
  ASSERT_TRUE(one_.finish("st-mary", kTask, 1010, "first"));
  EXPECT_TRUE(take(one_, 1020));
  ASSERT_TRUE(one_.give_up("st-mary", kTask));
  const auto last = other_.take("st-mary", kTask, 1021, 1200).value();
  ASSERT_TRUE(last);
  EXPECT_EQ(last->finished_ms, 1010);
  EXPECT_EQ(last->notes, "first");
}

TEST_P(TurnTest, IsKeptForAsLongAsSomebodyIsAtIt) {
  ASSERT_TRUE(take(one_, 1000));
  std::atomic<std::int64_t> clock = 1000;
  {
    const TurnKeeper keeper(
        one_, "st-mary", std::string(kTask), [&] { return clock.load(); },
        std::chrono::milliseconds(1));
    clock = 5000;
    while (busy_until() < 5000 + TurnKeeper::kTurnMs) std::this_thread::yield();
    EXPECT_FALSE(take(other_, 5000 + TurnKeeper::kTurnMs - 1));
  }
  EXPECT_TRUE(take(other_, 5000 + TurnKeeper::kTurnMs)) << "it ends soon after its keeper";
}

TEST_P(TurnTest, ThatWasFinishedIsNotTakenAgainByItsKeeper) {
  ASSERT_TRUE(take(one_, 1000));
  {
    const TurnKeeper keeper(
        one_, "st-mary", std::string(kTask), [] { return 1000; }, std::chrono::milliseconds(1));
    ASSERT_TRUE(one_.finish("st-mary", kTask, 1010, ""));
    EXPECT_TRUE(take(other_, 1011));
  }
  EXPECT_FALSE(take(one_, 1012));
}

}  // namespace
}  // namespace wardlock::directory
