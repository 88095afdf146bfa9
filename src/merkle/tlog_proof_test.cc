#include "merkle/tlog_proof.h"

#include <gtest/gtest.h>

#include "merkle/tree_for_test.h"

namespace wardlock::merkle {
namespace {

constexpr std::uint64_t kSize = 13;
constexpr std::uint64_t kIndex = 9;

class TlogProofTest : public testing::Test {
 protected:
  TlogProofTest() {
    const Checkpoint checkpoint{"log.example", tree_.head(kSize), {}};
    proof_ = {.extra = std::nullopt,
              .index = kIndex,
              .inclusion = *inclusion_proof(kIndex, kSize, tree_),
              .checkpoint = *sign_checkpoint(checkpoint, log_, 0)};
  }
  const Hash& leaf(std::uint64_t index) const { return tree_.first(kSize)[index]; }
  std::string text() const { return *format_tlog_proof(proof_); }

  SignerKey log_ = *SignerKey::generate("log.example", SignatureType::kEd25519);
  CheckpointPolicy policy_{"log.example", {log_.verifier()}, {}, 0};
  MemoryTree tree_{leaves_for_test(kSize)};
  TlogProof proof_;
};

TEST_F(TlogProofTest, IsWrittenAsTheSpecificationShows) {
  std::string hashes;
  for (const Hash& hash : proof_.inclusion) hashes += to_base64(hash) + "\n";
  EXPECT_EQ(text(), "c2sp.org/tlog-proof@v1\nindex 9\n" + hashes + "\n" + proof_.checkpoint);
  proof_.extra = "opaque";
  EXPECT_EQ(text(), "c2sp.org/tlog-proof@v1\nextra b3BhcXVl\nindex 9\n" + hashes + "\n" +
                        proof_.checkpoint);
}

TEST_F(TlogProofTest, IsReadAndVerified) {
  for (const std::optional<std::string>& extra :
       {std::optional<std::string>(), std::optional<std::string>("extra\0data")}) {
    proof_.extra = extra;
    const auto read = parse_tlog_proof(text());
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, proof_);
    const auto verified = verify_tlog_proof(*read, leaf(kIndex), policy_);
    ASSERT_TRUE(verified) << verified.error().message;
    EXPECT_EQ(verified->head(), tree_.head(kSize));
  }
}

TEST_F(TlogProofTest, OfTheOnlyEntryHasNoHashes) {
  const Checkpoint checkpoint{"log.example", tree_.head(1), {}};
  const TlogProof proof{std::nullopt, 0, {}, *sign_checkpoint(checkpoint, log_, 0)};
  const auto read = parse_tlog_proof(*format_tlog_proof(proof));
  ASSERT_TRUE(read);
  EXPECT_TRUE(verify_tlog_proof(*read, leaf(0), policy_));
}

TEST_F(TlogProofTest, DoesNotVerifyForAnythingElse) {
  for (std::uint64_t other = 0; other < kSize; ++other) {
    if (other == kIndex) continue;
    EXPECT_FALSE(verify_tlog_proof(proof_, leaf(other), policy_)) << other;
    TlogProof changed = proof_;
    changed.index = other;
    EXPECT_FALSE(verify_tlog_proof(changed, leaf(kIndex), policy_)) << other;
  }
  const SignerKey stranger = *SignerKey::generate("log.example", SignatureType::kEd25519);
  EXPECT_EQ(verify_tlog_proof(proof_, leaf(kIndex), {"log.example", {stranger.verifier()}, {}, 0})
                .error()
                .code,
            ErrorCode::kUnauthenticated);
  EXPECT_FALSE(verify_tlog_proof(proof_, leaf(kIndex), {"other", {log_.verifier()}, {}, 0}));
  policy_.quorum = 1;
  EXPECT_FALSE(verify_tlog_proof(proof_, leaf(kIndex), policy_));
}

TEST_F(TlogProofTest, IsRefusedWithAnyBitFlipped) {
  const std::string good = text();
  for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
    std::string changed = good;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ 1 << bit % 8);
    const auto read = parse_tlog_proof(changed);
    EXPECT_FALSE(read && verify_tlog_proof(*read, leaf(kIndex), policy_)) << bit;
  }
}

TEST_F(TlogProofTest, IsRefusedCutOff) {
  const std::string good = text();
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(parse_tlog_proof(good.substr(0, size))) << size;
  }
  EXPECT_FALSE(parse_tlog_proof(good + "\n"));
}

TEST_F(TlogProofTest, IsNotReadWhereItIsMalformed) {
  const std::string hash = to_base64(empty_root()) + "\n", note = "\n" + proof_.checkpoint;
  std::string many;
  for (int i = 0; i < 64; ++i) many += hash;
  const std::string header = "c2sp.org/tlog-proof@v1\n";
  for (const std::string& bytes : {header,
                                   header + note,
                                   header + "index\n" + note,
                                   header + "index \n" + note,
                                   header + "index 01\n" + note,
                                   header + "index -1\n" + note,
                                   header + "index 1 \n" + note,
                                   header + "index 9223372036854775808\n" + note,
                                   header + "index 1\nextra YQ==\n" + note,
                                   header + "extra\nindex 1\n" + note,
                                   header + "extra \nindex 1\n" + note,
                                   header + "extra YQ\nindex 1\n" + note,
                                   header + "extra Y_==\nindex 1\n" + note,
                                   header + "extra YQ==\nextra YQ==\nindex 1\n" + note,
                                   header + "index 1\n" + proof_.checkpoint,
                                   header + "index 1\nhash\n" + note,
                                   header + "index 1\n " + hash + note,
                                   header + "index 1\n" + many + note,
                                   header + "\nindex 1\n" + note,
                                   "c2sp.org/tlog-proof@v2\nindex 1\n" + note,
                                   "\n" + header + "index 1\n" + note,
                                   "c2sp.org/tlog-proof@v1\r\nindex 1\n" + note}) {
    EXPECT_FALSE(parse_tlog_proof(bytes)) << bytes;
  }
  EXPECT_TRUE(parse_tlog_proof(header + "index 1\n" + many.substr(hash.size()) + note));
}

TEST_F(TlogProofTest, IsNotWrittenWhereItCouldNotBeRead) {
  TlogProof changed = proof_;
  changed.extra = "";
  EXPECT_FALSE(format_tlog_proof(changed));
  changed = proof_;
  changed.index = kMaxTreeSize + 1;
  EXPECT_FALSE(format_tlog_proof(changed));
  changed = proof_;
  changed.checkpoint.pop_back();
  EXPECT_FALSE(format_tlog_proof(changed));
  changed = proof_;
  changed.inclusion.resize(64);
  EXPECT_FALSE(format_tlog_proof(changed));
}

}  // namespace
}  // namespace wardlock::merkle
