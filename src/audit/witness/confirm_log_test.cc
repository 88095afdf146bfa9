#include "audit/witness/confirm_log.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "audit/inspect/inspected_log_for_test.h"
#include "audit/log/log_folder.h"
#include "audit/witness/cosigned.h"
#include "audit/witness/witness_for_test.h"

namespace wardlock::audit {
namespace {

/// A log of ten records that is about to go on.
class BeforeGoingOn : public testing::Test {
 protected:
  BeforeGoingOn() { log_.append(10); }

  Result<void> ask(std::size_t witnesses = 1) {
    std::vector<WitnessClient> clients;
    for (std::size_t i = 0; i < witnesses; ++i) {
      clients.emplace_back(witness_.description(), witness_.post());
    }
    return ask_before_going_on(
        files_, log_.folder(), log_.key(), log_.read(LogPaths(log_.folder()).checkpoint()), clients,
        WitnessForTest::kNow,
        [this](const std::string& name, const Error&) { unasked_.push_back(name); });
  }

  PosixFiles files_;
  InspectedLog log_;
  WitnessForTest witness_{log_.key()};
  std::vector<std::string> unasked_;
};

TEST_F(BeforeGoingOn, WhatTheWitnessHasSeenMayGoOn) {
  EXPECT_TRUE(ask());
  EXPECT_TRUE(ask()) << "the same again";
  log_.append(3);
  EXPECT_TRUE(ask());
  EXPECT_EQ(witness_.seen().size, 13U);
  EXPECT_TRUE(unasked_.empty());
}

TEST_F(BeforeGoingOn, ARollbackAndAForkMayNot) {
  witness_.forget_and_see({.size = 11, .root = {}});
  const auto older = ask();
  ASSERT_FALSE(older);
  EXPECT_EQ(older.error().code, ErrorCode::kDataLoss);
  EXPECT_TRUE(older.error().message.contains("the witness `w1` has seen 11 records"))
      << older.error().message;
  merkle::TreeHead other = log_.head();
  other.root[3] ^= 1;
  witness_.forget_and_see(other);
  const auto fork = ask();
  ASSERT_FALSE(fork);
  EXPECT_TRUE(fork.error().message.contains("a fork")) << fork.error().message;
  witness_.forget_and_see({.size = 7, .root = {}});
  EXPECT_FALSE(ask()) << "other records among the first";
  EXPECT_TRUE(unasked_.empty());
}

TEST_F(BeforeGoingOn, WhoDoesNotAnswerAsItShouldIsToldOfAndKeepsNobody) {
  witness_.go_away(true);
  EXPECT_TRUE(ask());
  witness_.go_away(false);
  for (const int status : {200, 404, 403, 500}) {
    witness_.answer_with(net::HttpReply{.status = status});
    EXPECT_TRUE(ask()) << status;
  }
  EXPECT_EQ(unasked_.size(), 5U);
}

/// One that disagrees counts, whoever else is away.
TEST_F(BeforeGoingOn, EachIsAsked) {
  int asked = 0;
  std::vector<WitnessClient> clients;
  clients.emplace_back(witness_.description(),
                       [&](const std::string&, std::string_view) -> Result<net::HttpReply> {
                         ++asked;
                         return fail(ErrorCode::kUnavailable, "nobody is there");
                       });
  clients.emplace_back(witness_.description(), witness_.post());
  witness_.forget_and_see({.size = 11, .root = {}});
  EXPECT_FALSE(ask_before_going_on(files_, log_.folder(), log_.key(),
                                   log_.read(LogPaths(log_.folder()).checkpoint()), clients,
                                   WitnessForTest::kNow, [](const std::string&, const Error&) {}));
  EXPECT_EQ(asked, 1);
}

/// What is published of a log whose witness has signed.
class Cosigned : public BeforeGoingOn {
 protected:
  Cosigned() {
    latest_ = log_.read(LogPaths(log_.folder()).checkpoint());
    WitnessClient client(witness_.description(), witness_.post());
    TileFiles tiles(files_, log_.folder());
    merkle::TileReader nodes(tiles, 10);
    const auto said = client.submit(latest_, log_.key(), nodes, WitnessForTest::kNow);
    cosigned_ = merkle::add_signatures(latest_, said->cosignatures).value();
    keep(cosigned_);
  }

  void keep(const std::string& note) {
    ASSERT_TRUE(replace_file(files_, LogPaths(log_.folder()).cosigned(), note));
  }
  std::optional<CosignedCheckpoint> read() {
    return read_cosigned(
        files_, log_.folder(),
        {.origin = log_.key().name(), .log_keys = {log_.key()}, .witnesses = {}, .quorum = 0});
  }

  std::string latest_;
  std::string cosigned_;
};

TEST_F(Cosigned, ComesWithTheLatestOfThatVeryTree) {
  EXPECT_NE(cosigned_, latest_);
  EXPECT_EQ(with_cosignatures(latest_, read()), cosigned_);
  log_.append(3);
  const std::string later = log_.read(LogPaths(log_.folder()).checkpoint());
  EXPECT_EQ(with_cosignatures(later, read()), later);
  EXPECT_EQ(read()->checkpoint.head.size, 10U);
  EXPECT_EQ(with_cosignatures("", read()), "") << "before the first";
}

TEST_F(Cosigned, IsNothingThatTheLogHasNotSigned) {
  const std::size_t signatures = cosigned_.find("\n\n") + 2;
  const std::size_t second = cosigned_.find('\n', signatures) + 1;
  for (const std::string& other : {std::string(), cosigned_.substr(0, signatures),
                                   cosigned_.substr(0, signatures) + cosigned_.substr(second),
                                   "x" + cosigned_, cosigned_ + "x"}) {
    keep(other);
    EXPECT_FALSE(read()) << other;
    EXPECT_EQ(with_cosignatures(latest_, read()), latest_);
  }
  ASSERT_TRUE(files_.remove(LogPaths(log_.folder()).cosigned()));
  EXPECT_FALSE(read());
}

}  // namespace
}  // namespace wardlock::audit
