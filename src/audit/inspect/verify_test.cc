#include "audit/inspect/verify.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <bit>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>
#include <thread>

#include "audit/files/posix_files.h"
#include "audit/inspect/inspected_log_for_test.h"
#include "audit/log/segment.h"
#include "merkle/checkpoint.h"

namespace wardlock::audit {
namespace {

namespace fs = std::filesystem;

std::string all_findings(const Verification& result) {
  std::string text;
  for (const Finding& finding : result.findings.kept()) {
    text += fmt::format("{} {}: {}\n", finding.is_fault ? "fault" : "warning", place_of(finding),
                        finding.what);
  }
  return text;
}

/// A log that was closed, whose files tests change.
class VerifyTest : public testing::Test {
 protected:
  Verification verify(const VerifyOptions& more = {}) {
    VerifyOptions options = more;
    options.folder = log_.folder();
    auto result = verify_log(files_, options, {});
    EXPECT_TRUE(result) << result.error().message;
    return result ? std::move(*result) : Verification();
  }

  /// Something was found, in the file of that name, and said so.
  void expect_found(std::string_view file, std::string_view what, const VerifyOptions& more = {}) {
    const Verification result = verify(more);
    EXPECT_FALSE(result.is_whole());
    const std::string findings = all_findings(result);
    bool is_found = false;
    for (const Finding& finding : result.findings.kept()) {
      is_found |= finding.file.ends_with(file) && finding.what.contains(what);
    }
    EXPECT_TRUE(is_found) << file << ": " << what << " is not in:\n" << findings;
  }

  PosixFiles files_;
  InspectedLog log_;
};

TEST_F(VerifyTest, AWholeLogIsWhole) {
  log_.append(500);
  const Verification result = verify();
  EXPECT_TRUE(result.is_whole()) << all_findings(result);
  EXPECT_EQ(all_findings(result), "");
  EXPECT_EQ(result.records, 500U);
  EXPECT_EQ(result.covered, 500U);
  EXPECT_GE(result.segments, 2U);
  EXPECT_GE(result.checkpoints, result.segments);
  EXPECT_FALSE(result.is_open);
  EXPECT_FALSE(result.confirmed);
  EXPECT_EQ(result.origin, kTestOrigin);
  EXPECT_EQ(result.head, log_.head());
}

TEST_F(VerifyTest, AnEmptyLogIsWhole) {
  log_.append(0);
  const Verification result = verify();
  EXPECT_EQ(all_findings(result), "");
  EXPECT_EQ(result.records, 0U);
}

TEST_F(VerifyTest, AFolderWithoutALogIsNone) {
  fs::create_directories(log_.folder());
  const auto result = verify_log(files_, {.folder = log_.folder()}, {});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(result.error().message.contains("is no audit log"));
}

TEST_F(VerifyTest, ALogThatIsWrittenIsReadUpToItsCheckpoint) {
  log_.append(100);
  const auto open = log_.open();
  log_.append_to(*open, 50);
  const Verification result = verify();
  EXPECT_EQ(all_findings(result), "");
  EXPECT_TRUE(result.is_open);
  EXPECT_GE(result.records, 100U);
  EXPECT_EQ(result.records, result.covered);
}

/// One bit of each of many bytes of all files, one at a time.
TEST_F(VerifyTest, OneFlippedBitAnywhereIsFound) {
  log_.append(300);
  std::mt19937 chance(7);
  for (const std::string& path : log_.all_files()) {
    std::vector<std::uint64_t> places = log_.used_places(path);
    std::ranges::shuffle(places, chance);
    constexpr std::size_t kMost = 60;
    places.resize(std::min(places.size(), kMost));
    for (const std::uint64_t at : places) {
      const unsigned bit = chance() % 8;
      log_.flip(path, at, bit);
      const Verification result = verify();
      EXPECT_FALSE(result.is_whole()) << path << ", byte " << at << ", bit " << bit << "\n"
                                      << all_findings(result);
      const auto& kept = result.findings.kept();
      EXPECT_TRUE(
          std::ranges::any_of(kept, [&](const Finding& finding) { return finding.file == path; }))
          << path << ", byte " << at << "\n"
          << all_findings(result);
      log_.flip(path, at, bit);
    }
  }
  EXPECT_EQ(all_findings(verify()), "");
}

TEST_F(VerifyTest, AChangedRecordIsNamedAndTheOthersAreNot) {
  log_.append(300);
  const auto [path, at] = log_.place_of_record(123);
  log_.flip(path, at + 40, 3);
  const Verification result = verify();
  EXPECT_EQ(result.findings.faults(), 2U) << all_findings(result);
  EXPECT_TRUE(all_findings(result).contains(fmt::format("`{}`, record 123: was changed", path)))
      << all_findings(result);
  EXPECT_EQ(result.head, log_.head()) << "the rest was checked all the same";
}

TEST_F(VerifyTest, SomethingBehindTheEndIsNamed) {
  log_.append(300);
  const auto segments = log_.segments();
  ASSERT_GE(segments.size(), 2U);
  log_.flip(segments.front(), fs::file_size(segments.front()) - 1, 0);
  expect_found(fs::path(segments.front()).filename().string(), "something follows the end");
}

TEST_F(VerifyTest, ALostLastCheckpointIsNoCrash) {
  log_.append(300);
  log_.cut_last_frames(1);
  EXPECT_TRUE(verify().is_whole()) << "its file has it as well";
  log_.write_at(log_.segments().back(), log_.end_of_last_segment(), std::string(700, 'x'));
  expect_found(".seg", "no batch or checkpoint begins there");
}

TEST_F(VerifyTest, WhatACrashLeavesIsNamedAndNoFault) {
  log_.append(300);
  log_.write_at(log_.segments().back(), log_.end_of_last_segment(), std::string(700, 'x'));
  const Verification result = verify();
  EXPECT_TRUE(result.is_whole()) << all_findings(result);
  EXPECT_TRUE(all_findings(result).contains("what a crash leaves"));
}

TEST_F(VerifyTest, ADeletedFileIsFound) {
  log_.append(300);
  for (const std::string& path : log_.all_files()) {
    if (path.ends_with("/lock") || path.contains("/prepared-") || path.contains("/spool/")) {
      continue;  // they hold nothing of the log
    }
    const std::string bytes = log_.read(path);
    fs::remove(path);
    const Verification result = verify();
    EXPECT_FALSE(result.is_whole()) << path;
    log_.write_at(path, 0, bytes);
  }
  EXPECT_EQ(all_findings(verify()), "");
}

TEST_F(VerifyTest, ATruncatedFileIsFound) {
  log_.append(300);
  for (const std::string& path : log_.all_files()) {
    const std::string bytes = log_.read(path);
    if (bytes.empty() || path.contains("/prepared-")) continue;
    fs::resize_file(path, bytes.size() / 2);
    // What is derived from the last segment may be missing after a crash.
    EXPECT_NE(all_findings(verify()), "") << path;
    if (!path.contains("/hashes/") && !path.ends_with("/offsets")) {
      EXPECT_FALSE(verify().is_whole()) << path;
    }
    log_.write_at(path, 0, bytes);
  }
  EXPECT_EQ(all_findings(verify()), "");
}

TEST_F(VerifyTest, ExchangedSegmentsAreFound) {
  log_.append(500);
  const auto segments = log_.segments();
  ASSERT_GE(segments.size(), 3U);
  fs::rename(segments[0], segments[0] + "x");
  fs::rename(segments[1], segments[0]);
  fs::rename(segments[0] + "x", segments[1]);
  expect_found(fs::path(segments[0]).filename().string(), "is in another's place");
  expect_found(fs::path(segments[1]).filename().string(), "is in another's place");
}

TEST_F(VerifyTest, AMissingSegmentIsNamedByItsRecordsAndTheRestIsChecked) {
  log_.append(500);
  const auto segments = log_.segments();
  ASSERT_GE(segments.size(), 3U);
  fs::remove(segments[1]);
  const Verification result = verify();
  EXPECT_EQ(result.findings.faults(), 1U) << all_findings(result);
  EXPECT_TRUE(all_findings(result).contains("no segment holds them"));
  EXPECT_EQ(result.head, log_.head());
}

TEST_F(VerifyTest, ARemovedTailIsFound) {
  log_.append(300);
  log_.cut_last_frames(2);
  expect_found("/checkpoint", "its end was removed");
}

TEST_F(VerifyTest, ARollbackIsFoundFromOutsideOnly) {
  log_.append(100);
  const fs::path kept = fs::path(log_.folder()).concat(".kept");
  fs::copy(log_.folder(), kept, fs::copy_options::recursive);
  log_.append(100);
  const std::string outside = log_.read(log_.folder() + "/checkpoint");
  fs::remove_all(log_.folder());
  fs::rename(kept, log_.folder());

  EXPECT_TRUE(verify().is_whole());
  expect_found("outside", "rolled back",
               {.outside_checkpoint = outside, .outside_name = "outside"});
}

TEST_F(VerifyTest, ALogThatNobodySignedIsNotWhole) {
  log_.append(20);
  ASSERT_EQ(log_.segments().size(), 1U);
  log_.rewrite_unsigned();
  expect_found("/segments", "signed by nobody", {.key = log_.key()});
}

TEST_F(VerifyTest, AFullSegmentThatNobodySignedIsNotWhole) {
  log_.append(500);
  ASSERT_GE(log_.segments().size(), 3U);
  log_.rewrite_unsigned();
  const Verification result = verify({.key = log_.key()});
  EXPECT_TRUE(all_findings(result).contains("although the segment is full"))
      << all_findings(result);
}

TEST_F(VerifyTest, WhatNoCheckpointCoversYetIsNamed) {
  log_.append(20);
  log_.add_unsigned();
  const Verification result = verify();
  EXPECT_TRUE(result.is_whole()) << all_findings(result);
  EXPECT_TRUE(all_findings(result).contains("record 20: no checkpoint covers them"))
      << all_findings(result);
  EXPECT_EQ(log_.open()->status().found_unsigned, 1U) << "whoever signs for it is told";
  EXPECT_EQ(log_.open()->status().found_unsigned, 0U);
}

TEST_F(VerifyTest, APipeInAFilesPlaceIsNamedAndNotWaitedFor) {
  log_.append(20);
  for (const char* name : {"/origin", "/public.key", "/checkpoint", "/offsets", "/hashes/0",
                           "/spool/spool", "/segments/prepared-7"}) {
    const std::string path = log_.folder() + name;
    const std::string bytes = fs::exists(path) ? log_.read(path) : "";
    fs::remove(path);
    ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
    expect_found(name, "is no regular file");
    fs::remove(path);
    if (!bytes.empty()) log_.write_at(path, 0, bytes);
  }
}

/// Files may be as long as somebody likes where they take no space.
TEST_F(VerifyTest, NobodyIsKeptBusyByLongFiles) {
  log_.append(20);
  constexpr std::uint64_t kLong = std::uint64_t{1} << 42;
  const std::string prepared = log_.folder() + "/segments/prepared-7";
  log_.write_at(prepared, 0, "");
  fs::resize_file(prepared, kLong);
  expect_found("/prepared-7", "longer than a segment can be");
  fs::remove(prepared);
  SegmentHeader header;
  header.bytes = kLong;
  log_.write_header(header);
  fs::resize_file(log_.segments().front(), kLong);
  expect_found(".seg", "what no log can have");
}

/// As many beginnings of the longest checkpoint as there is room for.
TEST_F(VerifyTest, NobodyIsKeptBusyByWhatLooksLikeFrames) {
  log_.append(20);
  constexpr std::size_t kBytes = std::size_t{16} << 20;
  std::string decoy;
  write_frame({.kind = FrameKind::kCheckpoint, .payload = std::string(kMaxPayloadBytes, 'x')},
              {.salt = {}}, {}, decoy);
  std::string bytes = "x";
  bytes.resize(kFrameAlignment, 'x');
  while (bytes.size() < kBytes) bytes += decoy.substr(0, kFrameAlignment);
  const std::string path = log_.segments().front();
  const std::uint64_t end = log_.end_of_last_segment();
  SegmentHeader header;
  header.bytes = end + kBytes;
  log_.write_header(header);
  log_.write_at(path, end, bytes);
  const auto begin = std::clock();
  expect_found(".seg", "no batch or checkpoint begins there");
  EXPECT_LT(std::clock() - begin, 5 * CLOCKS_PER_SEC) << "it reads each byte a thousand times";
}

TEST_F(VerifyTest, NumbersThatNoLogReachesAreNamed) {
  log_.append(20);
  constexpr std::uint64_t kSize = merkle::kMaxTreeSize;
  std::vector<merkle::Hash> nodes(static_cast<std::size_t>(std::popcount(kSize)));
  SegmentHeader header;
  header.bytes = fs::file_size(log_.segments().front());
  header.before = merkle::CompactRange::from_nodes(kSize, std::move(nodes)).value();
  log_.write_header(header);
  expect_found(".seg", "what no log can have");
}

TEST_F(VerifyTest, AnOutsideCheckpointConfirmsWhatItCovers) {
  log_.append(100);
  const std::string outside = log_.read(log_.folder() + "/checkpoint");
  log_.append(100);
  const Verification result =
      verify({.key = log_.key(), .outside_checkpoint = outside, .outside_name = "outside"});
  EXPECT_EQ(all_findings(result), "");
  EXPECT_EQ(result.confirmed, 100U);
  EXPECT_EQ(result.records, 200U);
  EXPECT_TRUE(result.is_key_from_outside);
}

/// Whoever has the log's key writes another history: everything fits but what was kept elsewhere.
TEST_F(VerifyTest, AForkUnderTheSameKeyIsFoundFromOutsideOnly) {
  log_.append(200);
  const std::string outside = log_.read(log_.folder() + "/checkpoint");
  fs::remove_all(log_.folder());
  log_.append(300);
  EXPECT_TRUE(verify().is_whole());
  expect_found("outside", "is a fork", {.outside_checkpoint = outside, .outside_name = "outside"});
}

TEST_F(VerifyTest, AForkUnderAnotherKeyIsFound) {
  log_.append(200);
  const std::string outside = log_.read(log_.folder() + "/checkpoint");
  const merkle::VerifierKey key = log_.key();
  fs::remove_all(log_.folder());
  log_.use_another_key();
  log_.append(200);
  EXPECT_TRUE(verify().is_whole());
  expect_found("outside", "signed anew with another key",
               {.outside_checkpoint = outside, .outside_name = "outside"});
  expect_found("/public.key", "is not the key that was given", {.key = key});
  expect_found(".seg", "no key that is trusted", {.key = key});
}

TEST_F(VerifyTest, AnOutsideCheckpointMustBeOne) {
  log_.append(10);
  const auto result = verify_log(
      files_,
      {.folder = log_.folder(), .outside_checkpoint = "not a note\n", .outside_name = "mine"}, {});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument);
  EXPECT_TRUE(result.error().message.starts_with("`mine`: "));
}

TEST_F(VerifyTest, AClockThatWasMovedIsNamedOnce) {
  log_.append(50);
  log_.move_clock(-3'600'000);
  log_.append(50);
  const Verification result = verify();
  EXPECT_TRUE(result.is_whole());
  ASSERT_EQ(result.findings.kept().size(), 1U) << all_findings(result);
  EXPECT_TRUE(all_findings(result).contains("record 50: is of "));
  EXPECT_TRUE(all_findings(result).contains("the clock was moved"));
}

TEST_F(VerifyTest, WhatIsNoEventIsNamed) {
  log_.append(10);
  log_.append_texts({std::string("\1no record")});
  expect_found(".seg", "is no record of an event");
}

TEST_F(VerifyTest, AStrangerAmongTheSegmentsIsNamed) {
  log_.append(10);
  log_.write_at(log_.folder() + "/segments/notes.txt", 0, "x");
  const Verification result = verify();
  EXPECT_TRUE(result.is_whole());
  EXPECT_TRUE(all_findings(result).contains("notes.txt`: is no segment"));
}

/// What a last segment that cannot be read held only the tiles say, and anybody may make them
/// longer.
TEST_F(VerifyTest, TilesThatWereMadeLongerMakeNoWork) {
  log_.append(30);
  const std::string segment = log_.segments().back();
  log_.write_at(segment, kSegmentHeaderBytes, std::string(64, 'x'));
  log_.write_at(segment, kSegmentHeaderBytes + 4096, std::string(64, 'x'));
  const std::uint64_t room = fs::file_size(segment) / 64;
  log_.write_at(log_.folder() + "/hashes/0", 30 * 32, std::string((room + 1000) * 32, 'h'));
  const Verification result = verify();
  EXPECT_FALSE(result.is_whole());
  EXPECT_LE(result.records, room);
  EXPECT_TRUE(all_findings(result).contains("bytes follow what belongs to the last record"))
      << all_findings(result);
}

TEST_F(VerifyTest, OfALogInUseItSaysHowManyItDidNotCheck) {
  log_.append(10);
  const auto log = log_.open();
  EXPECT_EQ(verify().beyond, 0U);
  // A checkpoint may come between.
  std::uint64_t size = 10;
  Verification result;
  while (result.beyond == 0) {
    ASSERT_LT(size, 10'000U);
    log_.append_to(*log, 5);
    size += 5;
    while (log->head().size < size) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    result = verify();
    EXPECT_TRUE(result.is_open);
    EXPECT_TRUE(result.is_whole()) << all_findings(result);
    EXPECT_EQ(result.covered + result.beyond, size);
  }
  log->close();
}

TEST_F(VerifyTest, ProgressReachesTheEnd) {
  log_.append(300);
  std::uint64_t last = 0, all = 0;
  ASSERT_TRUE(
      verify_log(files_, {.folder = log_.folder()}, [&](std::uint64_t done, std::uint64_t of) {
        EXPECT_GE(done, last);
        last = done;
        all = of;
      }));
  EXPECT_EQ(last, all);
  EXPECT_GT(all, 0U);
}

/// A log whose oldest segment was removed.
class RemovedVerifyTest : public VerifyTest {
 protected:
  RemovedVerifyTest() {
    log_.append(500);
    segments_ = log_.segments();
    EXPECT_GE(segments_.size(), 3U);
    for (const std::string& path : segments_) {
      firsts_.push_back(parse_segment_name(fs::path(path).filename().string()).value());
    }
  }

  void record_removal(std::uint64_t count, event::Kind kind = event::Kind::kRetentionRemoval) {
    log_.append_event({.id = "5d8f0c7e-3f0b-4a52-9d39-0c6f3d1f1a11",
                       .time = 1'795'339'000'000,
                       .kind = kind,
                       .count = static_cast<std::int64_t>(count)});
  }

  std::vector<std::string> segments_;
  std::vector<std::uint64_t> firsts_;
};

TEST_F(RemovedVerifyTest, ARecordOfItExcusesIt) {
  record_removal(firsts_[1]);
  fs::remove(segments_[0]);
  const Verification result = verify();
  EXPECT_TRUE(result.is_whole()) << all_findings(result);
  EXPECT_EQ(result.head, log_.head()) << "confirmed by the hashes that stayed";
  EXPECT_EQ(result.records, 501U);
  EXPECT_EQ(all_findings(result),
            fmt::format("warning `{}/segments`, records 0 to {}: were removed after their "
                        "retention, as record 500 says; their hashes are there\n",
                        log_.folder(), firsts_[1] - 1));
}

TEST_F(RemovedVerifyTest, ItMayHaveBeenCutShort) {
  record_removal(firsts_[2]);
  fs::remove(segments_[0]);
  EXPECT_TRUE(verify().is_whole());
  fs::remove(segments_[1]);
  EXPECT_TRUE(verify().is_whole());
}

TEST_F(RemovedVerifyTest, ALaterRecordCoversThoseBeforeIt) {
  record_removal(firsts_[1]);
  record_removal(firsts_[2]);
  fs::remove(segments_[0]);
  fs::remove(segments_[1]);
  EXPECT_TRUE(verify().is_whole());
}

TEST_F(RemovedVerifyTest, WithoutSuchARecordItIsAFault) {
  record_removal(firsts_[1], event::Kind::kErasure);
  fs::remove(segments_[0]);
  expect_found("/segments", "no segment holds them");
}

TEST_F(RemovedVerifyTest, MoreThanItSaysIsAFault) {
  record_removal(firsts_[2] - 1);
  fs::remove(segments_[0]);
  fs::remove(segments_[1]);
  expect_found("/segments", "no segment holds them");
}

TEST_F(RemovedVerifyTest, AHoleIsAFault) {
  record_removal(firsts_[2]);
  fs::remove(segments_[1]);
  expect_found("/segments", "no segment holds them");
}

// Whoever may write the files can add a record that says so, and nothing that signs it.
TEST_F(RemovedVerifyTest, ARecordThatNoCheckpointCoversExcusesNothing) {
  const std::string checkpoint = log_.read(log_.folder() + "/checkpoint");
  record_removal(firsts_[1]);
  log_.cut_last_frames(1);
  fs::remove(log_.folder() + "/checkpoint");
  log_.write_at(log_.folder() + "/checkpoint", 0, checkpoint);
  EXPECT_EQ(verify().records, 501U);
  fs::remove(segments_[0]);
  expect_found("/segments", "no segment holds them");
}

TEST_F(RemovedVerifyTest, AnotherHashInPlaceOfARemovedRecordsIsFound) {
  record_removal(firsts_[1]);
  fs::remove(segments_[0]);
  log_.flip(log_.folder() + "/hashes/0", 32 * 7 + 3, 2);
  expect_found("/hashes/0", "the hashes of the records that were removed are not those");
}

TEST_F(RemovedVerifyTest, AMissingHashIsFound) {
  record_removal(firsts_[1]);
  fs::remove(segments_[0]);
  log_.write_at(log_.folder() + "/hashes/0", 32 * 7, std::string(32, '\0'));
  expect_found("/hashes/0", "the hashes of the records that were removed are not those");
}

TEST_F(RemovedVerifyTest, WhatWasSignedBeforeItStillFits) {
  const std::string outside = log_.read(log_.folder() + "/checkpoint");
  record_removal(firsts_[1]);
  fs::remove(segments_[0]);
  const Verification result = verify({.outside_checkpoint = outside, .outside_name = "kept"});
  EXPECT_TRUE(result.is_whole()) << all_findings(result);
  EXPECT_EQ(result.confirmed, 500U);
}

}  // namespace
}  // namespace wardlock::audit
