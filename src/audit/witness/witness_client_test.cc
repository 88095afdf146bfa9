#include "audit/witness/witness_client.h"

#include <gtest/gtest.h>

#include "audit/inspect/evidence.h"
#include "audit/inspect/inspected_log_for_test.h"
#include "audit/log/log_folder.h"
#include "audit/witness/confirm_log.h"
#include "audit/witness/witness_for_test.h"
#include "merkle/tile_reader.h"

namespace wardlock::audit {
namespace {

using Verdict = Confirmation::Verdict;

class WitnessClientTest : public testing::Test {
 protected:
  WitnessClientTest() { log_.append(300); }

  Result<Confirmation> submit(WitnessClient& client) {
    const Prover prover = Prover::open(files_, log_.folder()).value();
    TileFiles tiles(files_, log_.folder());
    merkle::TileReader nodes(tiles, prover.head().size);
    return client.submit(prover.note(), prover.key(), nodes, WitnessForTest::kNow);
  }
  Result<Confirmation> submit() {
    WitnessClient client(witness_.description(), witness_.post());
    return submit(client);
  }
  Verdict verdict() {
    const auto said = submit();
    EXPECT_TRUE(said) << said.error().message;
    return said ? said->verdict : Verdict::kCosigned;
  }
  std::string refusal(int status, std::string body = "") {
    witness_.answer_with(net::HttpReply{.status = status, .body = std::move(body)});
    const auto said = submit();
    return said ? "" : said.error().message;
  }
  merkle::TreeHead other_tree(std::uint64_t size) {
    merkle::TreeHead head{.size = size, .root = log_.head().root};
    head.root[0] ^= 1;
    return head;
  }

  PosixFiles files_;
  InspectedLog log_;
  WitnessForTest witness_{log_.key()};
};

TEST_F(WitnessClientTest, AFirstCheckpointIsCosigned) {
  const auto said = submit();
  ASSERT_TRUE(said) << said.error().message;
  EXPECT_EQ(said->verdict, Verdict::kCosigned);
  EXPECT_EQ(said->cosignatures.size(), 1U);
  EXPECT_EQ(witness_.seen(), log_.head());
}

TEST_F(WitnessClientTest, OneThatContinuesItIsCosignedByOneRequest) {
  WitnessClient client(witness_.description(), witness_.post());
  ASSERT_TRUE(submit(client));
  log_.append(77);
  ASSERT_TRUE(submit(client));
  EXPECT_EQ(witness_.seen().size, 377U);
  ASSERT_EQ(witness_.requests().size(), 2U);
  EXPECT_EQ(witness_.requests()[1].old_size, 300U);
  EXPECT_FALSE(witness_.requests()[1].consistency.empty());
}

TEST_F(WitnessClientTest, WhoForgotWhatTheWitnessHasSeenIsTold) {
  ASSERT_EQ(verdict(), Verdict::kCosigned);
  log_.append(20);
  EXPECT_EQ(verdict(), Verdict::kCosigned);  // by a client that knows nothing
  EXPECT_EQ(witness_.requests().size(), 3U);
  EXPECT_EQ(witness_.seen(), log_.head());
}

TEST_F(WitnessClientTest, TheSameAgainIsCosignedAgain) {
  ASSERT_EQ(verdict(), Verdict::kCosigned);
  EXPECT_EQ(verdict(), Verdict::kCosigned);
}

TEST_F(WitnessClientTest, ALongerLogThatItHasSeenIsARollback) {
  witness_.forget_and_see(other_tree(301));
  const auto said = submit();
  ASSERT_TRUE(said);
  EXPECT_EQ(said->verdict, Verdict::kKnowsMore);
  EXPECT_EQ(said->known, 301U);
}

TEST_F(WitnessClientTest, AnotherTreeIsAFork) {
  for (const std::uint64_t size : {1U, 200U, 299U, 300U}) {
    witness_.forget_and_see(other_tree(size));
    const auto said = submit();
    ASSERT_TRUE(said) << said.error().message;
    EXPECT_EQ(said->verdict, Verdict::kFork) << size;
    EXPECT_EQ(said->known, size);
  }
}

TEST_F(WitnessClientTest, ADamagedLogIsNoFork) {
  ASSERT_EQ(verdict(), Verdict::kCosigned);
  log_.append(80);
  log_.flip(LogPaths(log_.folder()).hashes(0), 32UL * 310, 1);
  const auto said = submit();
  ASSERT_FALSE(said);
  EXPECT_EQ(said.error().code, ErrorCode::kDataLoss);
}

TEST_F(WitnessClientTest, ACosignatureIsTheWitnesssAndOfNow) {
  Witness other = witness_.description();
  InspectedLog another;
  another.use_another_key();
  constexpr std::array<std::uint8_t, 32> kSeed{8};
  other.key = merkle::SignerKey::from_seed("witness.example/w1",
                                           merkle::SignatureType::kEd25519Cosignature, kSeed)
                  ->verifier();
  WitnessClient client(other, witness_.post());
  EXPECT_EQ(submit(client).error().code, ErrorCode::kUnauthenticated);

  const std::uint64_t now = WitnessForTest::kNow;
  for (const std::uint64_t then : {now - 601, now + 601, std::uint64_t{0}}) {
    witness_.set_clock(then);
    const auto said = submit();
    ASSERT_FALSE(said) << then;
    EXPECT_EQ(said.error().code, ErrorCode::kUnauthenticated);
  }
  for (const std::uint64_t then : {now - 600, now + 600}) {
    witness_.set_clock(then);
    EXPECT_EQ(verdict(), Verdict::kCosigned);
  }
}

/// What it cosigned earlier is neither sent nor taken for an answer.
TEST_F(WitnessClientTest, AnEarlierCosignatureIsNotOfNow) {
  witness_.set_clock(WitnessForTest::kNow - 600);
  const auto before = submit();
  ASSERT_TRUE(before);
  const Prover prover = Prover::open(files_, log_.folder()).value();
  const std::string note = merkle::add_signatures(prover.note(), before->cosignatures).value();
  TileFiles tiles(files_, log_.folder());
  merkle::TileReader nodes(tiles, prover.head().size);
  WitnessClient client(witness_.description(), witness_.post());
  witness_.set_clock(WitnessForTest::kNow + 60);
  EXPECT_TRUE(client.submit(note, prover.key(), nodes, WitnessForTest::kNow + 60));
  EXPECT_EQ(witness_.requests().back().checkpoint, prover.note());
  witness_.set_clock(WitnessForTest::kNow - 600);
  EXPECT_FALSE(client.submit(note, prover.key(), nodes, WitnessForTest::kNow + 60));
}

/// Of the same witness, over what the log was before.
TEST_F(WitnessClientTest, ACosignatureOfAnotherCheckpointIsNone) {
  const auto said = submit();
  ASSERT_TRUE(said);
  const std::string before = merkle::format_signature(said->cosignatures.front());
  log_.append(1);
  EXPECT_TRUE(refusal(200, before).contains("did not cosign"));
}

TEST_F(WitnessClientTest, WhateverElseItAnswersSaysNothing) {
  EXPECT_TRUE(refusal(200).contains("sent no cosignature"));
  EXPECT_TRUE(refusal(200, "thank you\n").contains("sent no cosignature"));
  EXPECT_TRUE(refusal(404).contains("does not know the log `wardlock.example/test/audit`"));
  EXPECT_TRUE(refusal(403).contains("another key"));
  EXPECT_TRUE(refusal(400, "\x1b[2J?").contains("answered with 400: \\u{1b}[2J?"));
  EXPECT_TRUE(refusal(302).contains("answered with 302"));
  EXPECT_TRUE(refusal(500).contains("answered with 500"));
  EXPECT_TRUE(refusal(422).contains("refused a proof of nothing"));
  for (const char* const body : {"", "0\n", "many\n", "-1\n", "9223372036854775808\n", "12"}) {
    EXPECT_TRUE(refusal(409, body).contains("no other size")) << body;
  }
  witness_.answer_with({});
  witness_.go_away(true);
  EXPECT_EQ(submit().error().message, "the witness `w1`: nobody is there");
}

TEST_F(WitnessClientTest, OneThatNamesAnotherSizeEachTimeIsNotAskedForEver) {
  std::uint64_t size = 1;
  WitnessClient client(witness_.description(), [&](const std::string&, std::string_view) {
    return net::HttpReply{.status = 409, .body = std::to_string(size++) + "\n"};
  });
  EXPECT_TRUE(submit(client).error().message.contains("another size each time"));
  EXPECT_LT(size, 10U);
}

TEST_F(WitnessClientTest, AWholeLogIsConfirmed) {
  WitnessClient client(witness_.description(), witness_.post());
  const merkle::TreeHead verified = log_.head();
  log_.append(50);  // meanwhile
  const auto said =
      contradiction(files_, log_.folder(), log_.key(), verified, client, WitnessForTest::kNow);
  ASSERT_TRUE(said) << said.error().message;
  EXPECT_EQ(*said, std::nullopt);
  EXPECT_EQ(witness_.seen().size, 350U);
}

TEST_F(WitnessClientTest, ARolledBackLogIsContradicted) {
  witness_.forget_and_see(other_tree(400));
  WitnessClient client(witness_.description(), witness_.post());
  const auto said =
      contradiction(files_, log_.folder(), log_.key(), log_.head(), client, WitnessForTest::kNow);
  ASSERT_TRUE(said && *said);
  EXPECT_TRUE((*said)->contains("has seen 400 records, and the log has 300"));
}

TEST_F(WitnessClientTest, AForkIsContradicted) {
  witness_.forget_and_see(other_tree(100));
  WitnessClient client(witness_.description(), witness_.post());
  const auto said =
      contradiction(files_, log_.folder(), log_.key(), log_.head(), client, WitnessForTest::kNow);
  ASSERT_TRUE(said && *said);
  EXPECT_TRUE((*said)->contains("other records among the first 100"));
}

}  // namespace
}  // namespace wardlock::audit
