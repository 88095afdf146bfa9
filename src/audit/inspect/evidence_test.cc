#include "audit/inspect/evidence.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "audit/inspect/inspected_log_for_test.h"
#include "merkle/tlog_proof.h"

namespace wardlock::audit {
namespace {

class EvidenceTest : public testing::Test {
 protected:
  EvidenceTest() { log_.append(300); }

  std::string prove(std::uint64_t record) {
    const auto bundle = prove_record(files_, log_.folder(), record);
    EXPECT_TRUE(bundle) << bundle.error().message;
    return bundle.value_or("");
  }
  ErrorCode refusal(const std::string& bundle) {
    const auto evidence = verify_evidence(bundle, log_.key());
    return evidence ? ErrorCode::kUnknown : evidence.error().code;
  }

  PosixFiles files_;
  InspectedLog log_;
};

TEST_F(EvidenceTest, ProvesEachRecordWithNothingButTheKey) {
  for (const std::uint64_t record : {0U, 1U, 128U, 255U, 256U, 299U}) {
    const auto evidence = verify_evidence(prove(record), log_.key());
    ASSERT_TRUE(evidence) << evidence.error().message;
    EXPECT_EQ(evidence->number, record);
    EXPECT_EQ(evidence->checkpoint.head, log_.head());
    Arena arena;
    const auto event = event::open_record(evidence->record, log_.keys(), arena);
    ASSERT_TRUE(event);
    EXPECT_EQ(event->decision_id, "decision-" + std::to_string(record));
  }
}

TEST_F(EvidenceTest, OneChangedCharacterProvesNothing) {
  const std::string bundle = prove(17);
  for (std::size_t at = 0; at < bundle.size(); at += 7) {
    std::string changed = bundle;
    changed[at] = changed[at] == 'x' ? 'y' : 'x';
    EXPECT_FALSE(verify_evidence(changed, log_.key())) << at;
  }
}

TEST_F(EvidenceTest, AnotherKeyProvesNothing) {
  const std::string bundle = prove(17);
  InspectedLog other;
  other.use_another_key();
  const auto evidence = verify_evidence(bundle, other.key());
  ASSERT_FALSE(evidence);
  EXPECT_EQ(evidence.error().code, ErrorCode::kUnauthenticated);
}

TEST_F(EvidenceTest, AnotherRecordIsNotProven) {
  merkle::TlogProof proof = merkle::parse_tlog_proof(prove(17)).value();
  proof.extra = merkle::parse_tlog_proof(prove(18)).value().extra;
  EXPECT_EQ(refusal(merkle::format_tlog_proof(proof).value()), ErrorCode::kDataLoss);
}

TEST_F(EvidenceTest, ABundleHasItsRecord) {
  merkle::TlogProof proof = merkle::parse_tlog_proof(prove(17)).value();
  proof.extra.reset();
  EXPECT_EQ(refusal(merkle::format_tlog_proof(proof).value()), ErrorCode::kInvalidArgument);
  EXPECT_EQ(refusal("something else\n"), ErrorCode::kInvalidArgument);
}

TEST_F(EvidenceTest, WhatIsNotThereIsNotProven) {
  EXPECT_EQ(prove_record(files_, log_.folder(), 300).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(prove_record(files_, "/nowhere", 0).error().code, ErrorCode::kNotFound);
}

TEST_F(EvidenceTest, AChangedRecordIsNotProvenAndTheOthersAre) {
  const auto [path, at] = log_.place_of_record(17);
  log_.flip(path, at + 100, 2);
  const auto bundle = prove_record(files_, log_.folder(), 17);
  ASSERT_FALSE(bundle);
  EXPECT_EQ(bundle.error().code, ErrorCode::kDataLoss);
  EXPECT_TRUE(bundle.error().message.contains("wardlock audit verify"));
  EXPECT_NE(prove(18), "");
}

}  // namespace
}  // namespace wardlock::audit
