#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "crypto/random.h"
#include "crypto/sealing_key.h"
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

TEST(RandomUuid, IsVersionFourAndNew) {
  const std::regex pattern("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string uuid = random_uuid();
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
