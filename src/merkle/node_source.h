#pragma once

#include <compare>
#include <cstdint>

#include "base/error.h"
#include "merkle/hash.h"

namespace wardlock::merkle {

/// A complete subtree: the one over the leaves `[index << height, (index + 1) << height)`.
struct NodeId {
  std::uint8_t height = 0;  ///< 0 is a leaf; at most 63
  std::uint64_t index = 0;  ///< counted from the left among the nodes of this height

  auto operator<=>(const NodeId&) const = default;
};

/// Where the hashes of complete subtrees come from, e.g. tiles (`TileReader`) or memory.
class NodeSource {
 public:
  virtual ~NodeSource() = default;

  /// The hash of that subtree; an error where it cannot be had. What comes is believed: who needs
  /// to be sure verifies the proof that was made of it.
  virtual Result<Hash> node(NodeId id) = 0;
};

}  // namespace wardlock::merkle
