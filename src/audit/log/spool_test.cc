#include "audit/log/spool.h"

#include <gtest/gtest.h>

#include "audit/files/faulty_files_for_test.h"
#include "audit/log/log_for_test.h"

namespace wardlock::audit {
namespace {

using Fault = FaultyFiles::Fault;
using Texts = std::vector<std::string>;

constexpr const char* kPath = "/log/spool/spool";

std::unique_ptr<Spool> open(FaultyFiles& files) {
  EXPECT_TRUE(files.make_folder("/log"));
  EXPECT_TRUE(files.sync_folder("/"));
  auto spool = Spool::open(test_options("/log"), files);
  EXPECT_TRUE(spool) << spool.error().message;
  return std::move(*spool);
}

Texts records_of(const Spool& spool) {
  Texts texts;
  const auto leaves = spool.leaves({}, spool.end());
  EXPECT_TRUE(spool.read({}, spool.end(), leaves,
                         [&](std::uint64_t, const Records& records) -> Result<void> {
                           for (std::size_t i = 0; i < records.size(); ++i)
                             texts.emplace_back(records[i]);
                           return {};
                         }));
  EXPECT_EQ(texts.size(), spool.records());
  return texts;
}

std::string opening(FaultyFiles& files) {
  const auto spool = Spool::open(test_options("/log"), files);
  if (spool) return "";
  EXPECT_EQ(spool.error().code, ErrorCode::kDataLoss);
  return spool.error().message;
}

TEST(SpoolTest, KeepsWhatItTookOverALossOfPower) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    FaultyFiles files(seed);
    {
      const auto spool = open(files);
      EXPECT_TRUE(spool->empty());
      ASSERT_TRUE(spool->append(make_records({"a", "b"})));
      ASSERT_TRUE(spool->append(make_records({std::string(10'000, 'c')})));
      EXPECT_GT(spool->used(), 10'000U);
    }
    files.restart();
    EXPECT_EQ(records_of(*open(files)), (Texts{"a", "b", std::string(10'000, 'c')}));
  }
}

TEST(SpoolTest, DropsWhatWasNotAcknowledgedAndGoesOn) {
  for (std::uint64_t operation = 1; operation <= 4; ++operation) {
    for (std::uint64_t seed = 0; seed < 30; ++seed) {
      FaultyFiles files(seed);
      Texts kept{"first"};
      {
        const auto spool = open(files);
        ASSERT_TRUE(spool->append(make_records(kept)));
        files.lose_power_at(operation);
        if (spool->append(make_records({std::string(3000, 'x')}))) kept.emplace_back(3000, 'x');
        if (spool->append(make_records({"last"}))) kept.emplace_back("last");
      }
      files.restart();
      const auto spool = open(files);
      Texts records = records_of(*spool);
      ASSERT_GE(records.size(), kept.size());
      ASSERT_TRUE(spool->append(make_records({"after"})));
      records.emplace_back("after");
      files.restart();
      ASSERT_EQ(records_of(*open(files)), records);
    }
  }
}

TEST(SpoolTest, AfterAnErrorItCanBeTriedAgain) {
  for (const Fault fault : {Fault::kIoError, Fault::kFailedSync, Fault::kShortWrite}) {
    for (std::uint64_t operation = 1; operation <= 2; ++operation) {
      for (std::uint64_t seed = 0; seed < 20; ++seed) {
        FaultyFiles files(seed);
        Texts kept;
        {
          const auto spool = open(files);
          files.break_at(operation, fault);
          if (spool->append(make_records({std::string(5000, 'x')}))) kept.emplace_back(5000, 'x');
          ASSERT_TRUE(spool->append(make_records({"y"})));
          kept.emplace_back("y");
        }
        files.restart();
        ASSERT_EQ(records_of(*open(files)), kept);
      }
    }
  }
}

TEST(SpoolTest, IsEmptiedOnceAndForAll) {
  for (std::uint64_t operation = 1; operation <= 5; ++operation) {
    for (std::uint64_t seed = 0; seed < 30; ++seed) {
      FaultyFiles files(seed);
      Texts kept{"a", std::string(3000, 'b'), "c"};
      {
        const auto spool = open(files);
        for (const std::string& text : kept) ASSERT_TRUE(spool->append(make_records({text})));
        files.lose_power_at(operation);
        if (spool->clear()) kept.clear();
        if (spool->append(make_records({"new"}))) kept.emplace_back("new");
      }
      files.restart();
      const Texts records = records_of(*open(files));
      // Where emptying did not end, all of it may be there still, or nothing.
      if (kept.size() == 3 && records.empty()) continue;
      ASSERT_GE(records.size(), kept.size()) << operation << " " << seed;
      ASSERT_TRUE(std::equal(kept.begin(), kept.end(), records.begin()));
    }
  }
}

TEST(SpoolTest, TakesNoMoreThanItHasRoomFor) {
  FaultyFiles files(1);
  const auto spool = open(files);
  const std::string text(60'000, 'x');
  Result<void> appended;
  Texts kept;
  while ((appended = spool->append(make_records({text})))) kept.push_back(text);
  EXPECT_EQ(appended.error().code, ErrorCode::kResourceExhausted);
  EXPECT_NE(appended.error().message.find("is full"), std::string::npos);
  EXPECT_EQ(kept.size(), 4U);
  ASSERT_TRUE(spool->append(make_records({"short"})));
  kept.emplace_back("short");
  EXPECT_EQ(records_of(*spool), kept);
  ASSERT_TRUE(spool->clear());
  EXPECT_TRUE(spool->append(make_records({text})));
}

TEST(SpoolTest, AChangedBatchThatOthersFollowIsRefused) {
  FaultyFiles files(1);
  {
    const auto spool = open(files);
    for (const char* text : {"a", "b", "c"}) ASSERT_TRUE(spool->append(make_records({text})));
  }
  (*files.content(kPath))[kSegmentHeaderBytes + kFrameHeadBytes + 2] = 'x';
  EXPECT_TRUE(
      opening(files).starts_with("`/log/spool/spool`, byte 4096: what is there was changed"));
}

TEST(SpoolTest, RecordsThatOthersSignedAreRefused) {
  FaultyFiles files(1);
  FaultyFiles others(2);
  LogOptions options = test_options("/log");
  options.key = merkle::SignerKey::generate(kTestOrigin, merkle::SignatureType::kEd25519).value();
  ASSERT_TRUE(others.make_folder("/log"));
  ASSERT_TRUE(Spool::open(options, others).value()->append(make_records({"forged"})));
  open(files);
  *files.content(kPath) = *others.content(kPath);
  EXPECT_NE(opening(files).find("holds other records than those that were signed"),
            std::string::npos);
}

TEST(SpoolTest, AnotherLogsSpoolIsRefused) {
  FaultyFiles files(1);
  open(files);
  LogOptions options = test_options("/log");
  options.origin = "wardlock.example/other";
  EXPECT_EQ(Spool::open(options, files).error().message,
            "`/log/spool/spool` is another log's spool");
}

TEST(SpoolTest, AHeaderThatWasChangedIsRefused) {
  FaultyFiles files(1);
  open(files);
  (*files.content(kPath))[20] ^= 1;
  EXPECT_EQ(opening(files), "`/log/spool/spool`: its header was changed");
}

}  // namespace
}  // namespace wardlock::audit
