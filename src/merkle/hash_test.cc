#include "merkle/hash.h"

#include <gtest/gtest.h>

#include "merkle/compact_range.h"
#include "merkle/tree_for_test.h"

namespace wardlock::merkle {
namespace {

TEST(Hash, OfTheEmptyTreeIsThatOfNothing) { EXPECT_EQ(hex(empty_root()), known_root(0)); }

// RFC 9162 §2.1.1, taken literally.
TEST(Hash, OfLeavesAndNodesBeginsWithItsPrefix) {
  for (const std::size_t size : {0, 1, 54, 55, 56, 62, 63, 64, 65, 127, 128, 300, 60'000}) {
    const std::string entry(size, 'e');
    EXPECT_EQ(leaf_hash(entry), crypto::sha256(std::string(1, '\0') + entry)) << size;
  }
  const Hash left = leaf_hash("left"), right = leaf_hash("right");
  std::string message = "\x01";
  message.append(left.begin(), left.end()).append(right.begin(), right.end());
  EXPECT_EQ(node_hash(left, right), crypto::sha256(message));
  EXPECT_NE(node_hash(left, right), node_hash(right, left));
}

TEST(Hash, GivesTheKnownRoots) {
  CompactRange range;
  EXPECT_EQ(hex(range.root()), known_root(0));
  for (const std::string& entry : known_entries()) {
    range.append(leaf_hash(entry));
    EXPECT_EQ(hex(range.root()), known_root(range.size()));
  }
}

TEST(Hash, OfASubtreeIsItsRoot) {
  const std::vector<Hash> leaves = leaves_for_test(256);
  for (std::size_t size = 1; size <= leaves.size(); size *= 2) {
    EXPECT_EQ(subtree_root(std::span(leaves).first(size)),
              defined_root(std::span(leaves).first(size)));
  }
}

TEST(Hash, IsReadFromExactlyItsBase64) {
  const std::string text = to_base64(empty_root());
  EXPECT_EQ(text, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
  EXPECT_EQ(hash_from_base64(text), empty_root());
  for (const std::string_view wrong : {"", "47DE", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU",
                                       "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU=",
                                       "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=",
                                       "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
                                       "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFVV"}) {
    EXPECT_FALSE(hash_from_base64(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace wardlock::merkle
