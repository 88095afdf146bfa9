#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "crypto/ed25519.h"
#include "crypto/random.h"
#include "crypto/sealing_key.h"
#include "crypto/seeded_hash.h"
#include "crypto/sha256.h"

namespace wardlock::crypto {
namespace {

std::string hash(std::initializer_list<std::string_view> parts) {
  Sha256 sha;
  for (const std::string_view part : parts) sha.update(part);
  return to_hex(sha.finish());
}

TEST(Sha256, MatchesTheStandardsExamples) {
  EXPECT_EQ(hash({}), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hash({"abc"}), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Sha256, PartsMakeNoDifference) { EXPECT_EQ(hash({"a", "", "bc"}), hash({"abc"})); }

TEST(Sha256, OfAPrefixAndATextIsThatOfBothTogether) {
  for (const std::size_t size : {0, 1, 54, 55, 56, 62, 63, 64, 65, 118, 119, 120, 127, 4096}) {
    const std::string text(size, 't');
    EXPECT_EQ(sha256_prefixed(0x01, text), sha256('\x01' + text)) << size;
  }
}

std::string from_hex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}
template <std::size_t Size>
std::array<std::uint8_t, Size> array_of_hex(std::string_view hex) {
  const std::string bytes = from_hex(hex);
  EXPECT_EQ(bytes.size(), Size);
  std::array<std::uint8_t, Size> array{};
  std::ranges::copy(bytes, array.begin());
  return array;
}

/// RFC 8032 §7.1, tests 1 to 3.
struct SigningExample {
  std::string_view seed, public_key, message, signature;
};
constexpr SigningExample kSigningExamples[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b"
     "46b"
     "d25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11"
     "d8c"
     "387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc"
     "659"
     "4a7c15e9716ed28dc027beceea1ec40a"}};

TEST(Ed25519, SignsAndVerifiesTheStandardsExamples) {
  for (const SigningExample& example : kSigningExamples) {
    const Ed25519SigningKey key(array_of_hex<kEd25519SeedBytes>(example.seed));
    const auto public_key = array_of_hex<32>(example.public_key);
    const std::string message = from_hex(example.message);
    const auto signature = array_of_hex<64>(example.signature);
    EXPECT_EQ(key.public_key(), public_key);
    EXPECT_EQ(key.sign(message), signature);
    EXPECT_TRUE(std::ranges::equal(key.seed(), array_of_hex<32>(example.seed)));
    EXPECT_TRUE(ed25519_verify(public_key, message, signature));
    EXPECT_FALSE(ed25519_verify(public_key, message + "x", signature));
  }
}

TEST(Ed25519, VerifiesNothingWithAnyBitFlipped) {
  const Ed25519SigningKey key = Ed25519SigningKey::generate();
  const std::string message = "message";
  const Ed25519Signature signature = key.sign(message);
  ASSERT_TRUE(ed25519_verify(key.public_key(), message, signature));
  for (std::size_t bit = 0; bit < 8 * signature.size(); ++bit) {
    Ed25519Signature changed = signature;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    EXPECT_FALSE(ed25519_verify(key.public_key(), message, changed)) << bit;
  }
  for (std::size_t bit = 0; bit < 8 * key.public_key().size(); ++bit) {
    Ed25519PublicKey changed = key.public_key();
    changed[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    EXPECT_FALSE(ed25519_verify(changed, message, signature)) << bit;
  }
}

TEST(Ed25519, GeneratesAnotherKeyEachTime) {
  EXPECT_NE(Ed25519SigningKey::generate().public_key(), Ed25519SigningKey::generate().public_key());
}

/// Some of C2SP/CCTV's ed25519vectors.json, by number; what is refused is flagged there as of low
/// order, with a low order residue, or not canonical.
struct EdgeCase {
  int number;
  bool verifies;
  std::string_view key, signature, message;
};
constexpr std::string_view kLowOrder =
    "0000000000000000000000000000000000000000000000000000000000000000";
constexpr std::string_view kNotCanonical =
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f";
constexpr std::string_view kMixedOrder =
    "10eb7c3acfb2bed3e0d6ab89bf5a3d6afddd1176ce4812e38d9fd485058fdb1f";
constexpr EdgeCase kEdgeCases[] = {
    {1, false, kLowOrder,
     "0000000000000000000000000000000000000000000000000000000000000000"
     "0000000000000000000000000000000000000000000000000000000000000000",
     "ed25519vectors 11"},
    {3, false, kLowOrder,
     "36684ea91032ba5b1dbab2d02f4debc74c3327f2b3802e2e4d371aa42b12b56b"
     "05ba9a796274d80437afa36f1236563f2f3b0aa84cecddc3d20914615ba4fe02",
     "ed25519vectors 3"},
    {5, false, kMixedOrder,
     "0000000000000000000000000000000000000000000000000000000000000000"
     "9472a69cd9a701a50d130ed52189e2455b23767db52cacb8716fb896ffeeac09",
     "ed25519vectors 3"},
    {6, false, kMixedOrder,
     "36684ea91032ba5b1dbab2d02f4debc74c3327f2b3802e2e4d371aa42b12b56b"
     "c02e2b9e63e385c058bf62b14b3a2b29ccefe8e38ddb536bc3f9865320a3d801",
     "ed25519vectors 10"},
    {7, true, kMixedOrder,
     "36684ea91032ba5b1dbab2d02f4debc74c3327f2b3802e2e4d371aa42b12b56b"
     "bbfd00bd9c259d8d222d15e67a3d8228585050dbb9b9585be20d8fadc721da03",
     "ed25519vectors"},
    {9, false, kNotCanonical,
     "0000000000000000000000000000000000000000000000000000000000000000"
     "0000000000000000000000000000000000000000000000000000000000000000",
     "ed25519vectors 6"},
    {11, false, kNotCanonical,
     "36684ea91032ba5b1dbab2d02f4debc74c3327f2b3802e2e4d371aa42b12b56b"
     "05ba9a796274d80437afa36f1236563f2f3b0aa84cecddc3d20914615ba4fe02",
     "ed25519vectors"},
    {17, false, kMixedOrder,
     "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"
     "ad7a355469b5c87e550469f6b2de409ee723acd584bf35f86b80c384e8ceb702",
     "ed25519vectors 3"},
};

TEST(Ed25519, RefusesWhatVerifiersDisagreeAbout) {
  for (const EdgeCase& edge : kEdgeCases) {
    EXPECT_EQ(
        ed25519_verify(array_of_hex<32>(edge.key), edge.message, array_of_hex<64>(edge.signature)),
        edge.verifies)
        << edge.number;
  }
}

TEST(SeededHash, EqualTextsHashAlikeWhereverTheyLie) {
  const std::string here = "Patient::pat-1";
  const std::string there = std::string("Patient::") + "pat-1";
  EXPECT_EQ(seeded_hash(here), seeded_hash(there));
  EXPECT_NE(seeded_hash(here), seeded_hash("Patient::pat-2"));
}

/// Runs this program once more, which writes what the text hashes to there.
std::string hash_in_another_process() {
  std::FILE* out = popen(  // NOLINT(cert-env33-c): our own program
      "WARDLOCK_TEST_HASH=pat-1 /proc/$PPID/exe --gtest_filter=SeededHash.IsShown", "r");
  std::string text;
  for (int c = std::fgetc(out); c != EOF; c = std::fgetc(out)) text += static_cast<char>(c);
  pclose(out);
  const std::size_t begin = text.find("hash=");
  return begin == std::string::npos ? "" : text.substr(begin, text.find('\n', begin) - begin);
}

TEST(SeededHash, IsShown) {
  const char* text = std::getenv("WARDLOCK_TEST_HASH");
  if (text == nullptr) GTEST_SKIP() << "for SeededHash.DiffersBetweenProcesses";
  std::printf("hash=%llu\n", static_cast<unsigned long long>(seeded_hash(text)));
}

TEST(SeededHash, DiffersBetweenProcesses) {
  const std::string one = hash_in_another_process(), other = hash_in_another_process();
  ASSERT_NE(one, "");
  EXPECT_NE(one, other) << "whoever knows the hashes of one process can choose keys for all";
}

TEST(RandomUuid, IsVersionFourAndNew) {
  const std::regex pattern("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const UuidText text = random_uuid();
    const std::string uuid(text.begin(), text.end());
    EXPECT_TRUE(std::regex_match(uuid, pattern)) << uuid;
    EXPECT_TRUE(seen.insert(uuid).second);
  }
}

TEST(SealingKey, OpensWhatItSealed) {
  const SealingKey key;
  for (const std::string_view text : {"", "p-100", "a text that is longer than one block of AES"}) {
    const std::string sealed = key.seal(text, "question");
    EXPECT_EQ(key.open(sealed, "question"), text);
    EXPECT_EQ(sealed.find("p-100"), std::string::npos);
    EXPECT_NE(key.seal(text, "question"), sealed);
  }
}

TEST(SealingKey, OpensNothingElse) {
  const SealingKey key, other;
  const std::string sealed = key.seal("p-100", "question");
  EXPECT_FALSE(key.open(sealed, "another question"));
  EXPECT_FALSE(key.open(sealed, ""));
  EXPECT_FALSE(other.open(sealed, "question"));
  for (std::size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_FALSE(key.open(sealed.substr(0, size), "question")) << size;
  }
  for (std::size_t at = 0; at < sealed.size(); ++at) {
    std::string changed = sealed;
    changed[at] ^= 1;
    EXPECT_FALSE(key.open(changed, "question")) << at;
  }
}

}  // namespace
}  // namespace wardlock::crypto
