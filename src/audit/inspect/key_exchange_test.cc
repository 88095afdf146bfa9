#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "audit/inspect/inspected_log_for_test.h"
#include "audit/inspect/key_chain.h"
#include "audit/inspect/verify.h"

// Logs whose key was exchanged, and those of which somebody only says so.
namespace wardlock::audit {
namespace {

namespace fs = std::filesystem;

class KeyExchangeTest : public testing::Test {
 protected:
  KeyExchangeTest() { log_.append(20); }

  Verification verify(const std::optional<merkle::VerifierKey>& key = {},
                      const std::string& outside = "") {
    auto result = verify_log(files_,
                             {.folder = log_.folder(),
                              .key = key,
                              .outside_checkpoint = outside,
                              .outside_name = "kept"},
                             {});
    EXPECT_TRUE(result) << result.error().message;
    return *std::move(result);
  }
  static std::string findings(const Verification& result) {
    std::string text;
    for (const Finding& each : result.findings.kept()) {
      text += fmt::format("{}: {}\n", place_of(each), each.what);
    }
    return text;
  }
  void expect_fault(std::string_view what, const std::optional<merkle::VerifierKey>& key = {}) {
    const Verification result = verify(key);
    EXPECT_FALSE(result.is_whole());
    EXPECT_TRUE(findings(result).contains(what)) << what << " is not in:\n" << findings(result);
  }
  std::string file(const char* name) const { return log_.folder() + name; }
  void put(const char* name, const std::string& content) {
    fs::remove(file(name));
    if (!content.empty()) log_.write_at(file(name), 0, content);
  }

  PosixFiles files_;
  InspectedLog log_;
};

TEST_F(KeyExchangeTest, EachOfTheKeysVerifiesTheWholeLog) {
  const std::string before = log_.read(file("/checkpoint"));
  const KeyChange one = log_.exchange_key();
  log_.append(20);
  const KeyChange two = log_.exchange_key();
  log_.append(20);
  EXPECT_EQ(log_.read(file("/public.key")), two.after.text() + "\n");
  for (const auto& key : std::vector<std::optional<merkle::VerifierKey>>{std::nullopt, one.before,
                                                                         one.after, two.after}) {
    const Verification result = verify(key);
    EXPECT_TRUE(result.is_whole()) << findings(result);
    EXPECT_EQ(findings(result), "");
    EXPECT_EQ(result.records, 62U);
    EXPECT_EQ(result.covered, 62U);
    EXPECT_EQ(result.key, two.after);
    EXPECT_EQ(result.keys, (std::vector{one.before, one.after, two.after}));
    EXPECT_EQ(verify(key, before).confirmed, 20U) << "what was kept before fits";
  }
}

TEST_F(KeyExchangeTest, TheFirstCheckpointIsOfBothKeys) {
  const KeyChange change = log_.exchange_key();
  for (const merkle::VerifierKey& key : {change.before, change.after}) {
    EXPECT_TRUE(merkle::open_checkpoint(
        log_.read(file("/checkpoint")),
        {.origin = key.name(), .log_keys = {key}, .witnesses = {}, .quorum = 0}));
  }
  EXPECT_EQ(verify(change.before).key, change.after);
}

/// Somebody who may write the log's files, and has none of its keys.
TEST_F(KeyExchangeTest, OneThatTheKeyBeforeHasNotSignedIsAFault) {
  const merkle::VerifierKey before = log_.key();
  const KeyChange forged = log_.forge_exchange();
  log_.append(5);
  expect_fault("is not to be believed: not both keys have signed", before);
  expect_fault("no key that is trusted has signed", before);
  expect_fault("is not to be believed");
  expect_fault("not both keys have signed", forged.after);
  put("/key-changes", "");
  expect_fault("is not to be believed", before);
  expect_fault("is not to be believed");
}

TEST_F(KeyExchangeTest, OneThatNoRecordSaysIsAFault) {
  const KeyChange change = log_.exchange_key_unrecorded();
  log_.append(5);
  for (const merkle::VerifierKey& key : {change.before, change.after}) {
    expect_fault("no key that is trusted has signed", key);
  }
}

TEST_F(KeyExchangeTest, WhatOtherKeysHaveSignedIsNotToBeBelieved) {
  InspectedLog other;
  other.use_another_key();
  other.append(1);
  const KeyChange change = other.exchange_key();
  log_.append_event({.id = "5d8f0c7e-3f0b-4a52-9d39-0c6f3d1f1a13",
                     .time = 1'795'339'000'000,
                     .kind = event::Kind::kLogKeyChange,
                     .changed = change.note});
  expect_fault("the key that it says was the log's");
  put("/key-changes", change.note);
  expect_fault("the key that it says was the log's");
  expect_fault("is not the key that was given", change.after);
}

/// It was killed before the checkpoint that is of both keys.
TEST_F(KeyExchangeTest, OneThatWasBrokenOffIsNoFault) {
  const std::string before = log_.read(file("/checkpoint"));
  const KeyChange change = log_.exchange_key();
  log_.cut_last_frames(1);
  put("/checkpoint", before);
  const Verification result = verify(change.before);
  EXPECT_TRUE(result.is_whole()) << findings(result);
  EXPECT_TRUE(findings(result).contains("it was broken off")) << findings(result);
  EXPECT_EQ(result.key, change.before);
  put("/key-changes", change.note);
  expect_fault("tells of a later key", change.before);
}

TEST_F(KeyExchangeTest, NobodyBreaksOffWhatNoKeyHasSigned) {
  const std::string before = log_.read(file("/checkpoint"));
  const merkle::VerifierKey key = log_.key();
  log_.forge_exchange();
  log_.cut_last_frames(1);
  put("/checkpoint", before);
  put("/key-changes", "");
  expect_fault("is not to be believed: not both keys have signed", key);
}

/// Why a key is exchanged: somebody else has it.
TEST_F(KeyExchangeTest, TheKeyBeforeSignsNothingAnyMore) {
  InspectedLog thief;  // has the same first key
  const merkle::VerifierKey stolen = thief.key();
  const KeyChange change = log_.exchange_key();
  ASSERT_EQ(change.before, stolen);
  log_.append(5);
  ASSERT_TRUE(verify().is_whole());
  constexpr std::array<std::uint8_t, 32> kSeed{1, 2, 3};
  const auto key =
      merkle::SignerKey::from_seed(stolen.name(), merkle::SignatureType::kEd25519, kSeed).value();
  ASSERT_EQ(key.verifier(), stolen);
  const std::string text = merkle::parse_note(log_.read(file("/checkpoint")))->text;
  put("/checkpoint",
      merkle::format_note({.text = text, .signatures = {key.sign(text, 0)}}).value());
  expect_fault("is not signed with the key that the log has by then");
  expect_fault("is not signed with the key that the log has by then", change.before);
}

/// Who has stolen the key before goes on from a copy of the log that is older than the change.
TEST_F(KeyExchangeTest, ALogThatEndsBeforeItsLastKeyIsAFault) {
  fs::copy(log_.folder(), log_.folder() + "-before", fs::copy_options::recursive);
  const KeyChange change = log_.exchange_key();
  log_.append(5);
  for (const char* name : {"/segments", "/hashes", "/offsets", "/checkpoint"}) {
    fs::remove_all(file(name));
    fs::copy(log_.folder() + "-before" + name, file(name), fs::copy_options::recursive);
  }
  fs::remove_all(log_.folder() + "-before");
  for (const auto& key :
       std::vector<std::optional<merkle::VerifierKey>>{std::nullopt, change.before, change.after}) {
    expect_fault("tells of a later key", key);
  }
}

TEST_F(KeyExchangeTest, WhatSaysSoIsVerifiedToo) {
  log_.exchange_key();
  log_.append(5);
  const std::string text = log_.read(file("/key-changes"));
  ASSERT_TRUE(verify().is_whole());
  for (std::size_t at = 0; at < text.size(); at += 7) {
    log_.flip(file("/key-changes"), at, 1);
    EXPECT_FALSE(verify().is_whole()) << at;
    log_.flip(file("/key-changes"), at, 1);
  }
  put("/key-changes", "");
  EXPECT_FALSE(verify().is_whole());
}

TEST_F(KeyExchangeTest, AfterItsRecordWasRemovedEachKeyVerifiesTheRest) {
  const KeyChange change = log_.exchange_key();
  log_.append(500);
  const auto segments = log_.segments();
  ASSERT_GE(segments.size(), 3U);
  const auto second = parse_segment_name(fs::path(segments[1]).filename().string()).value();
  log_.append_event({.id = "5d8f0c7e-3f0b-4a52-9d39-0c6f3d1f1a14",
                     .time = 1'795'339'000'000,
                     .kind = event::Kind::kRetentionRemoval,
                     .count = static_cast<std::int64_t>(second)});
  fs::remove(segments[0]);
  for (const merkle::VerifierKey& key : {change.before, change.after}) {
    const Verification result = verify(key);
    EXPECT_TRUE(result.is_whole()) << findings(result);
    EXPECT_EQ(result.key, change.after);
  }
}

TEST_F(KeyExchangeTest, AServerThatHasTheNewKeyGoesOnFromWhatTheOldOneSigned) {
  log_.exchange_key();
  // All is read again, from the first segment on.
  fs::remove(file("/offsets"));
  fs::remove_all(file("/hashes"));
  log_.append(5);
  EXPECT_TRUE(verify().is_whole());
}

}  // namespace
}  // namespace wardlock::audit
