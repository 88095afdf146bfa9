#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "crypto/sha256.h"

namespace wardlock::merkle {

/// The hashes of a Merkle tree after RFC 9162 §2.1.1, which are those of RFC 6962, with SHA-256.
/// All functions are thread-safe and take no memory from the heap but for what they return.

using Hash = crypto::Sha256Digest;
inline constexpr std::size_t kHashBytes = sizeof(Hash);

/// What others count leaves with is signed, so no tree of ours is larger.
inline constexpr std::uint64_t kMaxTreeSize = (std::uint64_t{1} << 63) - 1;

/// A tree of so many leaves has this root.
struct TreeHead {
  std::uint64_t size = 0;
  Hash root{};

  bool operator==(const TreeHead&) const = default;
};

/// SHA-256 of 0x00 and the entry.
Hash leaf_hash(std::string_view entry);

/// SHA-256 of 0x01 and both.
Hash node_hash(const Hash& left, const Hash& right);

/// The root of a tree without leaves: SHA-256 of nothing.
const Hash& empty_root();

/// The root over 2^n hashes side by side. Requires a power of two of them.
Hash subtree_root(std::span<const Hash> hashes);

/// The root over complete subtrees side by side, each smaller than the one to its left. Requires
/// one at least.
Hash joined_root(std::span<const Hash> subtrees);

/// Standard base64, as checkpoints and proofs write a hash; and back, from exactly that.
std::string to_base64(const Hash& hash);
Result<Hash> hash_from_base64(std::string_view text);

}  // namespace wardlock::merkle
