#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <regex>
#include <set>

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
