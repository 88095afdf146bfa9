#include "merkle/proof.h"

#include <gtest/gtest.h>

#include <random>

#include "merkle/compact_range.h"
#include "merkle/tree_for_test.h"

namespace wardlock::merkle {
namespace {

constexpr std::uint64_t kSize = 70;

MemoryTree& tree() {
  static MemoryTree made(leaves_for_test(kSize));
  return made;
}
const TreeHead& head(std::uint64_t size) {
  static const std::vector<TreeHead> heads = [] {
    std::vector<TreeHead> made;
    for (std::uint64_t i = 0; i <= kSize; ++i) made.push_back(tree().head(i));
    return made;
  }();
  return heads.at(size);
}

Proof hashes(std::initializer_list<std::string_view> texts) {
  Proof proof;
  for (const std::string_view text : texts) proof.push_back(from_base64_for_test(text));
  return proof;
}

/// The tree of RFC 6962's known answers.
MemoryTree known_tree() {
  std::vector<Hash> leaves;
  for (const std::string& entry : known_entries()) leaves.push_back(leaf_hash(entry));
  return MemoryTree(std::move(leaves));
}

// The proofs that transparency-dev/merkle's vectors take as right (testdata, `happy path`).
constexpr std::string_view kLeaf0 = "bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=";
constexpr std::string_view kLeaf1 = "lqKW0iTyhcZ77pPDD4owkVfw2qNdxbh+QQt4YwoJz8c=";
constexpr std::string_view kLeaf4 = "vBoGQ7EuTS18d5GPROD095qDi2z57FtcKD4fTYhZnms=";
constexpr std::string_view kNode01 = "+sVCA+fMaWzw38tCySodnbr3CtnmIfS9jZhmLwDjwSU=";
constexpr std::string_view kNode23 = "Xwg/ChozygdqlSeYMlgNs+DvRYS9/x9UyKNg9Q3jAx4=";
constexpr std::string_view kNode45 = "DrxdNDf74tsVi58Sah0RjjCBgQMdCpSfje3t68VY72o=";
constexpr std::string_view kNode67 = "yoVOoSjtBQtBs1/8G4e46yveRh6eO1WW7Oa51ZdaCuA=";
constexpr std::string_view kLeaf6 = "sIaT7C5yFZcTBkHoIR5+7cy0wmQTlj7ubB4u0W/7Gl8=";
constexpr std::string_view kNode03 = "037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc=";
constexpr std::string_view kNode47 = "a0eq8p7jwq+a+Im8H7klTavTEXfxYjLdaqsDXKOb9uQ=";

TEST(InclusionProof, IsThatOfThePublicVectors) {
  MemoryTree known = known_tree();
  EXPECT_EQ(inclusion_proof(0, 1, known), Proof());
  EXPECT_EQ(inclusion_proof(0, 8, known), hashes({kLeaf1, kNode23, kNode47}));
  EXPECT_EQ(inclusion_proof(5, 8, known), hashes({kLeaf4, kNode67, kNode03}));
  EXPECT_EQ(inclusion_proof(2, 3, known), hashes({kNode01}));
  EXPECT_EQ(inclusion_proof(1, 5, known), hashes({kLeaf0, kNode23, kLeaf4}));
}

TEST(ConsistencyProof, IsThatOfThePublicVectors) {
  MemoryTree known = known_tree();
  EXPECT_EQ(consistency_proof(1, 1, known), Proof());
  EXPECT_EQ(consistency_proof(1, 8, known), hashes({kLeaf1, kNode23, kNode47}));
  EXPECT_EQ(consistency_proof(6, 8, known), hashes({kNode45, kNode67, kNode03}));
  EXPECT_EQ(consistency_proof(2, 5, known), hashes({kNode23, kLeaf4}));
  EXPECT_EQ(consistency_proof(6, 7, known), hashes({kNode45, kLeaf6, kNode03}));
}

TEST(Proofs, OfEveryLeafAndSizeVerify) {
  for (std::uint64_t size = 1; size <= kSize; ++size) {
    EXPECT_EQ(root_at(size, tree()), head(size).root);
    for (std::uint64_t index = 0; index < size; ++index) {
      const auto proof = inclusion_proof(index, size, tree());
      ASSERT_TRUE(proof);
      const Hash& leaf = tree().first(size)[index];
      EXPECT_TRUE(verify_inclusion(leaf, index, head(size), *proof)) << index << " of " << size;
    }
    for (std::uint64_t old_size = 0; old_size <= size; ++old_size) {
      const auto proof = consistency_proof(old_size, size, tree());
      ASSERT_TRUE(proof);
      EXPECT_TRUE(verify_consistency(head(old_size), head(size), *proof)) << old_size << size;
    }
  }
}

/// All ways to be one hash longer or shorter.
std::vector<Proof> of_another_length(const Proof& proof, const Hash& more) {
  std::vector<Proof> others;
  for (std::size_t at = 0; at <= proof.size(); ++at) {
    others.push_back(proof);
    others.back().insert(others.back().begin() + static_cast<std::ptrdiff_t>(at), more);
    if (at == proof.size()) continue;
    others.push_back(proof);
    others.back().erase(others.back().begin() + static_cast<std::ptrdiff_t>(at));
  }
  return others;
}

// What the names in transparency-dev/merkle's testdata/inclusion say, done to every proof.
TEST(InclusionProof, IsRefusedWhereLeafIndexOrLengthIsAnother) {
  const Hash random = leaf_hash("random");
  for (std::uint64_t size = 1; size <= kSize; ++size) {
    for (std::uint64_t index = 0; index < size; ++index) {
      const Proof proof = *inclusion_proof(index, size, tree());
      const Hash& leaf = tree().first(size)[index];
      EXPECT_FALSE(verify_inclusion(random, index, head(size), proof));
      EXPECT_FALSE(verify_inclusion(leaf, index, {size, random}, proof));
      EXPECT_FALSE(verify_inclusion(leaf, index, {size, empty_root()}, proof));
      EXPECT_FALSE(verify_inclusion(leaf, index, {size, {}}, proof));
      for (int bit = 0; bit < 64; ++bit) {
        const std::uint64_t other = index ^ std::uint64_t{1} << bit;
        EXPECT_FALSE(verify_inclusion(leaf, other, head(size), proof)) << other << " of " << size;
      }
      EXPECT_FALSE(verify_inclusion(leaf, index + 1, head(size), proof));
      EXPECT_FALSE(verify_inclusion(leaf, index - 1, head(size), proof));
      for (const Hash& more : {random, leaf, head(size).root}) {
        for (const Proof& other : of_another_length(proof, more)) {
          EXPECT_FALSE(verify_inclusion(leaf, index, head(size), other));
        }
      }
    }
  }
}

// What the names in testdata/consistency say.
TEST(ConsistencyProof, IsRefusedWhereRootsSizesOrLengthAreOthers) {
  const Hash random = leaf_hash("random");
  for (std::uint64_t size = 1; size <= kSize; ++size) {
    for (std::uint64_t old_size = 1; old_size < size; ++old_size) {
      const Proof proof = *consistency_proof(old_size, size, tree());
      const TreeHead &older = head(old_size), &newer = head(size);
      EXPECT_FALSE(verify_consistency({old_size, random}, newer, proof));
      EXPECT_FALSE(verify_consistency(older, {size, random}, proof));
      EXPECT_FALSE(verify_consistency({old_size, newer.root}, {size, older.root}, proof));
      EXPECT_FALSE(verify_consistency(newer, older, proof));
      EXPECT_FALSE(verify_consistency({0, empty_root()}, newer, proof));
      EXPECT_FALSE(verify_consistency({old_size - 1, older.root}, newer, proof));
      EXPECT_FALSE(verify_consistency({old_size + 1, older.root}, newer, proof));
      EXPECT_FALSE(verify_consistency(older, {size * 2, newer.root}, proof)) << old_size << size;
      for (const Hash& more : {random, older.root, newer.root}) {
        for (const Proof& other : of_another_length(proof, more)) {
          EXPECT_FALSE(verify_consistency(older, newer, other)) << old_size << " " << size;
        }
      }
    }
  }
}

Hash with_flipped(Hash hash, std::size_t bit) {
  hash[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
  return hash;
}

TEST(Proofs, AreRefusedWithAnyBitFlipped) {
  constexpr std::size_t kBits = kHashBytes * 8;
  for (const std::uint64_t size : {2, 7, 8, 13, 70}) {
    for (const std::uint64_t at : {std::uint64_t{1}, size / 2, size - 1}) {
      const Proof inclusion = *inclusion_proof(at, size, tree());
      const Proof consistency = *consistency_proof(at, size, tree());
      const Hash& leaf = tree().first(size)[at];
      const TreeHead &older = head(at), &newer = head(size);
      for (std::size_t bit = 0; bit < kBits; ++bit) {
        EXPECT_FALSE(verify_inclusion(with_flipped(leaf, bit), at, newer, inclusion));
        const TreeHead flipped{size, with_flipped(newer.root, bit)};
        EXPECT_FALSE(verify_inclusion(leaf, at, flipped, inclusion));
        EXPECT_FALSE(verify_consistency(older, flipped, consistency));
        EXPECT_FALSE(verify_consistency({at, with_flipped(older.root, bit)}, newer, consistency));
      }
      for (std::size_t bit = 0; bit < kBits * inclusion.size(); ++bit) {
        Proof other = inclusion;
        other[bit / kBits] = with_flipped(other[bit / kBits], bit % kBits);
        EXPECT_FALSE(verify_inclusion(leaf, at, newer, other));
      }
      for (std::size_t bit = 0; bit < kBits * consistency.size(); ++bit) {
        Proof other = consistency;
        other[bit / kBits] = with_flipped(other[bit / kBits], bit % kBits);
        EXPECT_FALSE(verify_consistency(older, newer, other));
      }
    }
  }
}

TEST(ConsistencyProof, OfAnEmptyOrTheSameTreeIsEmpty) {
  const Hash random = leaf_hash("random");
  const TreeHead none{0, empty_root()};
  EXPECT_TRUE(verify_consistency(none, none, {}));
  EXPECT_TRUE(verify_consistency(none, head(5), {}));
  EXPECT_TRUE(verify_consistency(head(5), head(5), {}));
  EXPECT_FALSE(verify_consistency(none, none, Proof{random}));
  EXPECT_FALSE(verify_consistency(none, head(5), Proof{random}));
  EXPECT_FALSE(verify_consistency(head(5), head(5), Proof{random}));
  EXPECT_FALSE(verify_consistency(head(5), head(5), Proof{head(5).root}));
  EXPECT_FALSE(verify_consistency(head(5), {5, random}, {}));
  EXPECT_FALSE(verify_consistency({0, random}, head(5), {}));
  EXPECT_FALSE(verify_consistency({0, random}, {0, random}, {}));
  EXPECT_FALSE(verify_consistency(head(5), none, {}));
  EXPECT_FALSE(verify_consistency(head(5), head(6), {}));
  EXPECT_FALSE(verify_consistency(head(4), head(6), {}));
}

TEST(Proofs, AreNotMadeOfWhatIsNotInTheTree) {
  EXPECT_EQ(inclusion_proof(0, 0, tree()).error().code, ErrorCode::kOutOfRange);
  EXPECT_EQ(inclusion_proof(5, 5, tree()).error().code, ErrorCode::kOutOfRange);
  EXPECT_EQ(consistency_proof(6, 5, tree()).error().code, ErrorCode::kOutOfRange);
  EXPECT_FALSE(verify_inclusion(empty_root(), 0, {0, empty_root()}, {}));
}

TEST(Proofs, BearTheLargestSizes) {
  constexpr std::uint64_t kAll = ~std::uint64_t{0};
  const Proof long_proof = leaves_for_test(64), longer = leaves_for_test(65);
  for (const std::uint64_t size : {kAll, kAll - 1, kAll / 2, kAll / 2 + 1, kAll / 2 + 2}) {
    for (const std::uint64_t at : {std::uint64_t{0}, std::uint64_t{1}, size / 2, size - 1}) {
      EXPECT_FALSE(verify_inclusion({}, at, {size, {}}, long_proof));
      EXPECT_FALSE(verify_inclusion({}, at, {size, {}}, longer));
      EXPECT_FALSE(verify_consistency({at, empty_root()}, {size, {}}, long_proof));
      EXPECT_FALSE(verify_consistency({at, empty_root()}, {size, {}}, longer));
    }
  }
}

TEST(Proofs, OfLargeTreesVerify) {
  constexpr std::uint64_t kLarge = 200'000;
  std::vector<Hash> leaves(kLarge);
  for (std::uint64_t i = 0; i < kLarge; ++i) {
    for (std::size_t byte = 0; byte < 8; ++byte) {
      leaves[i][byte] = static_cast<std::uint8_t>(i >> (8 * byte));
    }
  }
  MemoryTree large(std::move(leaves));
  std::mt19937_64 random(1);  // NOLINT(cert-msc51-cpp): the same each time
  for (int round = 0; round < 8; ++round) {
    const std::uint64_t size = 1 + random() % kLarge;
    const std::uint64_t at = random() % size;
    const TreeHead newer = large.head(size);
    const Proof inclusion = *inclusion_proof(at, size, large);
    EXPECT_TRUE(verify_inclusion(large.first(size)[at], at, newer, inclusion));
    EXPECT_FALSE(verify_inclusion(large.first(size)[at], at ^ 1, newer, inclusion));
    const Proof consistency = *consistency_proof(at, size, large);
    EXPECT_TRUE(verify_consistency(large.head(at), newer, consistency));
  }
}

}  // namespace
}  // namespace wardlock::merkle
