#include "audit/witness/cosigner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <mutex>
#include <thread>

#include "audit/inspect/inspected_log_for_test.h"
#include "audit/inspect/verify.h"
#include "audit/log/log_folder.h"
#include "audit/witness/witness_for_test.h"

namespace wardlock::audit {
namespace {

class CosignerTest : public testing::Test {
 protected:
  CosignerTest() { log_.append(10); }

  std::unique_ptr<Cosigner> start(std::vector<Witness> witnesses) {
    std::vector<Post> posts;
    for (const Witness& each : witnesses) {
      posts.push_back(each.name == "w1" ? witness_.post() : nowhere());
    }
    CosignerOptions options{.folder = log_.folder(),
                            .witnesses = std::move(witnesses),
                            .posts = std::move(posts),
                            .interval = std::chrono::milliseconds(5),
                            .now = [] { return WitnessForTest::kNow; },
                            .tell =
                                [this](const WitnessStatus& status) {
                                  const std::lock_guard lock(mutex_);
                                  told_.push_back(status);
                                }};
    return std::make_unique<Cosigner>(std::move(options), files_);
  }
  std::unique_ptr<Cosigner> start() { return start({witness_.description()}); }

  static Post nowhere() {
    return [](const std::string&, std::string_view) -> Result<net::HttpReply> {
      return fail(ErrorCode::kUnavailable, "nobody is there");
    };
  }
  template <typename Check>
  static bool eventually(Check check) {
    for (int i = 0; i < 2000; ++i) {
      if (check()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return false;
  }
  std::vector<WitnessStatus> told() {
    const std::lock_guard lock(mutex_);
    return told_;
  }
  /// Those who have signed what is kept.
  std::size_t kept_cosignatures(std::uint64_t size) {
    const auto note = read_file(files_, LogPaths(log_.folder()).cosigned(), 1 << 16);
    if (!note) return 0;
    const auto opened = merkle::open_checkpoint(*note, {.origin = log_.key().name(),
                                                        .log_keys = {log_.key()},
                                                        .witnesses = {*witness_.description().key},
                                                        .quorum = 0});
    return opened && opened->head().size == size ? opened->cosignatures().size() : 0;
  }

  PosixFiles files_;
  InspectedLog log_;
  WitnessForTest witness_{log_.key()};
  std::mutex mutex_;
  std::vector<WitnessStatus> told_;
};

TEST_F(CosignerTest, KeepsWhatWasCosignedAndFollowsTheLog) {
  const auto cosigner = start();
  EXPECT_TRUE(eventually([&] { return kept_cosignatures(10) == 1; }));
  log_.append(7);
  EXPECT_TRUE(eventually([&] { return kept_cosignatures(17) == 1; }));
  EXPECT_TRUE(eventually([&] { return cosigner->status().front().cosigned == 17; }));
  EXPECT_EQ(cosigner->status().front().cosigned_at, std::int64_t{WitnessForTest::kNow});
  EXPECT_TRUE(told().empty());
}

TEST_F(CosignerTest, AsksOnceForEachCheckpoint) {
  const auto cosigner = start();
  ASSERT_TRUE(eventually([&] { return kept_cosignatures(10) == 1; }));
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_EQ(witness_.requests().size(), 1U);
}

TEST_F(CosignerTest, OneThatIsAwayKeepsNobodyElseAndIsAskedAgain) {
  Witness away = witness_.description();
  away.name = "w2";
  const auto cosigner = start({away, witness_.description()});
  EXPECT_TRUE(eventually([&] { return kept_cosignatures(10) == 1; }));
  EXPECT_TRUE(eventually([&] { return cosigner->status()[0].failures > 3; }));
  ASSERT_EQ(told().size(), 1U);
  EXPECT_EQ(told()[0].name, "w2");
  EXPECT_TRUE(told()[0].is_failing);
  EXPECT_FALSE(told()[0].disagrees);
}

TEST_F(CosignerTest, ToldWhenItFailsAndWhenItIsBack) {
  witness_.go_away(true);
  const auto cosigner = start();
  ASSERT_TRUE(eventually([&] { return told().size() == 1; }));
  witness_.go_away(false);
  ASSERT_TRUE(eventually([&] { return told().size() == 2; }));
  EXPECT_FALSE(told()[1].is_failing);
  EXPECT_EQ(told()[1].cosigned, 10U);
}

TEST_F(CosignerTest, AForkIsToldOnceAndStaysOne) {
  merkle::TreeHead other = log_.head();
  other.root[3] ^= 1;
  witness_.forget_and_see(other);
  const auto cosigner = start();
  ASSERT_TRUE(eventually([&] { return !told().empty(); }));
  log_.append(5);
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  ASSERT_EQ(told().size(), 1U);
  EXPECT_TRUE(told()[0].disagrees);
  EXPECT_TRUE(told()[0].why.contains("other records among the first 10")) << told()[0].why;
  EXPECT_TRUE(cosigner->status().front().disagrees);
  EXPECT_FALSE(files_.open(LogPaths(log_.folder()).cosigned(), OpenMode::kRead));
}

TEST_F(CosignerTest, ARollbackIsToldAndAnOutageLeavesItTold) {
  witness_.forget_and_see({.size = 11, .root = {}});
  const auto cosigner = start();
  ASSERT_TRUE(eventually([&] { return !told().empty(); }));
  EXPECT_TRUE(told()[0].why.contains("has seen 11 records, and the log has 10"));
  witness_.go_away(true);
  ASSERT_TRUE(eventually([&] { return told().size() == 2; }));
  EXPECT_TRUE(told()[1].disagrees && told()[1].is_failing);
}

TEST_F(CosignerTest, WhatIsKeptIsVerifiedWithTheLog) {
  {
    const auto cosigner = start();
    ASSERT_TRUE(eventually([&] { return kept_cosignatures(10) == 1; }));
  }
  EXPECT_TRUE(verify_log(files_, {.folder = log_.folder()}, {})->is_whole());
  const std::string path = LogPaths(log_.folder()).cosigned();
  for (const std::uint64_t at : {5U, 30U, 60U}) {
    log_.flip(path, at, 2);
    const auto result = verify_log(files_, {.folder = log_.folder()}, {});
    EXPECT_FALSE(result->is_whole()) << at;
    EXPECT_EQ(result->findings.kept().front().file, path);
    log_.flip(path, at, 2);
  }
}

TEST_F(CosignerTest, ALogCutBehindWhatWasCosignedIsNotWhole) {
  const std::string path = LogPaths(log_.folder()).checkpoint();
  const std::string earlier = log_.read(path);
  log_.append(5);
  {
    const auto cosigner = start();
    ASSERT_TRUE(eventually([&] { return kept_cosignatures(15) == 1; }));
  }
  log_.cut_last_frames(2);
  ASSERT_TRUE(replace_file(files_, path, earlier));
  const auto result = verify_log(files_, {.folder = log_.folder()}, {});
  ASSERT_FALSE(result->is_whole());
  EXPECT_TRUE(std::ranges::any_of(result->findings.kept(), [&](const Finding& finding) {
    return finding.file == LogPaths(log_.folder()).cosigned() &&
           finding.what.contains("its end was removed");
  }));
}

}  // namespace
}  // namespace wardlock::audit
