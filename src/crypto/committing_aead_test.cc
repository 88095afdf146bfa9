#include "crypto/committing_aead.h"

#include <gtest/gtest.h>

#include <optional>

#include "crypto/keyed_hash.h"
#include "crypto/random.h"

namespace wardlock::crypto {
namespace {

std::string seal(const SymmetricKey& key, std::string_view text, std::string_view belongs_to) {
  std::array<std::uint8_t, kAeadNonceBytes> nonce;
  fill_random(nonce);
  std::string out;
  seal_aead(key, nonce, text, belongs_to, out);
  return out;
}

std::optional<std::string> open(const SymmetricKey& key, std::string_view sealed,
                                std::string_view belongs_to) {
  std::string text(sealed.size() < kAeadOverhead ? 0 : sealed.size() - kAeadOverhead, 'x');
  if (!open_aead(key, sealed, belongs_to, text)) return std::nullopt;
  return text;
}

TEST(CommittingAead, OpensWhatItSealed) {
  const SymmetricKey key = SymmetricKey::random();
  for (const std::string& text : {std::string(), std::string("p-100"), std::string(70000, 'a')}) {
    const std::string sealed = seal(key, text, "record 7");
    EXPECT_EQ(sealed.size(), text.size() + kAeadOverhead);
    EXPECT_EQ(open(key, sealed, "record 7"), text);
    EXPECT_EQ(sealed.find("p-100"), std::string::npos);
    EXPECT_NE(seal(key, text, "record 7"), sealed);
  }
}

TEST(CommittingAead, AppendsToWhatIsThere) {
  std::string out = "before";
  seal_aead(SymmetricKey(), std::array<std::uint8_t, kAeadNonceBytes>{}, "text", "", out);
  EXPECT_TRUE(out.starts_with("before"));
  EXPECT_EQ(open(SymmetricKey(), std::string_view(out).substr(6), ""), "text");
}

TEST(CommittingAead, OpensNothingElse) {
  const SymmetricKey key = SymmetricKey::random();
  const std::string sealed = seal(key, "p-100", "record 7");
  EXPECT_FALSE(open(key, sealed, "record 8"));
  EXPECT_FALSE(open(key, sealed, ""));
  EXPECT_FALSE(open(key, sealed, "record 7 "));
  EXPECT_FALSE(open(SymmetricKey::random(), sealed, "record 7"));
  EXPECT_FALSE(open(key, sealed + '\0', "record 7"));
  for (std::size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_FALSE(open(key, sealed.substr(0, size), "record 7")) << size;
  }
  for (std::size_t bit = 0; bit < 8 * sealed.size(); ++bit) {
    std::string changed = sealed;
    changed[bit / 8] ^= static_cast<char>(1 << bit % 8);
    EXPECT_FALSE(open(key, changed, "record 7")) << bit;
  }
}

TEST(CommittingAead, AFailureLeavesNothingReadable) {
  const SymmetricKey key = SymmetricKey::random();
  std::string sealed = seal(key, "p-100", "");
  sealed.back() ^= 1;
  std::string text = "12345";
  EXPECT_FALSE(open_aead(key, sealed, "", text));
  EXPECT_EQ(text, std::string(5, '\0'));
}

/// The library's cipher accepts what its own key sealed, but we demand the commitment, too: a text
/// made for another key, with whichever commitment, does not open.
TEST(CommittingAead, ACommitmentOfAnotherKeyDoesNotOpen) {
  const SymmetricKey key = SymmetricKey::random(), other = SymmetricKey::random();
  const std::string mine = seal(key, "p-100", ""), theirs = seal(other, "p-200", "");
  std::string mixed = mine;
  mixed.replace(kAeadNonceBytes, 32, theirs, kAeadNonceBytes, 32);
  EXPECT_FALSE(open(key, mixed, ""));
  EXPECT_FALSE(open(other, mixed, ""));
}

TEST(KeyedHash, IsBlake2bOfLengthsAndParts) {
  // From Python: hashlib.blake2b(b''.join(struct.pack('<Q', len(p)) + p for p in parts),
  // digest_size=32, key=bytes(range(32))).hexdigest()
  std::array<std::uint8_t, 32> bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i);
  const KeyedDigest digest = keyed_hash(SymmetricKey(bytes), "test", {"ab", ""});
  std::string hex;
  for (const std::uint8_t byte : digest) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  EXPECT_EQ(hex, "4dc9cd4964d6e7b8a2d423da7fff1270b8eceb0c2301b86fa687e682f694e4ed");
}

TEST(KeyedHash, TellsKeysPurposesAndPartsApart) {
  const SymmetricKey key = SymmetricKey::random(), other = SymmetricKey::random();
  const KeyedDigest digest = keyed_hash(key, "test", {"ab", "c"});
  EXPECT_EQ(digest, keyed_hash(key, "test", {"ab", "c"}));
  EXPECT_NE(digest, keyed_hash(other, "test", {"ab", "c"}));
  EXPECT_NE(digest, keyed_hash(key, "tes", {"tab", "c"}));
  EXPECT_NE(digest, keyed_hash(key, "test", {"a", "bc"}));
  EXPECT_NE(digest, keyed_hash(key, "test", {"abc"}));
  EXPECT_NE(digest, keyed_hash(key, "test", {"ab", "c", ""}));
}

TEST(DerivedKey, DependsOnKeyAndPurpose) {
  const SymmetricKey key = SymmetricKey::random();
  EXPECT_EQ(derive_key(key, "wrap"), derive_key(key, "wrap"));
  EXPECT_NE(derive_key(key, "wrap"), derive_key(key, "find"));
  EXPECT_NE(derive_key(key, "wrap"), derive_key(SymmetricKey::random(), "wrap"));
  EXPECT_NE(derive_key(key, "wrap"), key);
}

}  // namespace
}  // namespace wardlock::crypto
