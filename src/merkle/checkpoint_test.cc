#include "merkle/checkpoint.h"

#include <gtest/gtest.h>

#include "merkle/witness.h"

namespace wardlock::merkle {
namespace {

constexpr std::string_view kOrigin = "example.com/behind-the-sofa";
constexpr std::uint64_t kNow = 1'679'315'147;
// C2SP tlog-checkpoint's example.
constexpr std::string_view kText =
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

SignerKey signer(std::string_view name, SignatureType type = SignatureType::kEd25519) {
  return *SignerKey::generate(name, type);
}
SignerKey witness(std::string_view name) {
  return signer(name, SignatureType::kEd25519Cosignature);
}
Checkpoint example() { return *parse_checkpoint(kText); }

TEST(Checkpoint, IsReadAndWritten) {
  const Checkpoint checkpoint = example();
  EXPECT_EQ(checkpoint.origin, kOrigin);
  EXPECT_EQ(checkpoint.head.size, 20'852'163U);
  EXPECT_EQ(to_base64(checkpoint.head.root), "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=");
  EXPECT_TRUE(checkpoint.extensions.empty());
  EXPECT_EQ(format_checkpoint(checkpoint), kText);
}

TEST(Checkpoint, MayHaveExtensionsAndAnyOrigin) {
  const Checkpoint checkpoint{"go.sum database tree", {0, empty_root()}, {"one", "two words"}};
  const auto text = format_checkpoint(checkpoint);
  ASSERT_TRUE(text);
  EXPECT_TRUE(text->ends_with("\none\ntwo words\n"));
  EXPECT_EQ(parse_checkpoint(*text), checkpoint);
}

TEST(Checkpoint, IsNotReadWhereItIsMalformed) {
  const std::string hash = to_base64(empty_root());
  for (const std::string& text : {
           std::string(),
           std::string("\n"),
           std::string("o\n1\n"),
           "o\n1\n" + hash,
           "\n1\n" + hash + "\n",
           "o\n\n" + hash + "\n",
           "o\n01\n" + hash + "\n",
           "o\n00\n" + hash + "\n",
           "o\n+1\n" + hash + "\n",
           "o\n-1\n" + hash + "\n",
           "o\n 1\n" + hash + "\n",
           "o\n1 \n" + hash + "\n",
           "o\n0x1\n" + hash + "\n",
           "o\n1.0\n" + hash + "\n",
           "o\n1e3\n" + hash + "\n",
           "o\n9223372036854775808\n" + hash + "\n",
           "o\n18446744073709551616\n" + hash + "\n",
           "o\n99999999999999999999999\n" + hash + "\n",
           std::string("o\n1\n\n"),
           "o\n1\n " + hash + "\n",
           "o\n1\n" + hash.substr(1) + "\n",
           "o\n1\n" + hash.substr(0, 43) + "\n",
           "o\n1\n" + hash + "=\n",
           "o\n1\n" + hash + "\n\n",
           "o\n1\n" + hash + "\n\next\n",
           "o\n1\n" + hash + "\next",
           "o\n1\n" + hash + "\next\n\n",
       }) {
    EXPECT_FALSE(parse_checkpoint(text)) << text;
  }
  EXPECT_TRUE(parse_checkpoint("o\n9223372036854775807\n" + hash + "\n"));
}

TEST(Checkpoint, IsNotWrittenWhereItCouldNotBeRead) {
  const TreeHead head{1, {}};
  EXPECT_FALSE(format_checkpoint({"", head, {}}));
  EXPECT_FALSE(format_checkpoint({"two\nlines", head, {}}));
  EXPECT_FALSE(format_checkpoint({"origin\n", head, {}}));
  EXPECT_FALSE(format_checkpoint({"origin", {kMaxTreeSize + 1, {}}, {}}));
  EXPECT_FALSE(format_checkpoint({"origin", head, {""}}));
  EXPECT_FALSE(format_checkpoint({"origin", head, {"two\nlines"}}));
  EXPECT_FALSE(sign_checkpoint({"tab\t", head, {}}, signer("log"), kNow));
}

TEST(Checkpoint, OfTheLogIsBelieved) {
  const SignerKey log = signer(kOrigin);
  const auto bytes = sign_checkpoint(example(), log, kNow);
  ASSERT_TRUE(bytes);
  const CheckpointPolicy policy{std::string(kOrigin), {log.verifier()}, {}, 0};
  const auto verified = open_checkpoint(*bytes, policy);
  ASSERT_TRUE(verified) << verified.error().message;
  EXPECT_EQ(verified->checkpoint(), example());
  EXPECT_EQ(verified->head(), example().head);
  EXPECT_TRUE(verified->cosignatures().empty());
}

TEST(Checkpoint, OfAnotherLogOrKeyIsNot) {
  const SignerKey log = signer(kOrigin), impostor = signer(kOrigin);
  const std::string bytes = *sign_checkpoint(example(), log, kNow);
  CheckpointPolicy policy{"example.com/other", {log.verifier()}, {}, 0};
  EXPECT_EQ(open_checkpoint(bytes, policy).error().code, ErrorCode::kInvalidArgument);
  policy = {std::string(kOrigin), {impostor.verifier()}, {}, 0};
  EXPECT_EQ(open_checkpoint(bytes, policy).error().code, ErrorCode::kUnauthenticated);
  policy = {std::string(kOrigin), {}, {}, 0};
  EXPECT_EQ(open_checkpoint(bytes, policy).error().code, ErrorCode::kUnauthenticated);
  EXPECT_FALSE(open_checkpoint(bytes.substr(0, bytes.size() - 1), policy));
}

TEST(Checkpoint, IsBelievedAfterTheLogsKeyHasChanged) {
  const SignerKey old_key = signer(kOrigin), new_key = signer(kOrigin);
  const CheckpointPolicy policy{
      std::string(kOrigin), {old_key.verifier(), new_key.verifier()}, {}, 0};
  EXPECT_TRUE(open_checkpoint(*sign_checkpoint(example(), old_key, kNow), policy));
  EXPECT_TRUE(open_checkpoint(*sign_checkpoint(example(), new_key, kNow), policy));
}

TEST(Checkpoint, SignedByAKeyMustStillBeACheckpoint) {
  const SignerKey log = signer(kOrigin);
  const std::string text = "example.com/behind-the-sofa\nmany\nleaves\n";
  const auto bytes = format_note({text, {log.sign(text, kNow)}});
  EXPECT_FALSE(open_checkpoint(*bytes, {std::string(kOrigin), {log.verifier()}, {}, 0}));
}

class CosignedCheckpoint : public testing::Test {
 protected:
  std::string cosigned(const std::vector<const SignerKey*>& by) const {
    std::vector<NoteSignature> signatures;
    for (const SignerKey* key : by) signatures.push_back(key->sign(kText, kNow));
    return *add_signatures(*sign_checkpoint(example(), log_, kNow), signatures);
  }
  CheckpointPolicy policy(std::size_t quorum) const {
    return {std::string(kOrigin),
            {log_.verifier()},
            {first_.verifier(), second_.verifier(), third_.verifier()},
            quorum};
  }

  SignerKey log_ = signer(kOrigin);
  SignerKey first_ = witness("w/1"), second_ = witness("w/2"), third_ = witness("w/3");
  SignerKey stranger_ = witness("w/stranger");
};

TEST_F(CosignedCheckpoint, NeedsItsQuorum) {
  const std::string two = cosigned({&first_, &stranger_, &third_});
  for (const std::size_t quorum : {0, 1, 2}) {
    const auto verified = open_checkpoint(two, policy(quorum));
    ASSERT_TRUE(verified) << verified.error().message;
    ASSERT_EQ(verified->cosignatures().size(), 2U);
    EXPECT_EQ(verified->cosignatures()[0].witness, "w/1");
    EXPECT_EQ(verified->cosignatures()[1].witness, "w/3");
    EXPECT_EQ(verified->cosignatures()[1].unix_seconds, kNow);
  }
  EXPECT_EQ(open_checkpoint(two, policy(3)).error().code, ErrorCode::kUnauthenticated);
}

TEST_F(CosignedCheckpoint, CountsAWitnessOnce) {
  std::vector<NoteSignature> signatures;
  for (const std::uint64_t time : {1, 2, 3}) signatures.push_back(first_.sign(kText, time));
  const auto bytes = add_signatures(*sign_checkpoint(example(), log_, kNow), signatures);
  EXPECT_EQ(open_checkpoint(*bytes, policy(1))->cosignatures().size(), 1U);
  EXPECT_FALSE(open_checkpoint(*bytes, policy(2)));
}

TEST_F(CosignedCheckpoint, NeedsTheLogToo) {
  const std::vector<NoteSignature> signatures = {first_.sign(kText, kNow)};
  const auto bytes = format_note({std::string(kText), signatures});
  EXPECT_EQ(open_checkpoint(*bytes, policy(1)).error().message,
            "the log itself has not signed the checkpoint");
}

TEST_F(CosignedCheckpoint, IsRefusedWhereAWitnessSignedAnother) {
  const std::vector<NoteSignature> signatures = {
      first_.sign(kText, kNow), second_.sign("example.com/behind-the-sofa\n1\nAAAA\n", kNow)};
  const auto bytes = add_signatures(*sign_checkpoint(example(), log_, kNow), signatures);
  EXPECT_EQ(open_checkpoint(*bytes, policy(1)).error().code, ErrorCode::kUnauthenticated);
}

TEST_F(CosignedCheckpoint, TakesNoKeyForAWitnessThatMakesNoCosignatures) {
  CheckpointPolicy wrong = policy(1);
  wrong.witnesses.push_back(signer("w/plain").verifier());
  EXPECT_EQ(open_checkpoint(cosigned({&first_}), wrong).error().code, ErrorCode::kInvalidArgument);
}

TEST_F(CosignedCheckpoint, DoesNotGetTheSameSignatureTwice) {
  const std::string once = cosigned({&first_});
  const std::vector<NoteSignature> again = {first_.sign(kText, kNow)};
  EXPECT_EQ(add_signatures(once, again), once);
  EXPECT_FALSE(add_signatures("no note", again));
}

TEST_F(CosignedCheckpoint, IsAskedForAsWitnessesExpect) {
  const AddCheckpoint request{20'852'014, {empty_root(), {}}, cosigned({})};
  const auto body = format_add_checkpoint(request);
  ASSERT_TRUE(body);
  EXPECT_EQ(*body, "old 20852014\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n" +
                       std::string(43, 'A') + "=\n\n" + cosigned({}));
  EXPECT_EQ(parse_add_checkpoint(*body), request);
  const AddCheckpoint first{0, {}, cosigned({})};
  EXPECT_EQ(*format_add_checkpoint(first), "old 0\n\n" + cosigned({}));
}

TEST_F(CosignedCheckpoint, IsNotAskedForInAnotherWay) {
  const std::string note = cosigned({}), hash = to_base64(empty_root()) + "\n";
  std::string many;
  for (int i = 0; i < 64; ++i) many += hash;
  for (const std::string& body :
       {std::string(), std::string("old 0\n"), std::string("old 0\n\n"), "old 0\n" + note,
        "old 00\n\n" + note, "old -1\n\n" + note, "old\n\n" + note, "Old 0\n\n" + note,
        "old 0 \n\n" + note, "\n" + note, "old 1\n" + many + "\n" + note, "old 1\nhash\n\n" + note,
        "old 1\n" + hash + note}) {
    EXPECT_FALSE(parse_add_checkpoint(body)) << body;
  }
  EXPECT_TRUE(parse_add_checkpoint("old 1\n" + many.substr(hash.size()) + "\n" + note));
}

}  // namespace
}  // namespace wardlock::merkle
