#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/error.h"
#include "merkle/hash.h"
#include "merkle/node_source.h"

namespace wardlock::merkle {

/// The hashes of an inclusion or a consistency proof, in the order of RFC 9162 §2.1.3.1 and
/// §2.1.4.1.
using Proof = std::vector<Hash>;

/// The proof that leaf `index` is in the tree of `size` leaves. Errors: out_of_range unless
/// `index < size`; the source's.
Result<Proof> inclusion_proof(std::uint64_t index, std::uint64_t size, NodeSource& nodes);

/// The proof that the tree of `size` leaves begins with the tree of `old_size` leaves; empty where
/// there is nothing to prove, because the old tree is empty or the same. Errors: out_of_range
/// unless `old_size <= size`; the source's.
Result<Proof> consistency_proof(std::uint64_t old_size, std::uint64_t size, NodeSource& nodes);

/// The root of the tree of `size` leaves. Errors: the source's.
Result<Hash> root_at(std::uint64_t size, NodeSource& nodes);

/// Verifies after RFC 9162 §2.1.3.2 that the leaf with this `leaf_hash` is number `index` of the
/// tree. Pure and thread-safe; any input may be hostile. Errors: invalid_argument where `index` is
/// not in the tree or the proof is too long or too short; data_loss where it gives another root.
Result<void> verify_inclusion(const Hash& leaf, std::uint64_t index, const TreeHead& head,
                              std::span<const Hash> proof);

/// Verifies after RFC 9162 §2.1.4.2 that `head` continues `old_head`. An empty old tree is
/// continued by every tree, with an empty proof; a tree of the same size only by itself, with an
/// empty proof. A tree of size 0 has `empty_root()` or is refused. Errors as above.
Result<void> verify_consistency(const TreeHead& old_head, const TreeHead& head,
                                std::span<const Hash> proof);

}  // namespace wardlock::merkle
