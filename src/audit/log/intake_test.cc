#include "audit/log/intake.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "audit/log/log_for_test.h"

namespace wardlock::audit {
namespace {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

class IntakeTest : public ::testing::Test {
 protected:
  using Clock = Intake::Clock;

  void start(std::size_t most_batch_bytes = 100'000) {
    intake_ =
        std::make_unique<Intake>(options_, most_batch_bytes, [this] { return is_failing_.load(); });
    appender_ = &intake_->add_appender([] {});
  }

  void append(std::string_view draft, WhenFailing when_failing = WhenFailing::kRefuse) {
    ASSERT_TRUE(appender_->append(draft, when_failing));
  }

  Intake::Taken take(Clock::duration patience = 0s) {
    return intake_->take(taken_, tree_, Clock::now() + 10s, patience);
  }

  /// Takes until there are so many drafts; returns the records of all.
  Texts take_drafts(std::size_t count) {
    Texts texts;
    for (std::size_t drafts = 0; drafts < count; drafts += taken_.drafts.size()) {
      if (take() != Intake::Taken::kSome) return texts;
      EXPECT_EQ(taken_.batch.before(), tree_);
      tree_ = taken_.batch.tree();
      for (std::size_t i = 0; i < taken_.batch.size(); ++i) {
        texts.emplace_back(taken_.batch.records()[i]);
      }
    }
    return texts;
  }

  LogOptions options_ = test_options("/log");
  std::atomic<bool> is_failing_ = false;
  merkle::CompactRange tree_;
  Incoming taken_;
  std::unique_ptr<Intake> intake_;
  Appender* appender_ = nullptr;
};

TEST_F(IntakeTest, WhatIsAppendedComesOutSealedAndInOrder) {
  start();
  Texts expected;
  for (int i = 0; i < 3000; ++i) {
    append(std::to_string(i));
    expected.push_back(std::to_string(i) + "!");
  }
  EXPECT_EQ(take_drafts(3000), expected);
  merkle::CompactRange tree;
  for (const std::string& text : expected) tree.append(merkle::leaf_hash(text));
  EXPECT_EQ(tree_, tree);
}

TEST_F(IntakeTest, ABatchIsBounded) {
  start(200);
  for (int i = 0; i < 20; ++i) append(std::string(50, 'x'));
  for (std::size_t drafts = 0; drafts < 20; drafts += taken_.drafts.size()) {
    ASSERT_EQ(take(), Intake::Taken::kSome);
    EXPECT_LE(taken_.batch.records().bytes().size(), 200U);
    tree_ = taken_.batch.tree();
  }
}

TEST_F(IntakeTest, ABatchContinuesTheTreeThatThereIs) {
  start();
  append("a");
  ASSERT_EQ(take(), Intake::Taken::kSome);
  append("b");
  // That "a" could not be written, and something else was, is known only now.
  tree_.append(merkle::leaf_hash("other"));
  tree_.append(merkle::leaf_hash("another"));
  const merkle::CompactRange before = tree_;
  EXPECT_EQ(take_drafts(1), Texts{"b!"});
  EXPECT_EQ(taken_.batch.before(), before);
  EXPECT_EQ(taken_.batch.tree().size(), 3U);
  append("c");
  EXPECT_EQ(take_drafts(1), Texts{"c!"});
  EXPECT_EQ(tree_.size(), 4U);
}

TEST_F(IntakeTest, ThereIsNothingInTime) {
  start();
  EXPECT_EQ(intake_->take(taken_, tree_, Clock::now() + 1ms, 0s), Intake::Taken::kNone);
  EXPECT_EQ(intake_->take(taken_, tree_, Clock::time_point(), 1s), Intake::Taken::kNone);
}

TEST_F(IntakeTest, AfterClosingTheRestComesOutAndThenTheEnd) {
  start();
  append("a");
  intake_->close();
  EXPECT_EQ(take_drafts(1), Texts{"a!"});
  EXPECT_EQ(take(), Intake::Taken::kEnd);
  EXPECT_EQ(take(1s), Intake::Taken::kEnd);
  EXPECT_FALSE(appender_->append("b", WhenFailing::kSpool));
}

TEST_F(IntakeTest, ThoseWhoWereAnsweredAreWaitedForAndNoLonger) {
  start();
  append("a");
  append("b");
  ASSERT_EQ(take_drafts(2).size(), 2U);
  std::jthread later([&] {
    append("c");
    std::this_thread::sleep_for(20ms);
    append("d");
  });
  ASSERT_EQ(take(10s), Intake::Taken::kSome);
  EXPECT_EQ(taken_.drafts.size(), 2U);
  later.join();
  append("e");
  const auto begin = Clock::now();
  ASSERT_EQ(take(20ms), Intake::Taken::kSome);
  EXPECT_EQ(taken_.drafts.size(), 1U);
  EXPECT_GE(Clock::now() - begin, 20ms);
}

TEST_F(IntakeTest, WhileTheLogIsFailingWhatIsRefusedIsNotSealed) {
  is_failing_ = true;
  start();
  append("refused");
  append("spooled", WhenFailing::kSpool);
  append("refused too");
  EXPECT_EQ(take_drafts(3), Texts{"spooled!"});
  EXPECT_FALSE(taken_.error);
}

TEST_F(IntakeTest, WhatCouldNotBeSealedComesOutWithTheError) {
  std::atomic<bool> fails = true;
  options_.seal = [&, seal = options_.seal](std::span<const std::string_view> drafts,
                                            Records& out) -> Result<void> {
    if (!fails) return seal(drafts, out);
    TRY_VOID(seal(drafts.first(1), out));
    return fail(ErrorCode::kUnavailable, "no keys");
  };
  start();
  append("a", WhenFailing::kSpool);
  ASSERT_EQ(take(), Intake::Taken::kSome);
  ASSERT_EQ(taken_.drafts.size(), 1U);
  EXPECT_FALSE(taken_.drafts[0].is_sealed);
  EXPECT_TRUE(taken_.batch.empty());
  ASSERT_TRUE(taken_.error);
  EXPECT_EQ(taken_.error->message, "no keys");
  fails = false;
  append("b");
  EXPECT_EQ(take_drafts(1), Texts{"b!"});
  EXPECT_FALSE(taken_.error);
}

}  // namespace
}  // namespace wardlock::audit
