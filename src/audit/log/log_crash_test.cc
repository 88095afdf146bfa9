#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "audit/files/faulty_files_for_test.h"
#include "audit/log/log_for_test.h"
#include "audit/log/log_writer.h"

// The power fails at each operation of a log's life in turn, with several chances for what was not
// synced then.

namespace wardlock::audit {
namespace {

constexpr const char* kFolder = "/log";
constexpr std::size_t kBatches = 12;

using Texts = std::vector<std::string>;

/// What a log's life has promised.
struct Promises {
  Texts durable;     ///< the records that were acknowledged, in order
  Texts unanswered;  ///< those of the batch that did not end
  Texts checkpoints;
};

/// From one short record to several that fill a good part of a segment.
Texts batch_of(std::size_t number) {
  constexpr std::size_t kMostRecords = 5;
  Texts texts;
  for (std::size_t i = 0; i <= number * 7 % kMostRecords; ++i) {
    texts.push_back(fmt::format("{}.{} ", number, i) +
                    std::string((number * 7919 + i * 9721) % 40'000, static_cast<char>('a' + i)));
  }
  return texts;
}

/// Appends as the log's thread does: what is derived from a batch is written while the next one is.
/// What is too much for one batch is appended at once.
Result<void> append(LogWriter& writer, const Texts& texts) {
  const Records records = make_records(texts);
  if (records.bytes().size() > writer.most_batch_bytes()) return writer.append(records);
  Batch batch;
  batch.begin(writer.tree());
  for (const std::string& text : texts) TRY_VOID(batch.add(text, merkle::leaf_hash(text)));
  TRY_VOID(writer.begin(batch));
  writer.flush_derived();
  return writer.finish(batch);
}

/// Opens the log, appends, signs, begins segments and prepares others until something fails.
Result<void> live(FaultyFiles& files, Promises& promises) {
  const auto writer = TRY(LogWriter::open(test_options(kFolder), files));
  for (std::size_t i = 0; i < kBatches; ++i) {
    promises.unanswered = batch_of(promises.durable.size());
    TRY_VOID(append(*writer, promises.unanswered));
    promises.durable.insert(promises.durable.end(), promises.unanswered.begin(),
                            promises.unanswered.end());
    promises.unanswered.clear();
    if (writer->is_preparation_due()) writer->prepare();
    if (i % 3 == 1) {
      writer->flush_derived();
      TRY_VOID(writer->sign_checkpoint());
      promises.checkpoints.push_back(writer->checkpoint());
    }
  }
  writer->flush_derived();
  return {};
}

bool begins_with(const Texts& all, const Texts& start) {
  return all.size() >= start.size() && std::equal(start.begin(), start.end(), all.begin());
}

/// What is wrong with the log after a crash; empty where it kept its promises.
std::string check_promises(FaultyFiles& files, const Promises& promises) {
  const auto opened = LogWriter::open(test_options(kFolder), files);
  if (!opened) return "it does not open: " + opened.error().message;
  const auto log = read_whole_log(files, kFolder);
  if (!log) return log.error().message;
  if (!begins_with(log->records, promises.durable)) return "an acknowledged record is lost";
  Texts possible = promises.durable;
  possible.insert(possible.end(), promises.unanswered.begin(), promises.unanswered.end());
  if (!begins_with(possible, log->records)) return "a record is there that nobody appended";
  for (const std::string& checkpoint : promises.checkpoints) {
    if (std::ranges::find(log->checkpoints, checkpoint) == log->checkpoints.end()) {
      return "a checkpoint is lost";
    }
  }
  if ((*opened)->tree() != log->tree) return "it opens with another tree";
  return "";
}

std::uint64_t operations_of_a_life() {
  FaultyFiles files(0);
  Promises promises;
  EXPECT_TRUE(live(files, promises));
  return files.operations();
}

TEST(LogCrashTest, ALifeBeginsSegmentsAndSigns) {
  FaultyFiles files(0);
  Promises promises;
  ASSERT_TRUE(live(files, promises));
  EXPECT_GE(files.list("/log/segments")->size(), 4U);
  EXPECT_EQ(promises.checkpoints.size(), 4U);
  EXPECT_EQ(check_promises(files, promises), "");
}

TEST(LogCrashTest, NothingAcknowledgedIsLostAtAnyOperation) {
  const std::uint64_t operations = operations_of_a_life();
  for (std::uint64_t operation = 1; operation <= operations; ++operation) {
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
      FaultyFiles files(operation * 1000 + seed);
      files.lose_power_at(operation);
      Promises promises;
      [[maybe_unused]] const auto cut_short = live(files, promises);
      ASSERT_TRUE(files.is_without_power());
      files.restart();
      ASSERT_EQ(check_promises(files, promises), "")
          << "power lost at operation " << operation << ", chance " << seed;
    }
  }
}

TEST(LogCrashTest, NorWhenThePowerFailsAgainWhileItRecovers) {
  const std::uint64_t operations = operations_of_a_life();
  for (std::uint64_t operation = 1; operation <= operations; ++operation) {
    FaultyFiles files(operation);
    files.lose_power_at(operation);
    Promises promises;
    [[maybe_unused]] const auto cut_short = live(files, promises);
    files.restart();
    for (std::uint64_t again = 1; again <= 8; ++again) {
      files.lose_power_at(again);
      [[maybe_unused]] const auto opened = LogWriter::open(test_options(kFolder), files);
      files.restart();
    }
    ASSERT_EQ(check_promises(files, promises), "") << "power lost at operation " << operation;
  }
}

TEST(LogCrashTest, AndItGoesOnAfterwards) {
  const std::uint64_t operations = operations_of_a_life();
  for (std::uint64_t operation = 1; operation <= operations; operation += 4) {
    FaultyFiles files(operation);
    files.lose_power_at(operation);
    Promises promises;
    [[maybe_unused]] const auto cut_short = live(files, promises);
    files.restart();
    // What the batch without an answer left counts from here on.
    const auto records = [&] {
      const auto opened = LogWriter::open(test_options(kFolder), files);
      return opened ? read_whole_log(files, kFolder)->records : Texts{};
    }();
    Promises later{.durable = records, .unanswered = {}, .checkpoints = promises.checkpoints};
    ASSERT_TRUE(live(files, later));
    files.restart();
    ASSERT_EQ(check_promises(files, later), "") << "power lost at operation " << operation;
  }
}

TEST(LogCrashTest, AKilledProcessMakesWhatItLeftDurable) {
  // Written and not synced: the page cache shows what the disk does not have.
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    FaultyFiles files(seed);
    Promises promises;
    ASSERT_TRUE(live(files, promises));
    {
      const auto writer = LogWriter::open(test_options(kFolder), files);
      files.break_at(2, FaultyFiles::Fault::kFailedSync);
      ASSERT_FALSE((*writer)->append(make_records({"shown"})));
    }
    files.kill();
    ASSERT_TRUE(LogWriter::open(test_options(kFolder), files));
    const auto shown = read_whole_log(files, kFolder);
    ASSERT_TRUE(shown);
    ASSERT_EQ(shown->records.back(), "shown");
    files.restart();
    promises.durable = shown->records;
    ASSERT_EQ(check_promises(files, promises), "") << "chance " << seed;
  }
}

// Were a sync missing before the answer, the tests above would find out.
TEST(LogCrashTest, ADiskThatDoesNotSyncIsNoticed) {
  std::size_t noticed = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    FaultyFiles files(seed);
    Promises promises;
    {
      const auto writer = LogWriter::open(test_options(kFolder), files);
      ASSERT_TRUE(writer);
      files.lie_about_syncs();
      promises.durable = {"acknowledged"};
      ASSERT_TRUE((*writer)->append(make_records(promises.durable)));
    }
    files.restart();
    if (!check_promises(files, promises).empty()) ++noticed;
  }
  EXPECT_GE(noticed, 5U);
}

}  // namespace
}  // namespace wardlock::audit
